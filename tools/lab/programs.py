"""Programs from Debian's packages: their path, version, start and end."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from tools.lab.network import AUTHORITY, NAME, ZONE

CONFIGS = Path(__file__).parent / "configs"
FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin:/usr/lib/systemd:/lib/systemd"
END_SECONDS = 3.0
VERSION = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True)
class Need:
    """A program that has to be installed."""

    program: str
    package: str
    version: tuple[str, ...] = ("--version",)
    """Arguments that print its version."""
    module: str = ""
    """A module of Debian's Python that is needed, and whose version counts."""


@dataclass(frozen=True)
class Subject:
    """A client of the table; `commands` returns the commands to run."""

    name: str
    needs: tuple[Need, ...]
    commands: Callable[["Bench"], Sequence[Sequence[str]]]
    sends_requests: bool = True
    """False if the lab sends them: to a resolver at `address`, or to a proxy at port 80 of it."""
    address: str = ""
    needs_root: bool = False
    """Whether it changes to another user, which a user namespace does not have."""


@dataclass
class Bench:
    """The folder for a subject's files, and the path of its programs."""

    folder: Path
    subject: Subject
    unpacked: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> str:
        """Write a file; return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def configure(self, name: str, **values: str) -> str:
        """Write the settings of configs/ with that name and these values to the folder; return their path."""
        template = Template((CONFIGS / name).read_text(encoding="utf-8"))
        address = self.subject.address
        common = {"folder": str(self.folder), "address": address, "name": NAME, "zone": ZONE, "authority": AUTHORITY}
        return self.write(name, template.substitute(common, **values))

    def path(self, program: str) -> str:
        return find(program, self.unpacked) or program


def find(program: str, unpacked: Path | None) -> str | None:
    """Return the path of a program on this machine, or below a folder of unpacked packages."""
    folders = FOLDERS + os.pathsep + os.environ.get("PATH", "")
    if unpacked:
        folders += "".join(f"{os.pathsep}{unpacked}{folder}" for folder in FOLDERS.split(":"))
    return shutil.which(program, path=folders)


def missing(subject: Subject, unpacked: Path | None) -> list[Need]:
    """Return what a subject needs that is not installed."""
    return [need for need in subject.needs if not _is_installed(need, unpacked)]


def _is_installed(need: Need, unpacked: Path | None) -> bool:
    path = find(need.program, unpacked)
    if path is None or not need.module:
        return path is not None
    return subprocess.run([path, "-c", f"import {need.module}"], check=False, capture_output=True).returncode == 0


def version(subject: Subject, unpacked: Path | None) -> str:
    """Return the versions of a subject's programs, by their own output."""
    return ", ".join(_version(need, unpacked) for need in subject.needs)


def _version(need: Need, unpacked: Path | None) -> str:
    command = [find(need.program, unpacked) or need.program, *need.version]
    if need.module:
        code = f"from importlib.metadata import version; print(version({need.module!r}))"
        command = [command[0], "-c", code]
    process = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
    match = VERSION.search(process.stdout + process.stderr)
    return match[0] if match else "?"


async def start(bench: Bench) -> list[asyncio.subprocess.Process]:
    """Start every command of a subject in a new process group; its output goes to its folder."""
    started = []
    for number, command in enumerate(bench.subject.commands(bench)):
        with (bench.folder / f"output-{number}.txt").open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=bench.folder,
                env={**os.environ, **bench.environment},
                start_new_session=True,
            )
        started.append(process)
    return started


async def end(processes: Sequence[asyncio.subprocess.Process]) -> None:
    """End the process groups by their ids; kill them if they do not end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                continue
        await asyncio.wait([asyncio.ensure_future(process.wait()) for process in processes], timeout=END_SECONDS)
