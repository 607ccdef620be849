"""The page: well-formed, self-contained, and showing the texts of the settings as texts."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

import brotli
import pytest
from hypothesis import given, settings

from tests.maintenance_site.pages import PAGES
from understudy_failover.page import Window, Words, html, locale, page_words, plain, response_headers
from understudy_failover.page.locales import FOLDER
from understudy_failover.settings import LANGUAGES, Page, Settings

VOID = {"meta", "link", "br", "hr", "img", "input"}
"""https://html.spec.whatwg.org/multipage/syntax.html#void-elements (those that a page like this may have)"""

Attributes = tuple[tuple[str, str | None], ...]


@dataclass
class Element:
    """An element with the text directly in it."""

    tag: str
    attributes: Attributes
    ancestors: tuple[str, ...]
    text: str = ""


@dataclass
class Document(HTMLParser):
    """A page, read strictly: every element is closed in its turn, and names every attribute once."""

    source: str
    elements: list[Element] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    stray_text: str = ""
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {attrs}"
        element = Element(tag, tuple(attrs), tuple(parent.tag for parent in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert any(parent.tag == "svg" for parent in self._open), f"<{tag}/> outside of SVG means nothing"
        self.elements.append(Element(tag, tuple(attrs), tuple(parent.tag for parent in self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
        else:
            self.stray_text += data

    def only(self, tag: str) -> Element:
        """The one element with this tag."""
        (only_element,) = (element for element in self.elements if element.tag == tag)
        return only_element

    def shape(self) -> list[tuple[str, Attributes, tuple[str, ...]]]:
        """Everything but texts and the language."""
        return [
            (element.tag, element.attributes if element.tag != "html" else (), element.ancestors)
            for element in self.elements
        ]


EVERY = [
    pytest.param(language, window, id=f"{language}-{name}")
    for language in LANGUAGES
    for name, window in (
        ("unplanned", None),
        ("planned", Window()),
        ("with end", Window(datetime(2026, 11, 25, 3, tzinfo=UTC))),
    )
]


@pytest.fixture(scope="session")
def document(page: Page) -> Document:
    """The sample's page."""
    return Document(html(page, "en"))


def _paragraphs(document: Document) -> dict[str | None, str]:
    return {dict(element.attributes).get("class"): element.text for element in document.elements if element.tag == "p"}


@pytest.mark.parametrize(("language", "window"), EVERY)
def test_every_variant_is_well_formed_html_in_its_language(page: Page, language: str, window: Window | None) -> None:
    document = Document(html(page, language, window))
    assert document.source.startswith("<!DOCTYPE html>\n")
    assert document.declarations == ["DOCTYPE html"]
    assert document.comments == []
    assert document.stray_text.strip() == ""
    assert dict(document.only("html").attributes) == {"lang": language, "dir": locale(language).direction}
    assert [element.tag for element in document.elements if element.ancestors == ("html",)] == ["head", "body"]
    words = page_words(page, language, "planned" if window else "unplanned")
    assert document.only("title").text == document.only("h1").text == words.title
    assert _paragraphs(document)["message"] == words.message
    assert '<meta charset="utf-8">' in document.source[:1024]


@pytest.mark.parametrize(("language", "window"), EVERY)
def test_every_variant_weighs_at_most_6_kilobytes_and_2_and_a_half_compressed(
    page: Page, language: str, window: Window | None
) -> None:
    source = html(page, language, window).encode()
    assert len(source) <= 6 * 1024
    assert len(brotli.compress(source)) <= 2.5 * 1024


def test_every_language_says_every_thing_in_its_own_words() -> None:
    locales = [locale(language) for language in LANGUAGES]
    for name in ("until", "late", "unsent", "retry", "checking", "stopped", "stop", "start", "planned", "unplanned"):
        assert len({getattr(locale_, name) for locale_ in locales}) == len(LANGUAGES), name
    for locale_ in locales:
        assert locale_.planned != locale_.unplanned
        # Put between quotation marks, and into HTML that the edge makes, as they are.
        texts = [
            locale_.until,
            locale_.late,
            locale_.unsent,
            locale_.retry,
            locale_.checking,
            locale_.stopped,
            locale_.stop,
            locale_.start,
        ]
        assert not re.search(r"[<>&\"\\]", "".join((*texts, locale_.planned.title, locale_.unplanned.title)))


def test_every_file_of_words_is_offered() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(LANGUAGES)


def test_an_announced_end_stands_there_in_utc_for_those_without_a_script(page: Page) -> None:
    window = Window(datetime(2026, 11, 25, 12, 30, tzinfo=timezone(timedelta(hours=9))))
    document = Document(html(page, "en", window))
    assert dict(document.only("time").attributes) == {"datetime": "2026-11-25T03:30:00Z"}
    assert document.only("time").text == "2026-11-25 03:30 UTC"
    (late,) = (element for element in document.elements if dict(element.attributes).get("class") == "late")
    assert "hidden" in dict(late.attributes)
    assert "Expected to end: 2026-11-25 03:30 UTC" in plain(page, "en", window)


def test_without_an_end_nothing_is_said_of_one(page: Page) -> None:
    for window in (None, Window()):
        assert not {"until", "late"} & set(_paragraphs(Document(html(page, "en", window))))


def test_the_page_without_a_script_hides_what_only_a_script_can_do(document: Document) -> None:
    (automatic,) = (element for element in document.elements if dict(element.attributes).get("class") == "auto")
    assert "hidden" in dict(automatic.attributes)
    assert document.only("button").ancestors[-1] == "div"


def test_the_page_loads_nothing(document: Document) -> None:
    loading = {"src", "srcset", "xlink:href", "action", "formaction", "poster", "data", "background", "ping"}
    assert not [name for element in document.elements for name, _ in element.attributes if name in loading]
    links = [
        (element.tag, dict(element.attributes)["href"])
        for element in document.elements
        if "href" in dict(element.attributes)
    ]
    # An empty icon, so that browsers do not ask for /favicon.ico, and a link to the same address.
    assert links == [("link", "data:,"), ("a", "")]
    assert not re.search(
        r"url\(|@import|src\(", "".join(element.text for element in document.elements if element.tag == "style")
    )


def test_the_page_has_nothing_that_its_policy_forbids(document: Document) -> None:
    names = {name for element in document.elements for name, _ in element.attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}
    assert not {element.tag for element in document.elements} & {"iframe", "object", "embed", "form", "base"}


def test_the_page_does_not_ask_search_engines_to_forget_the_site(document: Document) -> None:
    # 503 says "come back later"; noindex, should anybody honour it, would say "drop these addresses".
    assert "robots" not in {dict(element.attributes).get("name") for element in document.elements}


def _directives(settings: Settings) -> dict[str, str]:
    policy = response_headers(settings)["content-security-policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def test_the_policy_allows_styles_and_script_by_the_digests_of_exactly_what_stands_in_the_page(
    document: Document, sample_settings: Settings
) -> None:
    allowed = _directives(sample_settings)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        parts = re.findall(rf"<{tag}>(.*?)</{tag}>", document.source, re.DOTALL)
        digests = {base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in parts}
        assert parts
        assert set(allowed[directive].split()) == {f"'sha256-{digest}'" for digest in digests}


def test_the_policy_forbids_everything_else(sample_settings: Settings) -> None:
    directives = _directives(sample_settings)
    assert directives.pop("default-src") == "'none'"
    assert directives.pop("style-src").startswith("'sha256-")
    assert directives.pop("script-src").startswith("'sha256-")
    assert directives.pop("connect-src") == "'self'"
    assert directives.pop("img-src") == "data:"
    assert set(directives.values()) == {"'none'"}
    # Those that default-src does not speak for. https://www.w3.org/TR/CSP3/#directive-default-src
    assert directives.keys() == {"base-uri", "form-action", "frame-ancestors"}


@settings(deadline=None, derandomize=True)
@given(hostile=PAGES)
def test_texts_are_shown_as_they_are_and_never_become_markup(page: Page, hostile: Page) -> None:
    same = {name: "x" if getattr(hostile, name) else "" for name in ("service", "contact")}
    document = Document(html(hostile, hostile.language))
    own = page.model_copy(update=same | {"language": hostile.language})
    assert document.shape() == Document(html(own, hostile.language)).shape()
    assert document.comments == []
    assert document.only("title").text == document.only("h1").text == hostile.title
    shown = _paragraphs(document)
    assert shown["message"] == (hostile.message or "").strip()
    assert shown.get("contact", "") == hostile.contact
    assert shown.get("service", "") == hostile.service


def test_the_text_says_the_same_as_the_page(page: Page) -> None:
    words = locale("en").unplanned
    assert plain(page, "en") == f"{words.title}\n\n{words.message}\n\n{page.contact}\n"
    status = page.model_copy(update={"contact": "", "status_page": "https://status.example.net/"})
    assert plain(status, "en") == f"{words.title}\n\n{words.message}\n\nStatus page: https://status.example.net/\n"


def test_own_words_stand_in_their_own_language_alone(page: Page) -> None:
    own = page.model_copy(update={"title": "Umbau", "language": "de"})
    assert page_words(own, "de", "planned") == Words("Umbau", locale("de").planned.message)
    assert page_words(own, "en", "planned") == locale("en").planned
