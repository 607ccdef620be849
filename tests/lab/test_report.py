"""The end of a run: every outcome, what contradicts the table, and the exit code."""

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from docs.who_notices import Row
from tools.lab import __main__ as command, network
from tools.lab.judge import Outcome
from tools.lab.programs import Subject
from tools.lab.run import Measured

CURL = Subject("curl", (), lambda _: [])
ROW = Row("proxy", "curl", "7.88.1", date(2026, 11, 30), 0, 0, "It does.", "lab", refused=0, lab="curl")


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "rows", lambda: [ROW])
    monkeypatch.setattr(command, "version", lambda *_: "8.14.1")


def reported(capsys: pytest.CaptureFixture[str], subject: Subject, outcome: Outcome | None) -> tuple[int, str]:
    code = command._report([Measured(subject, outcome, "no such host")], None)
    return code, capsys.readouterr().out


def test_what_agrees_ends_well_and_another_version_is_only_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = reported(capsys, CURL, Outcome(1, 0, 2))
    assert code == 0
    assert "another version than in the table, 7.88.1" in text
    assert text.endswith("1 measured, 0 of them contradict docs/who_notices.toml\n")


@pytest.mark.parametrize(
    ("subject", "outcome", "text"),
    [
        (CURL, Outcome(1, 0, "never"), "✘ back never, not within 0 s"),
        (CURL, None, "✘ failed: it never reached the server; its output: no such host"),
        (Subject("new", (), lambda _: []), Outcome(1, 0, 2), "✘ not in the table"),
    ],
)
def test_a_difference_ends_with_exit_code_1(
    capsys: pytest.CaptureFixture[str], subject: Subject, outcome: Outcome | None, text: str
) -> None:
    code, output = reported(capsys, subject, outcome)
    assert (code, text in output) == (1, True)


def test_a_run_that_does_not_end_is_killed_in_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(started: list[str], *, timeout: float, **_: Any) -> None:
        assert "--kill-child" in started, "the kernel ends what the lab has started"
        raise subprocess.TimeoutExpired(started, timeout)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(TimeoutError, match="lab stopped after 900 s"):
        network.reenter(tmp_path, [])
