"""What stood in the zones before an adoption: a file beside failover.toml, from which `release` restores it.

It holds what everybody can ask DNS for, and belongs into version control.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = "adopted-records.json"


class JournalError(Exception):
    """The file cannot be used; the text says why and what to do."""


class Journal:
    """Record sets by hosted zone id and host name, as Route 53 gave them."""

    def __init__(self, path: Path) -> None:
        """Reads it; none there is an empty one.

        Raises:
            JournalError: it is something else.
        """
        self.path = path
        self._zones: dict[str, dict[str, list[dict[str, Any]]]] = {}
        try:
            self._zones = json.loads(path.read_text(encoding="utf-8"))["zones"]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise JournalError(
                f"{path} cannot be read as a record of adoptions ({error}); restore it from version control, or move "
                "it away: `release` then makes simple records with the servers' addresses"
            ) from None

    def records(self, zone_id: str, name: str) -> Sequence[Mapping[str, Any]]:
        """What a host name had; nothing if it was never adopted."""
        return self._zones.get(zone_id, {}).get(name, ())

    def add(self, zone_id: str, name: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Remembers what a host name has now, beside what it had of other types when those were adopted."""
        types = {record["Type"] for record in records}
        others = [dict(record) for record in self.records(zone_id, name) if record["Type"] not in types]
        self._zones.setdefault(zone_id, {})[name] = [*others, *(dict(record) for record in records)]

    def remove(self, zone_id: str, name: str) -> None:
        """Forgets a host name; one that is not there is no error."""
        self._zones.get(zone_id, {}).pop(name, None)
        if not self._zones.get(zone_id):
            self._zones.pop(zone_id, None)

    def write(self) -> None:
        """To the file, whole or not at all; an empty one is deleted.

        Raises:
            JournalError: it cannot be written.
        """
        try:
            if not self._zones:
                self.path.unlink(missing_ok=True)
                return
            new = self.path.with_name(f"{self.path.name}.new")
            new.write_text(json.dumps({"zones": self._zones}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            new.replace(self.path)
        except OSError as error:
            raise JournalError(f"{self.path} cannot be written: {error.strerror}; nothing was changed") from None
