"""The rehearsal's command as a process, with everything that it leaves behind."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

MARK = "UNDERSTUDY_TEST_RUN"
PROCESSES = Path("/proc")


class Run:
    """A run of `understudy rehearse …` with its own temporary files and processes."""

    def __init__(self, root: Path, temporary: Path, settings: Path, *arguments: str, command: str = "rehearse") -> None:
        self._mark = uuid.uuid4().hex
        self.temporary = temporary
        self.report = settings.parent / f"report-{self._mark}"
        # Only a rehearsal has a report.
        report = ("--report", str(self.report)) if command == "rehearse" else ()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-u",
                "-m",
                "understudy_failover",
                command,
                "--settings",
                str(settings),
                *report,
                *arguments,
            ],
            cwd=root,
            env={**os.environ, MARK: self._mark, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def read_until(self, text: str) -> str:
        """Read the output up to a line with `text`; return that line."""
        assert self.process.stdout
        observations = []
        for line in self.process.stdout:
            observations.append(line)
            if text in line:
                return line
        raise AssertionError(f"{text!r} never came:\n{''.join(observations)}")

    def end(self) -> str:
        """Wait for the end; return the rest of the output."""
        return self.process.communicate(timeout=240)[0]

    def processes(self) -> list[str]:
        """Command lines of every living process that this run started, however indirectly."""
        results = []
        for folder in PROCESSES.glob("[0-9]*"):
            try:
                if self._mark.encode() in (folder / "environ").read_bytes():
                    results.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:  # ended meanwhile, or somebody else's
                continue
        return [command for command in results if command]  # a zombie has none
