"""`python -m understudy_failover.emulator` as a user runs it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.emulator.support import LIMIT_SECONDS, fetch
from understudy_failover.emulator import Control

pytestmark = pytest.mark.usefixtures("processes")


@dataclass
class Running:
    """`python -m understudy_failover.emulator` and what it has printed."""

    process: subprocess.Popen[str]
    text: str

    def line(self, start: str) -> str:
        """Return the printed command that starts so."""
        (result,) = [line.strip() for line in self.text.splitlines() if line.strip().startswith(start)]
        return result

    @property
    def exports(self) -> dict[str, str]:
        """The variables that the text has a user export."""
        lines = [line for line in self.text.splitlines() if line.strip().startswith("export ")]
        return dict(word.split("=", 1) for line in lines for word in line.split()[1:])

    def end(self, number: int) -> int:
        """Return the exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT_SECONDS)


@contextmanager
def running(root: Path, *arguments: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-m", "understudy_failover.emulator", *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            text = ""
            while not text.rstrip().endswith("https://www.example.com/"):
                line = process.stdout.readline()
                assert line, f"it ended: {text}"
                text += line
            yield Running(process, text)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(LIMIT_SECONDS)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_it_cleanly(root: Path, temporary: Path, number: signal.Signals) -> None:
    with running(root) as instance:
        assert len(list(temporary.iterdir())) == 1
        assert instance.end(number) == 0
        assert instance.process.stdout is not None
        assert instance.process.stdout.read().strip() == "", "no traceback"
        assert list(temporary.iterdir()) == []


@pytest.fixture(scope="module")
def program(root: Path) -> Iterator[Running]:
    with running(root, "--rate", "10") as instance:
        yield instance


def test_it_says_at_what_rate_it_runs(program: Running) -> None:
    assert "running at 10 times real time" in program.text


def test_the_addresses_that_it_prints_are_those_it_listens_on(program: Running) -> None:
    Control(program.exports["AWS_ENDPOINT_URL"], program.exports["AWS_ACCESS_KEY_ID"]).create_hosted_zone(
        id="Z1", name="example.com"
    )
    dig = re.fullmatch(r"dig @(127\.0\.0\.1) -p (\d+) www\.example\.com", program.line("dig"))
    assert dig is not None
    query = dns.message.make_query("www.example.com.", "A")
    assert dns.query.udp(query, dig[1], LIMIT_SECONDS, int(dig[2])).rcode() == dns.rcode.NXDOMAIN
    curl = re.match(r"curl --proxy http://(127\.0\.0\.1):(\d+) ", program.line("curl"))
    assert curl is not None
    assert fetch((curl[1], int(curl[2])), "http://203.0.113.1/").status == 504


def test_a_tool_with_the_exported_variables_talks_to_it(program: Running) -> None:
    """boto3, and with it the AWS CLI, takes the region from AWS_DEFAULT_REGION alone."""
    script = "import boto3; print(boto3.client('iam').list_server_certificates()['ServerCertificateMetadataList'])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, **program.exports},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "[]\n"


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "fast"])
def test_a_rate_that_is_none_is_refused_with_the_usage(root: Path, rate: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "understudy_failover.emulator", "--rate", rate],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert process.stderr.startswith("usage: python -m understudy_failover.emulator")
    assert "--rate" in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr


def test_its_help_says_what_it_is(root: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "understudy_failover.emulator", "--help"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a stand-in for rehearsals and tests" in process.stdout
