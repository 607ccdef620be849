"""What a command prints is what it says."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.operations.test_maintenance import FakeS3, cloudformation, s3
from understudy_failover import cli as entry
from understudy_failover.operations.review import command as review
from understudy_failover.operations.review.change import Change, Mark
from understudy_failover.operations.terminal import Terminal, hanging

__all__ = ["cloudformation", "s3"]

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


@pytest.fixture(params=[80, 120])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The width of a terminal that everything is printed to."""
    width: int = request.param
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(Console, "is_terminal", property(lambda _: True))
    return width


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    printed = capsys.readouterr()
    return (printed.out + printed.err).splitlines()


@pytest.mark.parametrize("words", [("on", "--all"), ("off", "--all", "--apply"), ("status",)])
def test_maintenance_fits_the_terminal(
    root: Path, s3: FakeS3, capsys: pytest.CaptureFixture[str], columns: int, words: tuple[str, ...]
) -> None:
    s3.objects = {".understudy/switch/_all": {"ends-at": "2020-01-01T00:00:00Z"}} if words[0] == "off" else {}
    settings = str(root / "tests/sample/failover.toml")
    assert entry.main(["--settings", settings, "maintenance", *words]) == 0
    lines = _lines(capsys)
    assert lines
    assert [line for line in lines if len(line) > columns] == []


def test_diff_fits_the_terminal_below_its_mark(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    hosts = ", ".join(f"host{number}.example.com" for number in range(20))
    text = f"host removed: {hosts}; it fails over no more, and stays with the address of its server"
    monkeypatch.setattr(review, "changes", lambda *_: [Change(Mark.REMOVED, text, destructive=True)])
    monkeypatch.setattr(review, "synthesized_resources", lambda _: {})
    monkeypatch.setattr(review, "identities", lambda _: {})
    monkeypatch.setattr(review, "_is_older", lambda *_: False)
    assert entry.main(["diff", "new", "--against", "old"]) == 2
    lines = _lines(capsys)
    assert [line for line in lines if len(line) > columns] == []
    assert all(line.startswith("    ") for line in lines[2:])
    assert "host19.example.com;" in " ".join(lines).split()


def test_what_is_done_now_gives_way_to_the_next_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(as_json=False)
    terminal.progress("1/2 stacks …")
    assert capsys.readouterr().err == "1/2 stacks …\n", "a line where it goes into a file"
    monkeypatch.setattr(Console, "is_terminal", property(lambda _: True))
    terminal = Terminal(as_json=False)
    terminal.progress("1/2 stacks …")
    terminal.progress("2/2 distribution …")
    Terminal(as_json=False).result("✔ all", {})
    printed = capsys.readouterr()
    assert printed.out == "✔ all\n"
    assert "\n" not in printed.err
    assert printed.err.endswith("\r\x1b[2K"), "the last one is cleared, whoever prints next"
