"""The embedded AWS as a child process: a context manager.

MiniStack keeps its state in modules and its settings in the environment. In a child process, several can run at once,
and none changes the process that uses it.

The child ends when its standard input closes, which happens even when this process is killed. It ends its workers and
removes its temporary folder.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from understudy_failover.emulator.aws_client import REGION, Credentials, client
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.control import Control
from understudy_failover.emulator.paced_time import Heart, Pace, PacedTime
from understudy_failover.emulator.resources import resources
from understudy_failover.emulator.time_page import Page

START_LIMIT_SECONDS = 60
STOP_LIMIT_SECONDS = 15
NOWHERE = "http://127.0.0.1:9"
"""The discard port: connections to anywhere but loopback are refused at once."""


class EmbeddedAwsError(RuntimeError):
    """The embedded AWS did not start, or has ended."""


class EmbeddedAws:
    """A private AWS for the duration of a `with` block. Every address is on loopback, every port free.

    `rate` emulated seconds pass per real second: health checks, TTLs and time-outs run that much faster.
    `certificate_delay_seconds` is how long IAM takes to show an uploaded server certificate.
    """

    credentials: Credentials
    """The credentials of this run; requests with others get 403."""
    endpoint_url: str
    """The address of every AWS API: `http://127.0.0.1:PORT`."""
    nameserver: tuple[str, int]
    """Authoritative DNS over UDP and TCP."""
    resolver: tuple[str, int]
    """A public resolver over UDP and TCP, without a cache."""
    gateway: tuple[str, int]
    """An HTTP CONNECT proxy in place of the internet."""
    clock: Clock
    """Emulated time; its `sleep` raises MachineTooSlowError and EmbeddedAwsError."""
    control: Control
    pace: Pace
    """Whether this machine is fast enough."""

    def __init__(self, *, rate: float = 1.0, certificate_delay_seconds: float = 0.0) -> None:
        self._arguments = ["--rate", str(rate), "--certificate-delay-seconds", str(certificate_delay_seconds)]
        self.credentials = Credentials.random()
        self._process: subprocess.Popen[str] | None = None
        self._folder: Path | None = None
        self._heart: Heart | None = None

    def __enter__(self) -> Self:
        try:
            # In a new session, so that Ctrl-C on the terminal reaches only this process, which ends the child last.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "understudy_failover.emulator.server", *self._arguments],
                env=_isolated(os.environ) | self.credentials.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._connect(self._announcement(self._process))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """Return the environment for child processes (cdk, aws, boto3) that use this AWS.

        Nothing in it leads to a real account or off this machine.
        """
        assert self._folder is not None
        return environment_without_aws(self._folder) | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            **self.credentials.environment(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client of this AWS, whatever the environment contains."""
        return client(service, self.endpoint_url, self.credentials)

    def resources(self) -> dict[str, list[str]]:
        """Return everything that exists in this AWS by kind, without the CDK's bootstrap and hosted zones."""
        return resources(self.client)

    def log(self) -> str:
        return (self._folder / "emulator.log").read_text(encoding="utf-8") if self._folder else ""

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if self._heart:
            self._heart.stop()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            process.stdout.close()
            # Left over only if the child was killed.
            _end_group(process.pid)
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _check_that_time_passes(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise EmbeddedAwsError("the embedded AWS has ended")
        self.pace.check()

    def _announcement(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        # The child always writes a line, or ends.
        line = process.stdout.readline()
        document: dict[str, Any] = json.loads(line) if line else {"error": "it ended without a message"}
        if "error" in document:
            raise EmbeddedAwsError(f"the embedded AWS did not start: {document['error']}")
        return document

    def _connect(self, announced: dict[str, Any]) -> None:
        self._folder = Path(announced["folder"])
        self.endpoint_url = announced["endpoint_url"]
        self.nameserver = (announced["nameserver"][0], announced["nameserver"][1])
        self.resolver = (announced["resolver"][0], announced["resolver"][1])
        self.gateway = (announced["gateway"][0], announced["gateway"][1])
        page = Page(Path(announced["clock"]))
        self.pace = Pace()
        self._heart = Heart(page, self.pace.note)
        started_at, granted_then = announced["origin"]
        self.clock = Clock(
            announced["rate"], (started_at, granted_then), source=PacedTime(page, check=self._check_that_time_passes)
        )
        self.control = Control(self.endpoint_url, self.credentials.access_key)


def environment_without_aws(folder: Path) -> dict[str, str]:
    """Return the environment for a child process that needs no AWS (cdk synth) and writes only to `folder`."""
    return _isolated(os.environ) | {
        "TMPDIR": str(folder),
        # The CDK writes caches to the home folder, and reports its use to AWS.
        "HOME": str(folder),
        "CDK_HOME": str(folder / "cdk"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NODE_DISABLE_COMPILE_CACHE": "1",
        # Not removed with the run, as unpacking takes seconds.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path(sys.prefix) / "jsii"),
    }


def _isolated(environment: "os._Environ[str]") -> dict[str, str]:
    """Return `environment` without an AWS account, CDK settings and proxies off this machine."""
    variables = {
        name: value
        for name, value in environment.items()
        if name == "CDK_VALIDATION"  # half of the time of a deploy: tests turn it off
        or (not name.upper().startswith(("AWS_", "CDK_")) and not name.upper().endswith("_PROXY"))
    }
    return variables | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTP_PROXY": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "http_proxy": NOWHERE,
        "https_proxy": NOWHERE,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        # The folder of the interpreter has the Node for Lambda workers, CloudFront Functions and the CDK.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{variables.get('PATH', os.defpath)}",
    }


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
