"""A drill's journal as a file: actions, measurements, and the observations of every host.

docs/drill-journal.schema.json is the JSON Schema of these classes.
"""

import json
from collections.abc import Mapping
from datetime import datetime
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
    """A duration: longer than `after_seconds`, at most `within_seconds`."""

    what: str
    after_seconds: float
    within_seconds: float
    bound_seconds: int
    holds: bool


class RecordedHost(_Part):
    """The observations of a host name, in consecutive spans.

    A name with `(connection kept)` is what a client observed that keeps its connection.
    """

    name: str
    server: str
    spans: tuple[Span, ...]


class Record(_Part):
    """A drill or rehearsal. All seconds count from `began_at`, on the clock of the drill."""

    version: Literal[1] = 1
    what: Literal["drill", "rehearsal"]
    app: str
    servers: tuple[str, ...]
    """The servers whose outage was played."""
    began_at: AwareDatetime
    seconds: float
    clock_rate: float
    """Its seconds per real second, at most: 1 on AWS."""
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
    """Return all results of a drill; `ended` is False where it was aborted."""
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
            RecordedEntry(at_seconds=round(entry.at_seconds, 3), kind=entry.kind, text=entry.text)
            for entry in journal.entries
        ),
        measurements=tuple(
            RecordedMeasurement(**vars(measurement), holds=measurement.holds) for measurement in journal.measurements
        ),
        hosts=tuple(
            RecordedHost(name=name, server=server.name, spans=spans.get(name, ()))
            for server in settings.servers
            for host in server.hosts
            for name in (host.name, *(span for span in spans if span == f"{host.name}{MARK}"))
        ),
    )


def schema() -> str:
    return json.dumps(Record.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False) + "\n"
