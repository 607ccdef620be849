"""Text that AWS, a server or a certificate wrote moves no cursor and begins no line of a job's log."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover.cli import main
from understudy_failover.operations import aws
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.finding import Finding, Verdict
from understudy_failover.operations.https_client import TlsError
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.preflight.probe import ProbeError
from understudy_failover.operations.review.change import Change, Mark
from understudy_failover.operations.switch import SwitchError
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify import deployment as known
from understudy_failover.pipeline import gate, renew
from understudy_failover.settings import SettingsError, load
from understudy_failover.settings.sharding import MAIN

FOREIGN = "::error::text\x1b[2J\r\n::error::text\u202e\x9b ##[error]text"


@pytest.mark.parametrize(
    "text",
    [
        lambda: str(UnreachableError(FOREIGN)),
        lambda: str(TlsError(FOREIGN)),
        lambda: str(DnsError(FOREIGN)),
        lambda: str(ProbeError("server-not-http", FOREIGN)),
        lambda: aws.in_words(ValueError(FOREIGN)),
        lambda: str(SwitchError(FOREIGN.replace("\n", ""))),
        lambda: known.in_words(ValueError(FOREIGN)),
        lambda: Change(Mark.REMOVED, FOREIGN).text,
        lambda: str(SettingsError(Path(FOREIGN), [])).partition(" has ")[0],
        lambda: "".join(vars(Finding("check", FOREIGN, Verdict.FAILED, FOREIGN, FOREIGN)).values()),
    ],
)
def test_every_report_of_it_is_one_printable_line(text: Callable[[], str]) -> None:
    assert text().isprintable()
    assert not _is_command(text())


@pytest.mark.parametrize("as_json", [False, True])
def test_a_terminal_gets_lines_and_nothing_else_that_acts_on_it(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    terminal = Terminal(as_json=as_json)
    terminal.say(FOREIGN)
    terminal.warn(FOREIGN)
    terminal.fail(FOREIGN)
    terminal.result(FOREIGN, FOREIGN)
    printed = capsys.readouterr()
    assert (printed.out + printed.err).replace("\n", "").isprintable()
    assert not _is_command(printed.out + printed.err)


@pytest.mark.parametrize("command", ["gate", "renew", "maintenance"])
def test_what_a_command_repeats_is_no_command_of_the_runner(
    command: str, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output of cdk and certbot, and a message of AWS."""
    failed = SimpleNamespace(returncode=1, stdout=f"{FOREIGN}\n{FOREIGN}", stderr=FOREIGN)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    monkeypatch.setattr(renew, "project", lambda _: SimpleNamespace(proposed=lambda _: ""))
    monkeypatch.setattr(aws, "boto3", SimpleNamespace(DEFAULT_SESSION="", client=lambda *_, **__: RefusingS3()))
    settings = ["--settings", str(root / "tests/sample/failover.toml")]
    words = {"renew": ["--now"], "maintenance": ["off", "web", "--apply", "--account", "111122223333"]}
    assert main([*settings, command, *words.get(command, [])]) == 1
    printed = capsys.readouterr()
    assert "error" in printed.err
    assert (printed.out + printed.err).replace("\n", "").replace("\t", "").isprintable()
    assert not _is_command(printed.out + printed.err)


@pytest.mark.parametrize("blocked", [(), ("- host removed: a\n" + FOREIGN,)])
def test_what_the_gate_shows_is_no_command_of_the_runner(
    blocked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for destructive in ((), (FOREIGN,)):
        gate._decide(gate.Review("", destructive, ""), blocked, where=FOREIGN)
        printed = capsys.readouterr().err
        assert "error" in printed
        assert not _is_command(printed)


def test_what_a_push_of_a_renewal_prints_is_no_command_of_the_runner(
    monkeypatch: pytest.MonkeyPatch, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = SimpleNamespace(returncode=0, stdout=f"{FOREIGN}\n{FOREIGN}", stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    settings = root / "tests/sample/failover.toml"
    renew._push(settings, MAIN, load(settings).certificate.public, root)
    printed = capsys.readouterr().out
    assert "error" in printed
    assert not _is_command(printed)


class RefusingS3:
    """Every call is refused with a message that somebody chose."""

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "Unknown", "Message": FOREIGN}}, name)

        return refuse


def _is_command(text: str) -> bool:
    """Whether GitHub's runner obeys a line of `text`."""
    return "##[" in text or any(line.lstrip().startswith("::") for line in text.splitlines())
