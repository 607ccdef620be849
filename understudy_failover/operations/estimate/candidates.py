"""The compared candidates: the timing of the file, and every other profile."""

from collections.abc import Mapping
from dataclasses import dataclass

from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.estimate.bill import Item, bill
from understudy_failover.operations.estimate.client_behavior import Arrivals, Direction, arrivals, kinds
from understudy_failover.operations.estimate.prices import prices
from understudy_failover.settings import HealthCheck, Settings, Timing
from understudy_failover.settings.tables import TIMING_PROFILES

Audience = Mapping[str, Arrivals | None]
"""By kind of client; None: never."""


@dataclass(frozen=True)
class Candidate:
    """A timing, its cost and the waiting times of users."""

    name: str
    chosen: bool
    """Whether the file has it."""
    timing: Timing
    there_seconds: int
    """The time until every client that honors the TTL sees the page."""
    back_seconds: int
    """The time until every client that honors the TTL is back on the server."""
    there: Audience
    back: Audience
    items: list[Item]


def compare(settings: Settings, *, clients: int, million_queries: float) -> list[Candidate]:
    """Return every profile, and the file's own timing where it is no profile, for the slowest health check."""
    check = max(
        (server.health_check for server in settings.servers),
        key=lambda check: failover_bound(check, settings.timing).total_seconds,
    )
    timings = {name: Timing.model_validate({"profile": name}) for name in TIMING_PROFILES}
    own = settings.timing
    chosen = next((name for name, timing in timings.items() if _same(timing, own)), "")
    if not chosen:
        chosen, timings = "as declared", {"as declared": own, **timings}
    return [
        Candidate(
            name=name,
            chosen=name == chosen,
            timing=timing,
            there_seconds=failover_bound(check, timing).total_seconds,
            back_seconds=failback_bound(check, timing).total_seconds,
            there=_audience(check, timing, "page", clients),
            back=_audience(check, timing, "server", clients),
            items=bill(settings, timing, prices(), million_queries=million_queries),
        )
        for name, timing in timings.items()
    ]


def _audience(check: HealthCheck, timing: Timing, direction: Direction, clients: int) -> Audience:
    return {kind.name: arrivals(check, timing, direction, clients=clients, kind=kind) for kind in kinds()}


def _same(first: Timing, second: Timing) -> bool:
    return first.model_dump(exclude={"profile"}) == second.model_dump(exclude={"profile"})
