"""A drill's journal as a file: what was done and found, and what every host showed meanwhile.

docs/drill-journal.schema.json is the JSON Schema of these classes.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from understudy_failover.operations.journal import Journal, Kind
from understudy_failover.operations.pooled_client import MARK
from understudy_failover.operations.timeline import Span
from understudy_failover.settings import Settings


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedEntry(_Part):
    """A line of the journal."""

    at_seconds: float
    kind: Kind
    text: str


class RecordedMeasurement(_Part):
    """How long something took: longer than `after_seconds`, at most `within_seconds`."""

    what: str
    after_seconds: float
    within_seconds: float
    bound_seconds: int
    holds: bool


class RecordedHost(_Part):
    """What a host name showed, in spans that follow each other.

    Behind the name of some stands `(connection kept)`: what a client saw that keeps its connection.
    """

    name: str
    server: str
    spans: tuple[Span, ...]


class Record(_Part):
    """One drill or rehearsal. All seconds count from `began_at`, on the clock of where it was played."""

    version: Literal[1] = 1
    what: Literal["drill", "rehearsal"]
    app: str
    servers: tuple[str, ...]
    """Whose outage was played."""
    began_at: AwareDatetime
    seconds: float
    clock_rate: float
    """Of its seconds in a real one, at most: 1 on AWS."""
    profile: str
    outcome: Literal["held", "deviated", "broken off"]
    entries: tuple[RecordedEntry, ...]
    measurements: tuple[RecordedMeasurement, ...]
    hosts: tuple[RecordedHost, ...]


def record(
    journal: Journal,
    spans: Mapping[str, tuple[Span, ...]],
    settings: Settings,
    *,
    what: Literal["drill", "rehearsal"],
    servers: tuple[str, ...],
    began_at: datetime,
    clock_rate: float = 1.0,
    ended: bool = True,
) -> Record:
    """All that is known of a drill; `ended` False where it was broken off."""
    return Record(
        what=what,
        app=settings.app,
        servers=servers,
        began_at=began_at,
        seconds=round(journal.elapsed_seconds, 3),
        clock_rate=clock_rate,
        profile=settings.timing.profile,
        outcome="broken off" if not ended else "deviated" if journal.deviations else "held",
        entries=tuple(
            RecordedEntry(at_seconds=round(one.at_seconds, 3), kind=one.kind, text=one.text) for one in journal.entries
        ),
        measurements=tuple(RecordedMeasurement(**vars(one), holds=one.holds) for one in journal.measurements),
        hosts=tuple(
            RecordedHost(name=name, server=server.name, spans=spans.get(name, ()))
            for server in settings.servers
            for host in server.hosts
            for name in (host.name, *(one for one in spans if one == f"{host.name}{MARK}"))
        ),
    )


def schema() -> str:
    """The JSON Schema of a record."""
    return json.dumps(Record.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> None:
    """Puts a file there as a whole: whoever reads it sees the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        # As any new file has them; temporary ones are their owner's alone.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
