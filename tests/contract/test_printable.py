import json

import pytest
from hypothesis import given, strategies as st

from understudy_failover.contract.printable import printable, printable_json, printable_lines


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
        ("::error::two", ": :error::two"),
        ("one ##[error]two", "one # #[error]two"),
        ("###[group]##[", "## #[group]# #["),
        ("::1 and fe80::1, #[1]", "::1 and fe80::1, #[1]"),
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


def test_no_line_of_a_programs_output_is_a_command_of_the_runner() -> None:
    output = "one\n::error::two\n  ::add-mask::x\n\x1b[2J\ta::b ##[group]c\n"
    shown = "one\n: :error::two\n  : :add-mask::x\n\\x1b[2J\ta::b # #[group]c\n"
    assert printable_lines(output) == shown
    assert printable_lines(shown) == shown


@given(st.lists(st.sampled_from(["#", "[", ":", "e", " ", "\n", "\r", "\x1b"])).map("".join))
def test_no_text_holds_a_command_of_the_runner(text: str) -> None:
    for shown in (printable(text), printable_lines(text)):
        assert "##[" not in shown
        assert not any(line.lstrip().startswith("::e") for line in shown.split("\n"))


def test_json_holds_no_command_of_the_runner_and_means_the_same() -> None:
    document = {"detail": "###[group]", "##[error]": ["##[", "::error::"]}
    assert "##[" not in printable_json(document)
    assert json.loads(printable_json(document, indent=2)) == document
