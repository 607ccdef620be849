"""A comment under a pull request shows what a settings file says, and never does what it says."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from understudy_failover.operations.review import Change, Mark
from understudy_failover.operations.review.formats import FORMATS, LONGEST, document, markdown, text

ADDED = Change(Mark.ADDED, "host added: a.example.com (A 203.0.113.10)")
REMOVED = Change(Mark.REMOVED, "host removed: b.example.com", destructive=True)
EVIL = (
    "@everyone please",
    "see #1, GH-1, user/repo#1 and !1",
    "<img src=x onerror=alert(1)> <!-- ",
    "[click](https://evil.example) www.evil.example",
    "`` ` ``` code ```",
    "\n\n# heading\n\n- item",
    "**bold** _it_ ~~gone~~ :tada: $x^2$ \\@user",
    '"two words" "quoted \\" @user" (`) ',
    "> quote | table |\r\n---|---",
)


def _inline(body: str) -> list[Token]:
    return [child for token in MarkdownIt("gfm-like", {"linkify": False}).parse(body) for child in token.children or ()]


def _shown(body: str) -> str:
    """The words that a reader sees in the last line of a list."""
    inline = [token for token in MarkdownIt("gfm-like", {"linkify": False}).parse(body) if token.type == "inline"]
    return "".join(child.content for child in inline[-1].children or ())


def test_no_change_is_said_in_words_in_every_format() -> None:
    assert text([]) == "No changes."
    assert markdown([]) == "## No changes\n\nNo changes."
    assert json.loads(document([])) == []


def test_a_comment_has_the_outcome_in_its_heading_and_what_is_destructive_at_its_top() -> None:
    assert markdown([REMOVED, ADDED]) == (
        "## 1 destructive change, 1 other\n"
        "\n"
        "> [!WARNING]\n"
        "> **DESTRUCTIVE: removes or replaces resources that serve visitors**\n"
        ">\n"
        "> - host removed: `b.example.com`\n"
        "\n"
        "- host added: `a.example.com` (A `203.0.113.10`)"
    )


def test_a_comment_without_destruction_warns_of_none() -> None:
    assert markdown([ADDED, ADDED]).splitlines()[0] == "## 2 changes, nothing destructive"
    assert "WARNING" not in markdown([ADDED])


def test_json_has_every_field() -> None:
    entries: list[dict[str, Any]] = json.loads(document([REMOVED]))
    assert entries == [{"mark": "-", "text": "host removed: b.example.com", "destructive": True, "fix": ""}]


@pytest.mark.parametrize("evil", EVIL)
def test_what_a_file_says_is_shown_and_not_done(evil: str) -> None:
    for change in (Change(Mark.ADDED, f"host added: {evil}"), Change(Mark.REMOVED, evil, destructive=True)):
        body = markdown([change])
        inline = _inline(body)
        assert {token.type for token in inline} <= {"text", "code_inline", "softbreak", "strong_open", "strong_close"}
        plain = " ".join(token.content for token in inline if token.type == "text")
        assert not set("@#<>`*_~$|/\\&") & set(plain.replace("[!WARNING]", "")), plain
        assert "www." not in plain
        assert _shown(body) == " ".join(change.text.split())


@settings(deadline=None)
@given(st.text(min_size=1).filter(str.strip))
def test_any_text_at_all_stays_in_its_line(anything: str) -> None:
    body = markdown([Change(Mark.ADDED, anything)])
    assert body.count("\n") == 2
    assert {token.type for token in _inline(body)} <= {"text", "code_inline"}


def test_a_comment_ends_before_the_service_refuses_it_and_says_so() -> None:
    body = markdown([REMOVED, *[ADDED] * 2000])
    assert len(body) <= LONGEST + 100
    assert "b.example.com" in body
    assert body.splitlines()[-1].endswith("lines more: `understudy diff` shows them all")


def test_each_format_can_be_asked_for() -> None:
    assert list(FORMATS) == ["text", "markdown", "json"]
