"""The records from before `import`: a file beside failover.toml, from which `detach` restores them.

Everything in it is public in DNS. Keep it in version control.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from understudy_failover.contract.printable import printable
from understudy_failover.contract.regular_file import read_file
from understudy_failover.operations.files import write_atomically
from understudy_failover.operations.hosted_zones import unescaped
from understudy_failover.operations.timestamps import rfc3339, timestamp
from understudy_failover.settings import Server

FILE = "adopted-records.json"
ALIAS_TTL_SECONDS = 60
"""Of most targets: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html"""


class JournalError(Exception):
    """The file cannot be used; the text says why and what to do."""


class _Value(BaseModel):
    Value: str


class _AliasTarget(BaseModel):
    HostedZoneId: str
    DNSName: str


class _RecordSet(BaseModel):
    """As much of a record set as is read here; types that `import` takes over."""

    Name: str
    Type: Literal["A", "AAAA", "CNAME"]
    TTL: int | None = None
    Failover: str | None = None
    ResourceRecords: tuple[_Value, ...] = ()
    AliasTarget: _AliasTarget | None = None


ZONES: TypeAdapter[dict[str, dict[str, list[_RecordSet]]]] = TypeAdapter(dict[str, dict[str, list[_RecordSet]]])


class Journal:
    """Record sets by hosted zone id and host name, as Route 53 gave them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read()

    def read(self) -> None:
        """Read the file; a missing file is an empty journal. Raise JournalError: it is something else."""
        self._zones: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self._until: dict[str, dict[str, datetime]] = {}
        try:
            read = json.loads(read_file(self.path).decode("utf-8"))
            _require_own_names(ZONES.validate_python(read["zones"]))
            self._zones = read["zones"]
            for zone_id, names in read.get("old_answers_until", {}).items():
                self._until[zone_id] = {name: timestamp(text) for name, text in names.items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise JournalError(
                f"{self.path} cannot be read as a record of adoptions ({printable(str(error))}); restore it from "
                "version control, or move it away: `detach` then makes simple records with the servers' addresses"
            ) from None

    def records(self, zone_id: str, name: str) -> Sequence[Mapping[str, Any]]:
        """Return the records from before `import`; none if the host was never adopted."""
        return self._zones.get(zone_id, {}).get(name, ())

    def old_answers_until(self, zone_id: str, name: str) -> datetime | None:
        """Return when the last resolver forgets what a host name had; None if it was never adopted."""
        return self._until.get(zone_id, {}).get(name)

    def add(self, zone_id: str, name: str, records: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
        ttl_seconds = max((record.get("TTL", ALIAS_TTL_SECONDS) for record in records), default=0)
        until = now + timedelta(seconds=ttl_seconds)
        names = self._until.setdefault(zone_id, {})
        names[name] = max(until, names.get(name, until))
        types = {record["Type"] for record in records}
        others = [dict(record) for record in self.records(zone_id, name) if record["Type"] not in types]
        self._zones.setdefault(zone_id, {})[name] = [*others, *(dict(record) for record in records)]

    def remove(self, zone_id: str, name: str) -> None:
        for zones in (self._zones, self._until):
            names = zones.get(zone_id, {})
            names.pop(name, None)
            if not names:
                zones.pop(zone_id, None)

    def write(self) -> None:
        try:
            if not self._zones:
                self.path.unlink(missing_ok=True)
                return
            until = {
                zone_id: {name: rfc3339(at) for name, at in names.items()} for zone_id, names in self._until.items()
            }
            document = {"zones": self._zones, "old_answers_until": until}
            write_atomically(self.path, json.dumps(document, indent=2, sort_keys=True) + "\n")
        except OSError as error:
            raise JournalError(f"{self.path} cannot be written: {error.strerror}; nothing was changed") from None


def _require_own_names(zones: Mapping[str, Mapping[str, Sequence[_RecordSet]]]) -> None:
    """Whoever can change the file must not choose which names `detach` creates.

    What they lead to is not checked: who can change this file can change the servers' addresses in failover.toml.
    Raise ValueError: under a host name stands a record set of another.
    """
    for names in zones.values():
        for name, records in names.items():
            for record in records:
                if unescaped(record.Name).rstrip(".") != name.lower():
                    raise ValueError(f"under {name} stands a record set of {record.Name}")


def old_answers(folder: Path, servers: Sequence[Server], now: datetime) -> Iterator[str]:
    """Yield the hosts of `servers` that some resolvers still answer as before `import`; `folder` has the journal."""
    try:
        journal = Journal(folder / FILE)
    except JournalError as error:
        yield str(error)
        return
    for server in servers:
        for host in server.hosts:
            until = journal.old_answers_until(host.zone.id, host.name)
            if until and until > now:
                yield old_answers_text(host.name, until)


def old_answers_text(host_name: str, until: datetime) -> str:
    return (
        f"{host_name}: until {rfc3339(until)} resolvers may keep the answer from before `import`; clients that ask "
        "them stay on the server in a failover or a drill"
    )
