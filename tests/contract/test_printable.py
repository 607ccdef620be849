import pytest
from hypothesis import given, strategies as st

from understudy_failover.contract.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("one\r\n::error::two", r"one\r\n::error::two"),
        ("\u202eabc", r"\u202eabc"),
        ("a\u2028b", r"a\u2028b"),
        ("\x9b2J", r"\x9b2J"),
        ("\ud800", r"\ud800"),
        ("Grüße, 世界 ✔", "Grüße, 世界 ✔"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(codec=None)))
def test_every_text_becomes_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()


def test_a_long_text_is_cut_off() -> None:
    assert printable("x" * 5_000, limit=10) == "xxxxxxxxx…"


def test_line_ends_of_our_own_stay() -> None:
    assert printable("one\n\x1btwo", keep="\n") == "one\n\\x1btwo"
