"""What of SVG may stand in a logo: whatever is not on the list is refused, whoever would know what it does."""

import re
from pathlib import Path

import pytest

from understudy_failover.settings.logo import ELEMENTS, read_logo
from understudy_failover.settings.problem import Problem

ELSEWHERE = "https://elsewhere.example/x"
REFUSED_ELEMENTS = (
    "a",
    "animate",
    "animateTransform",
    "audio",
    "discard",
    "feImage",
    "filter",
    "foreignObject",
    "iframe",
    "image",
    "link",
    "marker",
    "metadata",
    "pattern",
    "script",
    "set",
    "style",
    "symbol",
    "switch",
    "textPath",
    "use",
    "video",
    "view",
    "x",
)
REFUSED_ATTRIBUTES = {
    "onload": "x",
    "ONLOAD": "x",
    "onfocusin": "x",
    "style": "fill: red",
    "STYLE": "fill: red",
    "class": "card",
    "href": "#a",
    "src": ELSEWHERE,
    "cursor": "pointer",
    "filter": "url(#a)",
    "marker-end": "url(#a)",
    "mask-image": "none",
    "background": "red",
    "content": "x",
    "tabindex": "0",
    "lang": "en",
    "systemLanguage": "en",
    "requiredExtensions": "x",
    "slot": "x",
    "is": "x",
}
REFUSED_VALUES = (
    f"url({ELSEWHERE})",
    f"URL({ELSEWHERE})",
    f"uRl('{ELSEWHERE}')",
    f'url("{ELSEWHERE}")',
    "url(//elsewhere.example/x)",
    "url(data:image/png;base64,AA)",
    "url(/x)",
    "url(x.svg#a)",
    "url( #a )",
    "url(#a) , url(x)",
    r"\75rl(x)",
    r"u\rl(x)",
    r"red\0",
    "image-set(red)",
    "-webkit-image-set(red)",
    "image(red)",
    "cross-fade(red, red)",
    "element(#a)",
    "attr(id)",
    "var(--card)",
    "env(x)",
    "expression(x)",
    "calc(1 + 1)",
    "src(x)",
    "red;fill:blue",
    "red}x{",
    "red/*x*/",
    "@import x",
    ELSEWHERE,
    "javascript:x",
    "<x>",
    "é",
    "{{resolve:ssm:x}}",
)
ALLOWED = (
    "",
    "none",
    "currentColor",
    "#b45309",
    "red",
    "rgb(10, 20, 30)",
    "rgba(10 20 30 / 50%)",
    "hsl(30deg 50% 40%)",
    "url(#gradient)",
    "url(#gradient) red",
    "M0,0 L10-5.5e-3 10Z",
    "translate(1,2) rotate(45) matrix(1 0 0 1 0 0)",
    "'Segoe UI', sans-serif",
)


def problems(folder: Path, markup: str) -> list[Problem]:
    """What is wrong with a logo."""
    reported: list[Problem] = []
    (folder / "logo.svg").write_text(markup, encoding="utf-8")
    text = read_logo(folder / "logo.svg", "logo.svg", reported)
    assert bool(text) != bool(reported)
    return reported


def drawing(inner: str = "", **attributes: str) -> str:
    """An SVG drawing whose path has these attributes."""
    escaped = "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path{escaped}/>{inner}</svg>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@pytest.mark.parametrize("name", REFUSED_ELEMENTS)
def test_an_element_that_is_not_on_the_list_is_refused(tmp_path: Path, name: str) -> None:
    [problem] = problems(tmp_path, drawing(f"<{name}/>"))
    assert problem.wrong == f"cannot be used: has <{name}>"


@pytest.mark.parametrize("outer", ["title", "desc", "text", "tspan"])
@pytest.mark.parametrize("name", sorted(ELEMENTS))
def test_an_element_with_text_holds_no_other(tmp_path: Path, name: str, outer: str) -> None:
    """In `title` and `desc` of a drawing, a page is HTML again: `<title />` would swallow what is after it."""
    inner = f"<{outer}><{name}/></{outer}>"
    drawn = drawing(f"<text>{inner}</text>" if outer == "tspan" else inner)
    if name == "tspan" and outer in {"text", "tspan"}:
        assert problems(tmp_path, drawn) == []
    else:
        [problem] = problems(tmp_path, drawn)
        assert problem.wrong == f"cannot be used: has <{name}> in <{outer}>"


