"""The page: well-formed, self-contained, and showing the texts of the settings as texts."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from maintenance_site import page_html, page_text, response_headers
from settings import Page
from tests.maintenance_site.pages import PAGES

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
        (found,) = (element for element in self.elements if element.tag == tag)
        return found

    def shape(self) -> list[tuple[str, Attributes, tuple[str, ...]]]:
        """Everything but texts and the language."""
        return [
            (element.tag, element.attributes if element.tag != "html" else (), element.ancestors)
            for element in self.elements
        ]


@pytest.fixture(scope="session")
def document(page: Page) -> Document:
    """The sample's page."""
    return Document(page_html(page))


def test_the_page_is_well_formed_html(document: Document) -> None:
    assert document.source.startswith("<!DOCTYPE html>\n")
    assert document.declarations == ["DOCTYPE html"]
    assert document.stray_text.strip() == ""
    assert document.elements[0].tag == "html"
    assert [element.tag for element in document.elements if element.ancestors == ("html",)] == ["head", "body"]
    assert document.only("title").ancestors == ("html", "head")
    assert document.only("h1").ancestors == ("html", "body", "main")


def test_the_encoding_is_declared_where_every_browser_looks_for_it(document: Document) -> None:
    assert '<meta charset="utf-8">' in document.source[:1024]


def test_the_page_says_which_language_it_is_in(page: Page) -> None:
    for language in ("en", "pt-BR"):
        document = Document(page_html(page.model_copy(update={"language": language})))
        assert dict(document.only("html").attributes) == {"lang": language}


def test_the_page_shows_title_message_and_contact(document: Document, page: Page) -> None:
    shown = {dict(element.attributes).get("class"): element.text for element in document.elements if element.tag == "p"}
    assert page.contact, "the sample shows nothing"
    assert document.only("title").text == document.only("h1").text == page.title
    assert shown == {"message": page.message, "contact": page.contact}


def test_a_page_without_contact_has_no_place_for_one(page: Page) -> None:
    document = Document(page_html(page.model_copy(update={"contact": ""})))
    assert [dict(element.attributes) for element in document.elements if element.tag == "p"] == [{"class": "message"}]


def test_line_ends_of_the_message_are_kept(page: Page) -> None:
    html = page_html(page.model_copy(update={"message": "First.\n\nSecond.\n"}))
    (message,) = (e for e in Document(html).elements if dict(e.attributes).get("class") == "message")
    assert message.text == "First.\n\nSecond."
    assert re.search(r"\.message\{[^}]*white-space:pre-line", html)


def test_the_page_loads_nothing(document: Document) -> None:
    loading = {"src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "background", "ping"}
    references = [value for element in document.elements for name, value in element.attributes if name in loading]
    # An empty icon, so that browsers do not ask the distribution for /favicon.ico.
    assert references == ["data:,"]
    assert not re.search(r"url\(|@import|src\(", document.only("style").text)


def test_the_page_runs_nothing_and_has_nothing_that_its_policy_forbids(document: Document) -> None:
    names = {name for element in document.elements for name, _ in element.attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}
    assert not {element.tag for element in document.elements} & {"script", "iframe", "object", "embed", "form", "base"}


def test_the_page_does_not_ask_search_engines_to_forget_the_site(document: Document) -> None:
    # 503 says "come back later"; noindex, should anybody honour it, would say "drop these addresses".
    assert "robots" not in {dict(element.attributes).get("name") for element in document.elements}


def test_the_policy_allows_the_one_style_sheet_by_the_digest_of_exactly_what_stands_in_the_page(
    document: Document, page: Page
) -> None:
    policy = response_headers(page)["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    style = re.search(r"<style>(.*)</style>", document.source, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert directives["style-src"] == f"'sha256-{digest}'"


def test_the_policy_forbids_everything_else(page: Page) -> None:
    policy = response_headers(page)["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives.pop("default-src") == "'none'"
    assert directives.pop("style-src").startswith("'sha256-")
    assert directives.pop("img-src") == "data:"
    assert set(directives.values()) == {"'none'"}
    # Those that default-src does not speak for. https://www.w3.org/TR/CSP3/#directive-default-src
    assert directives.keys() == {"base-uri", "form-action", "frame-ancestors"}


def test_the_samples_page_weighs_at_most_6_kilobytes(page: Page) -> None:
    assert len(page_html(page).encode()) <= 6 * 1024


@settings(deadline=None, derandomize=True)
@given(hostile=PAGES)
def test_texts_are_shown_as_they_are_and_never_become_markup(page: Page, hostile: Page) -> None:
    plain = page if hostile.contact else page.model_copy(update={"contact": ""})
    document = Document(page_html(hostile))
    assert document.shape() == Document(page_html(plain)).shape()
    assert document.comments == []
    assert document.only("title").text == document.only("h1").text == hostile.title
    shown = [element.text for element in document.elements if element.tag == "p"]
    assert shown == [hostile.message.strip(), *([hostile.contact] if hostile.contact else [])]


def test_the_text_says_the_same_as_the_page(page: Page) -> None:
    assert page_text(page) == f"{page.title}\n\n{page.message}\n\n{page.contact}\n"


def test_the_text_has_no_gap_where_there_is_no_contact(page: Page) -> None:
    assert page_text(page.model_copy(update={"contact": ""})) == f"{page.title}\n\n{page.message}\n"
