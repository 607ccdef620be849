"""What a run has created or was about to create: a file, written before each creation.

It survives a killed process, so that the next run removes what the killed run left.
"""

import json
from pathlib import Path
from typing import NamedTuple


class LedgerError(Exception):
    """The file cannot be used; the text says why and what to do."""


class Entry(NamedTuple):
    """A resource, by what finds it: its name, its caller reference, or the tag of a distribution."""

    kind: str
    name: str


class Ledger:
    """The entries in the order of creation; no file where there are none."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            LedgerError: it is no ledger.
        """
        self.path = path
        self._entries: list[Entry] = []
        try:
            listed = json.loads(path.read_text(encoding="utf-8"))["resources"]
            self._entries = [Entry(str(kind), str(name)) for kind, name in listed]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LedgerError(f"{path} is not a ledger of `understudy confirm` ({error}); move it away") from None

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