@pytest.mark.parametrize("outer", ["svg", "g", "defs", "path"])
def test_a_drawing_in_a_drawing_is_refused(tmp_path: Path, outer: str) -> None:
    inner = '<svg viewBox="0 0 9 9"/>'
    [problem] = problems(tmp_path, drawing(inner if outer == "svg" else f"<{outer}>{inner}</{outer}>"))
    assert problem.wrong == f"cannot be used: has <svg> in <{outer}>"


@pytest.mark.parametrize("namespace", ["http://www.w3.org/1999/xhtml", "urn:editor"])
def test_an_element_of_another_namespace_is_refused(tmp_path: Path, namespace: str) -> None:
    [problem] = problems(tmp_path, drawing(f'<title xmlns="{namespace}"/>'))
    assert problem.wrong == "cannot be used: has <title> outside of the namespace http://www.w3.org/2000/svg"
    [problem] = problems(tmp_path, drawing().replace("http://www.w3.org/2000/svg", namespace))
    assert "<svg> outside of the namespace" in problem.wrong


@pytest.mark.parametrize("name", REFUSED_ATTRIBUTES)
def test_an_attribute_that_is_not_on_the_list_is_refused(tmp_path: Path, name: str) -> None:
    [problem] = problems(tmp_path, drawing(**{name: REFUSED_ATTRIBUTES[name]}))
    assert problem.wrong == f"cannot be used: has {name}=…"


def test_a_class_is_refused_on_the_outer_element_too(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, drawing().replace("<svg ", '<svg class="card" '))
    assert problem.wrong == "cannot be used: has class=…"


@pytest.mark.parametrize("attribute", ["fill", "clip-path", "font-family", "d", "transform", "id"])
@pytest.mark.parametrize("value", REFUSED_VALUES)
def test_a_value_that_could_load_or_end_a_declaration_is_refused(tmp_path: Path, value: str, attribute: str) -> None:
    [problem] = problems(tmp_path, drawing(**{attribute: value}))
    assert problem.wrong == f"cannot be used: has {attribute}=…"


@pytest.mark.parametrize("value", ALLOWED)
def test_what_draws_is_taken(tmp_path: Path, value: str) -> None:
    assert problems(tmp_path, drawing(fill=value)) == []


def test_a_reference_of_cloudformation_in_its_text_is_refused(tmp_path: Path) -> None:
    reported: list[Problem] = []
    (tmp_path / "logo.svg").write_text(drawing("<title>{{resolve:ssm:x}}</title>"), encoding="utf-8")
    read_logo(tmp_path / "logo.svg", "logo.svg", reported)
    assert "CloudFormation" in reported[0].wrong


def test_its_ids_are_none_of_the_pages(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(drawing(id="card", fill="url(#card)"), encoding="utf-8")
    assert 'id="logo-card" fill="url(#logo-card)"' in read_logo(tmp_path / "logo.svg", "logo.svg", [])


def test_what_an_editor_notes_for_itself_is_dropped(tmp_path: Path) -> None:
    text = drawing().replace("<path", '<path xmlns:i="urn:editor" i:label="x" data-name="y" aria-label="z"')
    (tmp_path / "logo.svg").write_text(text, encoding="utf-8")
    assert read_logo(tmp_path / "logo.svg", "logo.svg", []) == '<svg viewBox="0 0 9 9"><path /></svg>'


@pytest.mark.parametrize("content", [b"", b"<svg", b"\xff\xfe", b'<?xml version="1.0" encoding="x"?><svg/>', b"\0"])
def test_a_file_that_is_no_drawing_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "logo.svg").write_bytes(content)
    reported: list[Problem] = []
    assert read_logo(tmp_path / "logo.svg", "logo.svg", reported) == ""
    assert len(reported) == 1


def test_a_drawing_of_3_000_levels_is_refused(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, drawing("<g>" * 3_000 + "</g>" * 3_000))
    assert problem.wrong == "cannot be used: has more than 16 levels"


def test_the_pages_own_drawing_would_be_taken_but_for_its_classes(root: Path, tmp_path: Path) -> None:
    text = (root / "maintenance_site" / "drawing.svg").read_text(encoding="utf-8")
    assert [problem.wrong for problem in problems(tmp_path, text)] == ["cannot be used: has class=…"]
    assert problems(tmp_path, re.sub(' class="[^"]*"', "", text)) == []
