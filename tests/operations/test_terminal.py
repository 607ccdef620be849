"""What a command prints is what it says."""

import pytest

from understudy_failover.operations.terminal import Terminal, hanging

FINGERPRINT = "67:CD:88:AB:100:"


def test_a_fingerprint_holds_no_emoji(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=False)
    terminal.result(FINGERPRINT, {})
    terminal.say(FINGERPRINT)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{FINGERPRINT}\n", f"{FINGERPRINT}\n")


LINE = "✘ TTL                     www.example.com: A 3600 s instead of 30 s"
ADVICE = "                          → somebody changed it: `understudy repair --apply`"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_what_is_cut_goes_on_below_its_column_and_no_word_is_lost_or_parted(width: int) -> None:
    shown = hanging(f"{LINE}\n{ADVICE}", width)
    assert max(map(len, shown.split("\n"))) <= width
    assert shown.split() == f"{LINE}\n{ADVICE}".split()
    first, *rest = hanging(LINE, 60).split("\n")
    assert first.startswith("✘ TTL")
    assert all(line.startswith(" " * 26) and line[26] != " " for line in rest)


def test_a_word_longer_than_the_terminal_stays_whole() -> None:
    address = "https://" + "a" * 60
    assert address in hanging(f"see {address} for more", 40).split("\n")[1]


def test_what_fits_and_what_goes_into_a_pipe_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert hanging(LINE, 120) == LINE
    Terminal(as_json=False).result(LINE * 4, {})
    assert capsys.readouterr().out == f"{LINE * 4}\n"
