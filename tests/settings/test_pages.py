"""Pages of their own for some hosts, and the folders with their logos and texts."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.samples import load_from, problems_from, smallest
from understudy_failover.settings import Page, Settings
from understudy_failover.settings.page_folder import OwnTexts, OwnWords
from understudy_failover.settings.pages import HostPage, contrast

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="x()"/>'


def _document(page: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    """The smallest file with one page for its host."""
    return smallest() | {"page": page or {}, "pages": [{"name": "shop", "hosts": ["www.example.com"], **keys}]}


def _write(folder: Path, name: str, text: str) -> None:
    file = folder / "pages" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _merged(settings: Settings) -> Page:
    return settings.pages[0].over(settings.page)


def test_a_page_says_what_it_says_and_leaves_the_rest_to_the_default(folder: Path) -> None:
    merged = _merged(load_from(folder, _document({"contact": "A", "service": "B"}, service="C", accent="#000000")))
    assert (merged.contact, merged.service, merged.accent, merged.language) == ("A", "C", "#000000", "en")


def test_every_key_of_a_page_but_its_own_three_is_one_of_the_default(folder: Path) -> None:
    assert set(HostPage.model_fields) - set(Page.model_fields) == {"name", "hosts"}


def test_words_of_the_default_do_not_stand_in_a_page_of_another_language(folder: Path) -> None:
    merged = _merged(load_from(folder, _document({"title": "Back soon"}, language="de")))
    assert (merged.language, merged.title) == ("de", None)


@pytest.mark.parametrize(
    ("page", "keys", "place", "wrong"),
    [
        ({}, {"name": "default"}, ("pages", 0, "name"), "is the name of [page]"),
        ({}, {"name": "Shop"}, ("pages", 0, "name"), "is not in the allowed form"),
        ({}, {"hosts": []}, ("pages", 0, "hosts"), "is empty"),
        ({}, {"hosts": ["api.example.com"]}, ("pages", 0, "hosts", 0), "is no host of a server"),
        ({}, {"language": "sv"}, ("pages", 0, "language"), "is not in the allowed form"),
        ({}, {"service": "s" * 61}, ("pages", 0, "service"), "is too long"),
        ({}, {"title": ""}, ("pages", 0, "title"), "is empty"),
        ({}, {"message": ""}, ("pages", 0, "message"), "is empty"),
        ({}, {"contact": 5}, ("pages", 0, "contact"), "is not text"),
        ({}, {"accent": "red"}, ("pages", 0, "accent"), "is not a colour"),
        ({}, {"accent_dark": "red"}, ("pages", 0, "accent_dark"), "is not a colour"),
        ({}, {"retry_after_seconds": 10}, ("pages", 0, "retry_after_seconds"), "is not a key in [[pages]]"),
        ({}, {"folder": "x"}, ("pages", 0, "folder"), "is not a key in [[pages]]"),
        ({"languages": ["en"]}, {"language": "ja"}, ("pages", 0, "language"), "is not offered"),
        ({"languages": ["ja"], "language": "en"}, {}, ("page", "language"), "is not offered"),
        (
            {},
            {"status_page": "https://www.example.com/status"},
            ("pages", 0, "status_page"),
            "is on a host that fails over, and would lead back to the page",
        ),
        (
            {"status_page": "https://www.example.com/"},
            {},
            ("page", "status_page"),
            "is on a host that fails over, and would lead back to the page",
        ),
    ],
)
def test_what_a_page_must_not_say_is_one_problem(
    folder: Path, page: dict[str, Any], keys: dict[str, Any], place: tuple[str | int, ...], wrong: str
) -> None:
    assert [(problem.place, problem.wrong) for problem in problems_from(folder, _document(page, **keys))] == [
        (place, wrong)
    ]


def test_a_host_has_one_page(folder: Path) -> None:
    document = _document()
    document["pages"].append({"name": "other", "hosts": ["www.example.com"]})
    [problem] = problems_from(folder, document)
    assert problem.wrong == "stands already in pages[0].hosts[0]"


def test_texts_and_logo_of_a_folder_come_before_those_of_the_default(own_folder: Path) -> None:
    _write(own_folder, "default/de.toml", '[planned]\ntitle = "Umbau"\n')
    _write(own_folder, "default/logo.svg", '<svg viewBox="0 0 1 1"/>')
    _write(own_folder, "shop/ja.toml", '[unplanned]\nmessage = "障害"\n')
    _write(
        own_folder, "shop/logo.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2" width="9"><g/></svg>'
    )
    settings = load_from(own_folder, _document())
    merged = _merged(settings)
    assert settings.page.folder.logo == '<svg viewBox="0 0 1 1" />'
    assert merged.folder.logo == '<svg viewBox="0 0 2 2"><g /></svg>'
    assert merged.folder.words("de", "planned") == OwnWords(title="Umbau")
    assert dict(merged.folder.texts)["ja"] == OwnTexts(unplanned=OwnWords(message="障害"))


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("nobody/en.toml", "", "belongs to no page"),
        ("shop/notes.txt", "", "is not a file of a page"),
        ("shop/sv.toml", "", "is not a file of a page"),
        ("shop/en.toml", "planned = 5", "planned "),
        ("shop/en.toml", '[planned]\ntitel = "x"', "planned.titel is not a key"),
        ("shop/en.toml", '[planned]\ntitle = ""', "planned.title is empty"),
        ("shop/en.toml", "=", "is not TOML: "),
        ("shop/logo.svg", LOGO, "cannot be used: has onload=…"),
        ("shop/logo.svg", LOGO.replace("onload", "style"), "cannot be used: has style=…"),
        ("shop/logo.svg", '<svg viewBox="0 0 1 1"><script/></svg>', "cannot be used: has <script>"),
        ("shop/logo.svg", '<svg viewBox="0 0 1 1"><image/></svg>', "cannot be used: has <image>"),
        (
            "shop/logo.svg",
            '<svg viewBox="0 0 1 1"><g fill="url(https://x.example/a)"/></svg>',
            "cannot be used: has fill",
        ),
        ("shop/logo.svg", "<svg/>", "cannot be used: has no <svg> with a viewBox"),
        ("shop/logo.svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "cannot be used: has a document type"),
        ("shop/logo.svg", "<svg", "cannot be used: "),
        ("shop/logo.svg", f'<svg viewBox="0 0 1 1"><title>{"x" * 3_000}</title></svg>', "has 3,0"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_problem_with_its_name(
    own_folder: Path, name: str, text: str, wrong: str
) -> None:
    _write(own_folder, name, text)
    [problem] = problems_from(own_folder, _document())
    place = f"pages/{name}" if not name.startswith("nobody") else "pages/nobody"
    assert problem.place == place
    assert problem.wrong.startswith(wrong)
    assert problem.fix


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
