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
    """`cdk` for one settings file and one AWS; writes nothing outside `folder`."""

    def __init__(
        self, environment: Mapping[str, str], settings: Path, folder: Path, interruption: Interruption
    ) -> None:
        self._environment = environment
        self._interruption = interruption
        self._settings = settings
        self._folder = folder
        self._assembly = folder / ASSEMBLY

    def bootstrap(self, listener: Callable[[str], None]) -> str:
        """`cdk bootstrap`; `listener` gets every line, as with the others."""
        # Where no cdk.json lies: the app is not needed, and need not be run.
        return self._run(self._folder, ("bootstrap", ENVIRONMENT), listener)

    def deploy(self, listener: Callable[[str], None], *arguments: str, stacks: str = EVERY_STACK) -> str:
        """`cdk deploy` of all stacks, or of those that the pattern `stacks` names, with more `arguments`."""
        return self._run_app(("deploy", stacks, *UNATTENDED, *arguments), listener)

    def deploy_assembly(self, assembly: Path, listener: Callable[[str], None]) -> str:
        """`cdk deploy` of all stacks of a cloud assembly that exists already, whatever app wrote it."""
        return self._run(Path.cwd(), ("deploy", EVERY_STACK, *UNATTENDED, "--app", str(assembly)), listener)

    def diff(self, listener: Callable[[str], None]) -> str:
        """`cdk diff` of all stacks."""
        return self._run_app(("diff", EVERY_STACK), listener)

    def destroy(self, listener: Callable[[str], None], stacks: str = EVERY_STACK) -> str:
        """`cdk destroy` of all stacks, or of those that the pattern `stacks` names, as they were deployed last."""
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
    """`cdk synth` of one settings file beside other work; a context manager, at whose end the process has ended.

    Without the CDK's built-in validation, which takes as long as the rest and belongs to the owner's own `cdk synth`.
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
            # A file and no pipe: nobody reads meanwhile.
            self._log = stack.enter_context(tempfile.TemporaryFile("w+", dir=self._folder, encoding="utf-8"))
            self._process = stack.enter_context(_process(command, _project(), self._environment, self._log))
            self._exits = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def assembly(self) -> Path:
        """Return the folder that it wrote, when it has ended.

        Raises:
            CdkError: it failed.
        """
        with self._interruption.of_group(self._process.pid):
            self._process.wait()
        if self._process.returncode:
            self._log.seek(0)
            raise CdkError(f"cdk synth failed:\n{self._log.read()}")
        return self._assembly


def _output(settings: Path, assembly: Path) -> tuple[str, ...]:
    return "--context", f"settings={settings}", "--output", str(assembly)


def _project() -> Path:
    """The working folder, which says in cdk.json how the app is run.

    Raises:
        CdkError: it does not.
    """
    folder = Path.cwd()
    if not (folder / "cdk.json").is_file():
        raise CdkError(f"{folder} has no cdk.json: go to the folder that `understudy init` has written, or write one")
    return folder


@contextlib.contextmanager
def _process(
    command: tuple[str, ...], cwd: Path, environment: Mapping[str, str], output: int | IO[str] = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """A child in a session of its own: whatever ends us takes the CDK, its app and the app's Node along."""
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
