"""The journal of a drill, in the terms of chaos engineering experiments.

https://chaostoolkit.org/reference/api/experiment/
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """Time of the drill, possibly emulated: the embedded AWS can run faster than real time."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Kind(StrEnum):
    """The kind of an entry."""

    METHOD = "method"
    """An action: a server was stopped, a rollback."""
    CONFIRMED = "held"
    """A hypothesis held."""
    DEVIATED = "deviated"
    """A hypothesis did not hold."""
    INCONCLUSIVE = "inconclusive"
    """It cannot be determined whether a hypothesis held: the probes were too far apart."""
    NOTE = "note"


@dataclass(frozen=True)
class Entry:
    """A line of the journal; `at_seconds` since it was opened, on its clock."""

    at_seconds: float
    kind: Kind
    text: str


@dataclass(frozen=True)
class Measurement:
    """A duration against its bound."""

    what: str
    after_seconds: float
    """The last probe before the change."""
    within_seconds: float
    """The first probe after the change: the event lies between the two."""
    bound_seconds: int

    @property
    def holds(self) -> bool:
        """Return whether the event can have come in time. A late probe proves nothing."""
        return self.after_seconds <= self.bound_seconds

    @property
    def kind(self) -> Kind:
        """Return held, deviated, or inconclusive where the bound lies between the two probes."""
        if not self.holds:
            return Kind.DEVIATED
        return Kind.CONFIRMED if self.within_seconds <= self.bound_seconds else Kind.INCONCLUSIVE


@dataclass
class Journal:
    """Entries and measurements; `listener` gets every entry as it is written."""

    clock: Clock
    listener: Callable[[Entry], None] = lambda _: None
    entries: list[Entry] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._opened_at = self.clock.now()

    @property
    def elapsed_seconds(self) -> float:
        """Return the seconds since the journal was opened, on its clock."""
        return self.clock.now() - self._opened_at

    def write(self, kind: Kind, text: str) -> None:
        entry = Entry(self.elapsed_seconds, kind, text)
        self.entries.append(entry)
        self.listener(entry)

    def measure(self, measurement: Measurement) -> None:
        """Add a measurement and, as an entry, whether it is within its bound."""
        self.measurements.append(measurement)
        text = (
            f"{measurement.what} after {measurement.after_seconds:.0f} to {measurement.within_seconds:.0f} s "
            f"(bound {measurement.bound_seconds} s)"
        )
        if measurement.kind is Kind.INCONCLUSIVE:
            text += ": inconclusive, as the probes around the bound were too far apart; run it again on an idle machine"
        self.write(measurement.kind, text)

    @property
    def deviations(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind is Kind.DEVIATED]
