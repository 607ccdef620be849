"""Runs the real CDK command line against the embedded AWS."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Self

from understudy_failover.operations.cdk_cli import cdk_environment
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.errors import CdkError

EVERY_STACK = "**"
ASSEMBLY = "cdk.out"
ENVIRONMENT = "aws://000000000000/us-east-1"
STOP_LIMIT_SECONDS = 5
UNATTENDED = ("--require-approval", "never", "--progress", "events")


class Cdk:
    """`cdk` for a settings file and an AWS; it writes only to `folder`."""

    def __init__(
        self, environment: Mapping[str, str], settings: Path, folder: Path, interruption: Interruption
    ) -> None:
        self._environment = environment
        self._interruption = interruption
        self._settings = settings
        self._folder = folder
        self._assembly = folder / ASSEMBLY

    def bootstrap(self, listener: Callable[[str], None]) -> str:
        """Run `cdk bootstrap`; `listener` gets every line, as in the other methods. Return the output."""
        # In a folder without cdk.json: the app need not run.
        return self._run(self._folder, ("bootstrap", ENVIRONMENT), listener)

    def deploy(self, listener: Callable[[str], None], *arguments: str, stacks: str = EVERY_STACK) -> str:
        """Run `cdk deploy` of all stacks, or of those that match `stacks`."""
        return self._run_app(("deploy", stacks, *UNATTENDED, *arguments), listener)

    def deploy_assembly(self, assembly: Path, listener: Callable[[str], None]) -> str:
        """Run `cdk deploy` of all stacks of an existing cloud assembly."""
        return self._run(Path.cwd(), ("deploy", EVERY_STACK, *UNATTENDED, "--app", str(assembly)), listener)

    def diff(self, listener: Callable[[str], None]) -> str:
        """Run `cdk diff` of all stacks."""
        return self._run_app(("diff", EVERY_STACK), listener)

    def destroy(self, listener: Callable[[str], None], stacks: str = EVERY_STACK) -> str:
        """Run `cdk destroy` of all stacks, or of those that match `stacks`, as deployed last."""
        return self._run(Path.cwd(), ("destroy", stacks, "--force", "--app", str(self._assembly)), listener)

    def _run_app(self, arguments: tuple[str, ...], listener: Callable[[str], None]) -> str:
        return self._run(_project(), (*arguments, *_output(self._settings, self._assembly)), listener)

    def _run(self, cwd: Path, arguments: tuple[str, ...], listener: Callable[[str], None]) -> str:
        lines: list[str] = []
        with _process(("cdk", "--no-notices", "--no-color", *arguments), cwd, self._environment) as process:
            assert process.stdout is not None
            with self._interruption.of_group(process.pid):
                for line in process.stdout:
                    lines.append(line)
                    listener(line.rstrip())
        text = "".join(lines)
        if process.returncode:
            raise CdkError(f"cdk {arguments[0]} failed:\n{text}")
        return text


class Synthesis:
    """`cdk synth` of a settings file in the background; a context manager, at whose end the process has ended.

    Without the CDK's built-in validation, which doubles the time, and which the owner's own `cdk synth` has.
    """

    def __init__(
        self, environment: Mapping[str, str], settings: Path, folder: Path, interruption: Interruption
    ) -> None:
        self._environment = {**environment, "CDK_VALIDATION": "false"}
        self._assembly = folder / ASSEMBLY
        self._where = _output(settings, self._assembly)
        self._folder = folder
        self._interruption = interruption
        self._exits = contextlib.ExitStack()

    def __enter__(self) -> Self:
        command = ("cdk", "--no-notices", "--no-color", "synth", EVERY_STACK, "--quiet", *self._where)
        with contextlib.ExitStack() as stack:
            # A file, because a pipe would have to be read.
            self._log = stack.enter_context(tempfile.TemporaryFile("w+", dir=self._folder, encoding="utf-8"))
            self._process = stack.enter_context(_process(command, _project(), self._environment, self._log))
            self._exits = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def assembly(self) -> Path:
        """Wait for the end; return the cloud assembly. Raise CdkError: it failed."""
        with self._interruption.of_group(self._process.pid):
            self._process.wait()
        if self._process.returncode:
            self._log.seek(0)
            raise CdkError(f"cdk synth failed:\n{self._log.read()}")
        return self._assembly


def _output(settings: Path, assembly: Path) -> tuple[str, ...]:
    return "--context", f"settings={settings}", "--output", str(assembly)


def _project() -> Path:
    """Return the working folder, whose cdk.json has the app's command. Raise CdkError: it has no cdk.json."""
    folder = Path.cwd()
    if not (folder / "cdk.json").is_file():
        raise CdkError(f"{folder} has no cdk.json. Change to the folder that `understudy init` has written")
    return folder


@contextlib.contextmanager
def _process(
    command: tuple[str, ...], cwd: Path, environment: Mapping[str, str], output: int | IO[str] = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """A child in a new session: at the end of the block the CDK, its app and the app's Node are ended, too."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=cdk_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
        process.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_LIMIT_SECONDS)
        if process.stdout:
            process.stdout.close()
