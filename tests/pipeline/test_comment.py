"""The comment at a pull request: what it shows, and when the label counts."""

import pytest

from understudy_failover.pipeline.comment import LABEL, MAX_CHARACTERS, Label, Shown, body, digest, judged, own_comment
from understudy_failover.pipeline.forge import Comment

A, B = "- host removed: a", "- host removed: b"
FIRST, TWO, BOTH = (frozenset(map(digest, lines)) for lines in ([A], [B], [A, B]))


def _body(shown: Shown, *, destructive: bool = True, cdk_text: str = "Stack Understudy") -> str:
    return body(shown, destructive=destructive, summary="## Summary", cdk_text=cdk_text, commit="c0ffee")


@pytest.mark.parametrize(
    ("before", "labelled", "label"),
    [
        (None, False, Label.ABSENT),
        (Shown(FIRST, Label.ABSENT), True, Label.COUNTS),
        (Shown(FIRST, Label.COUNTS), True, Label.COUNTS),
        (Shown(FIRST, Label.COUNTS), False, Label.ABSENT),
        # Put on before anybody could read it.
        (None, True, Label.EARLY),
        # Put on for something else.
        (Shown(TWO, Label.COUNTS), True, Label.EARLY),
        (Shown(frozenset(), Label.COUNTS), True, Label.EARLY),
        # Put on for this and more.
        (Shown(BOTH, Label.ABSENT), True, Label.COUNTS),
        # Running the job again does not make it good; taking it off does.
        (Shown(FIRST, Label.EARLY), True, Label.EARLY),
        (Shown(FIRST, Label.EARLY), False, Label.ABSENT),
    ],
)
def test_the_label_counts_only_for_what_was_shown_when_it_was_put_on(
    before: Shown | None, labelled: bool, label: Label
) -> None:
    assert judged(before, [A], labelled=labelled) == Shown(FIRST, label)


def test_one_line_more_than_was_shown_is_too_much() -> None:
    assert judged(Shown(FIRST, Label.COUNTS), [A, B], labelled=True) == Shown(BOTH, Label.EARLY)


def test_the_same_changes_in_another_order_are_the_same() -> None:
    assert judged(None, [A, B], labelled=False) == judged(None, [B, A], labelled=False)


@pytest.mark.parametrize("label", Label)
def test_a_comment_is_found_again_with_what_it_shows(label: Label) -> None:
    shown = Shown(BOTH, label)
    ours = Comment(3, _body(shown))
    others = [Comment(1, "Coverage: 98 %"), Comment(2, f"See below:\n{ours.body}")]
    assert own_comment([*others, ours, Comment(4, "bundle size")]) == (ours, shown)
    assert own_comment(others) is None


def test_no_line_of_the_cdks_text_is_a_quick_action() -> None:
    text = _body(Shown(FIRST, Label.ABSENT), cdk_text="/merge\n```\n/approve\n    /close\n[+] /x")
    assert not [line for line in text.splitlines() if line.startswith("/")]
    assert "/approve" in text


def test_what_is_destructive_stands_first_with_how_to_accept_it() -> None:
    text = _body(Shown(FIRST, Label.ABSENT))
    assert text.index(LABEL) < text.index("## Summary") < text.index("Stack Understudy")
    assert "Blocked" in text
    assert "Blocked" not in _body(Shown(FIRST, Label.COUNTS))
    assert LABEL not in _body(Shown(FIRST, Label.ABSENT), destructive=False)


@pytest.mark.parametrize("cdk_text", ["x" * 200_000, "line\n" * 50_000, "é" * 65_536])
def test_a_long_text_is_cut_to_what_github_takes(cdk_text: str) -> None:
    text = _body(Shown(FIRST, Label.EARLY), cdk_text=cdk_text)
    assert MAX_CHARACTERS - 100 < len(text) <= MAX_CHARACTERS
    assert "cut here" in text
    assert text.count("```") == 2
    assert "</details>" in text


def test_a_text_that_just_fits_is_whole() -> None:
    room = MAX_CHARACTERS - len(_body(Shown(FIRST, Label.ABSENT), cdk_text=""))
    assert "cut here" not in _body(Shown(FIRST, Label.ABSENT), cdk_text="x" * room)
    assert "cut here" in _body(Shown(FIRST, Label.ABSENT), cdk_text="x" * (room + 1))


def test_no_text_ends_its_block_and_goes_on_as_markdown() -> None:
    text = _body(Shown(FIRST, Label.ABSENT), cdk_text="[~] Page\n`````\n@everybody")
    assert text.count("``````\n") == 2
