"""The command as a person runs it: what it prints, how it exits, what it leaves behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.running import PROCESSES, Run
from understudy_failover.operations.record import Record

INTERRUPTED = {130, -signal.SIGINT}
"""Our own exit code; before our first line has run, Python's."""


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """Return a function that starts runs, which end with the test."""
    started: list[Run] = []
    yield started
    for run in started:
        if run.process.poll() is None:
            run.process.terminate()
            run.end()


linux = pytest.mark.skipif(not PROCESSES.is_dir(), reason="looks for left-over processes in /proc")


@linux
@pytest.mark.parametrize(
    "point", ["", "embedded AWS", "· cdk bootstrap", "· cdk deploy", "first verdict", "the server refuses"]
)
def test_interrupted_anywhere_it_leaves_no_process_and_no_file(
    runs: list[Run], root: Path, tmp_path: Path, fast_settings: Path, point: str
) -> None:
    run = Run(root, tmp_path, fast_settings)
    runs.append(run)
    if point:
        run.read_until(point)
    os.killpg(run.process.pid, signal.SIGINT)  # as a terminal does: to everybody in the foreground
    run.end()
    assert run.process.returncode in INTERRUPTED
    assert run.processes() == []
    assert list(tmp_path.iterdir()) == []


@linux
def test_two_at_once_pass_and_leave_nothing(runs: list[Run], root: Path, tmp_path: Path, fast_settings: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        runs.append(Run(root, tmp_path / name, fast_settings, "--server", "api"))
    printed = [run.end() for run in runs]
    for run, text in zip(runs, printed, strict=True):
        assert run.process.returncode == 0, text
        assert "hypotheses held" in text
        assert text.endswith(f"Report: {run.report / 'report.html'}\n")
        result = Record.model_validate_json((run.report / "journal.json").read_text(encoding="utf-8"))
        assert (result.what, result.outcome, result.servers) == ("rehearsal", "held", ("api",))
        assert all(host.spans for host in result.hosts)
        assert run.processes() == []
        assert list(run.temporary.iterdir()) == []


def test_a_hypothesis_that_does_not_hold_is_shown_and_makes_it_fail(
    runs: list[Run], root: Path, tmp_path: Path, fast_settings: Path
) -> None:
    run = Run(root, tmp_path, fast_settings, "--server", "api", "--failure", "slow")
    runs.append(run)
    printed = run.end()
    assert run.process.returncode == 1
    assert "✘" in printed
    assert "api: not on the maintenance page within" in printed
    assert "Not every hypothesis held" in (run.report / "report.html").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_reported_before_anything_is_started(
    runs: list[Run], root: Path, tmp_path: Path, fast_settings: Path
) -> None:
    (tmp_path / "file").write_text("")
    run = Run(root, tmp_path, fast_settings, "--report", str(tmp_path / "file"))
    runs.append(run)
    printed = run.end()
    assert printed.startswith(f"{tmp_path / 'file'}: no report can be written there: ")
    assert printed.endswith("; name another folder\n")
    assert run.process.returncode == 1


def test_an_unknown_server_is_refused_before_anything_is_started(
    runs: list[Run], root: Path, tmp_path: Path, fast_settings: Path
) -> None:
    run = Run(root, tmp_path, fast_settings, "--server", "wbe")
    runs.append(run)
    assert run.end() == f"{fast_settings} has no server wbe; it has web, api\n"
    assert run.process.returncode == 2


def test_wrong_settings_are_reported_without_a_traceback(runs: list[Run], root: Path, tmp_path: Path) -> None:
    settings = tmp_path / "failover.toml"
    settings.write_text('app = "Example"\n', encoding="utf-8")
    run = Run(root, tmp_path, settings)
    runs.append(run)
    printed = run.end()
    assert run.process.returncode == 1
    assert printed.startswith(f"{settings} has ")
    assert "Traceback" not in printed


def test_two_servers_at_one_address_are_refused_with_what_to_do(
    runs: list[Run], root: Path, tmp_path: Path, fast_settings: Path
) -> None:
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    settings = tmp_path / "failover.toml"
    settings.write_text(fast_settings.read_text(encoding="utf-8").replace("203.0.113.20", "203.0.113.10"))
    run = Run(root, tmp_path, settings)
    runs.append(run)
    assert "servers web and api share 203.0.113.10" in run.end()
    assert run.process.returncode == 1
