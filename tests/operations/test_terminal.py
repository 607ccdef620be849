"""What a command prints is what it says."""

import pytest

from understudy_failover.operations.terminal import Terminal

FINGERPRINT = "67:CD:88:AB:100:"


def test_a_fingerprint_holds_no_emoji(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=False)
    terminal.result(FINGERPRINT, {})
    terminal.say(FINGERPRINT)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{FINGERPRINT}\n", f"{FINGERPRINT}\n")
