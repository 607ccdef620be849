"""`verify` and `status` where they cannot do much: wrong arguments, and an account with nothing in it."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy_failover import cli as entry
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.verify.checks import CHECKS


@pytest.fixture(scope="module")
def aws(processes: None) -> Iterator[EmbeddedAws]:
    """An account with nothing in it."""
    with EmbeddedAws() as running:
        yield running


def _run(root: Path, aws: EmbeddedAws, *words: str) -> subprocess.CompletedProcess[str]:
    options = []
    for name, (host, port) in {
        "--name-server": aws.nameserver,
        "--resolver": aws.resolver,
        "--proxy": aws.gateway,
    }.items():
        options += [name, f"{host}:{port}"]
    command = [sys.executable, "-m", "understudy_failover", *words, *options]
    return subprocess.run(command, cwd=root, env=aws.environment(), capture_output=True, text=True, check=False)


def test_before_the_first_deploy_the_missing_stacks_are_named_and_nothing_breaks(root: Path, aws: EmbeddedAws) -> None:
    run = _run(root, aws, "verify", "--json")
    assert run.returncode == 1, run.stderr
    findings = json.loads(run.stdout)["findings"]
    assert {finding["check"] for finding in findings} == {check.name for check in CHECKS}
    failed = [(finding["subject"], finding["text"]) for finding in findings if finding["check"] == "stacks"]
    assert failed == [
        ("understudy-example-maintenance", "stack understudy-example-maintenance is not deployed"),
        ("understudy-example-failover", "stack understudy-example-failover is not deployed"),
    ]
    assert "Traceback" not in run.stderr


def test_before_the_first_deploy_status_says_that_nobody_answers(root: Path, aws: EmbeddedAws) -> None:
    run = _run(root, aws, "status")
    assert run.returncode == 1, run.stderr
    assert "✘ www.example.com   nobody" in run.stdout
    assert "? cannot see switches: understudy-example-switch-000000000000: there is no such bucket" in run.stdout
    assert "Traceback" not in run.stderr


def test_a_resolver_that_says_otherwise_is_shown_and_one_that_is_silent_is_named(root: Path, aws: EmbeddedAws) -> None:
    aws.control.override_dns(name="www.example.com", type="A", values=["203.0.113.99"])
    aws.control.override_dns(name="www.example.com", type="AAAA", values=[])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        silent = listener.getsockname()[1]
        try:
            run = _run(root, aws, "status", "--resolver", f"127.0.0.1:{silent}")
        finally:
            aws.control.clear_dns_overrides()
    host, port = aws.resolver
    assert f"; {host} port {port} says 203.0.113.99\n" in run.stdout
    assert f"? cannot see resolver 127.0.0.1 port {silent}: " in run.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--proxy", "nonsense"),
        ("verify", "--wait", "soon"),
        ("verify", "--junit", "no/such/folder/verify.xml"),
        ("verify", "--account", "1"),
        ("status", "--every", "0"),
        ("status", "--resolver", "localhost"),
    ],
)
def test_a_wrong_argument_is_exit_code_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        entry.main(list(words))
    assert caught.value.code == 2
    assert words[-1] in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "status"])
def test_cas_that_cannot_be_read_are_exit_code_2(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        entry.main([command, "--ca", "no/such.pem"])
    assert caught.value.code == 2
    assert "--ca: no/such.pem: No such file" in capsys.readouterr().err
