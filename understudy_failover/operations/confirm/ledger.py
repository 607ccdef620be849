"""The list of resources that a run has created or was about to create: a file, written before each creation.

It survives a killed process: the next run removes what the killed run left.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from understudy_failover.contract.printable import printable
from understudy_failover.contract.regular_file import read_file
from understudy_failover.operations.files import write_atomically

NAME = re.compile(r"understudy-confirm-[0-9a-f]{8}(?:-[a-z0-9]+)*")
"""The name of everything that a run creates: its token, with or without labels."""
KIND = re.compile(r"[a-z]+(?: [a-z]+)*")
ALLOWED = "understudy-confirm-<8 hexadecimal digits> with or without -label"


class LedgerError(Exception):
    """The file cannot be used; the text says why and what to do."""


class Entry(NamedTuple):
    """A resource, by its name, its caller reference, or the tag of a distribution."""

    kind: str
    name: str

    @property
    def is_own(self) -> bool:
        return bool(KIND.fullmatch(self.kind) and NAME.fullmatch(self.name))


class Ledger:
    """The entries in the order of creation; no file where there are none."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raise LedgerError: it is no ledger, or names what no run has created; then nothing of it may be removed.
        """
        self.path = path
        self._entries: list[Entry] = []
        try:
            resources = json.loads(read_file(path).decode("utf-8"))["resources"]
            self._entries = [Entry(str(kind), str(name)) for kind, name in resources]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise LedgerError(
                f"{path} is not a ledger of `understudy confirm` ({printable(str(error))}); move it away"
            ) from None
        foreign = [f"{entry.kind} {entry.name}" for entry in self._entries if not entry.is_own]
        if foreign:
            # A file in the working folder must not choose what is deleted.
            raise LedgerError(
                f"{path} names what `understudy confirm` did not create: {printable(', '.join(foreign))}; allowed are "
                f"{ALLOWED}. Nothing is removed: find out who wrote the file, then move it away or use --ledger FILE"
            )

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def add(self, kind: str, name: str) -> None:
        """Record a resource that is about to be created; a second time changes nothing.

        Raise LedgerError: the file cannot be written; then nothing may be created.
        """
        if Entry(kind, name) not in self._entries:
            self._entries.append(Entry(kind, name))
            self._write()

    def remove(self, entry: Entry) -> None:
        self._entries.remove(entry)
        self._write()

    def _write(self) -> None:
        try:
            if self._entries:
                write_atomically(self.path, json.dumps({"resources": self._entries}, indent=2) + "\n")
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(f"{self.path} cannot be written: {error.strerror}; use --ledger FILE") from None


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Lock the folder of a ledger for the length of a `with` block: another run would remove this run's resources.

    Raise LedgerError: another run has locked it, or the folder cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise LedgerError(f"{path.parent}: {error.strerror}; use --ledger FILE") from None
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LedgerError(
                f"{path.parent} cannot be locked ({error.strerror}): another `understudy confirm --apply` runs with a "
                "ledger there. Wait until it ends, or use --ledger FILE in another folder"
            ) from None
        yield
    finally:
        os.close(folder)
