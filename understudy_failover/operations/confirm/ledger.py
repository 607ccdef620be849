"""What a run has created or was about to create: a file, written before each creation.

It survives a killed process, so that the next run removes what the killed run left.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

from understudy_failover.contract.printable import printable

NAME = re.compile(r"understudy-confirm-[0-9a-f]{8}(?:-[a-z0-9]+)*")
"""Of everything that a run creates: its token, alone or with labels behind it."""
OF_A_KIND = {"log group": re.compile(rf"/aws/lambda/{NAME.pattern}")}
"""Kinds whose names Lambda makes of ours."""
KIND = re.compile(r"[a-z]+(?: [a-z]+)*")
ALLOWED = "understudy-confirm-<8 hexadecimal digits> with or without -label; log groups begin with /aws/lambda/"


class LedgerError(Exception):
    """The file cannot be used; the text says why and what to do."""


class Entry(NamedTuple):
    """A resource, by what finds it: its name, its caller reference, or the tag of a distribution."""

    kind: str
    name: str


def is_own(entry: Entry) -> bool:
    """Return whether the name is of the pattern of a run's own resources."""
    return bool(KIND.fullmatch(entry.kind) and OF_A_KIND.get(entry.kind, NAME).fullmatch(entry.name))


class Ledger:
    """The entries in the order of creation; no file where there are none."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            LedgerError: it is no ledger, or names what no run has created; then nothing of it may be removed.
        """
        self.path = path
        self._entries: list[Entry] = []
        try:
            listed = json.loads(path.read_text(encoding="utf-8"))["resources"]
            self._entries = [Entry(str(kind), str(name)) for kind, name in listed]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise LedgerError(
                f"{path} is not a ledger of `understudy confirm` ({printable(str(error))}); move it away"
            ) from None
        foreign = [f"{entry.kind} {entry.name}" for entry in self._entries if not is_own(entry)]
        if foreign:
            # Whoever can put a file into the working folder must not choose what is deleted.
            raise LedgerError(
                f"{path} names what `understudy confirm` did not create: {printable(', '.join(foreign))}; allowed are "
                f"{ALLOWED}. Nothing is removed: find out who wrote the file, then move it away or use --ledger FILE"
            )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The resources that may exist."""
        return tuple(self._entries)

    def add(self, kind: str, name: str) -> None:
        """Record a resource that is about to be created; a second time changes nothing.

        Raises:
            LedgerError: the file cannot be written; then nothing may be created.
        """
        if Entry(kind, name) not in self._entries:
            self._entries.append(Entry(kind, name))
            self._write()

    def remove(self, entry: Entry) -> None:
        """Forget a resource that does not exist any more."""
        self._entries.remove(entry)
        self._write()

    def _write(self) -> None:
        try:
            if not self._entries:
                self.path.unlink(missing_ok=True)
                return
            new = self.path.with_name(f"{self.path.name}.new")
            new.write_text(json.dumps({"resources": self._entries}, indent=2) + "\n", encoding="utf-8")
            new.replace(self.path)
        except OSError as error:
            raise LedgerError(f"{self.path} cannot be written: {error.strerror}; use --ledger FILE") from None
