"""What is compared side by side: the timing of the file, and every other profile."""

from collections.abc import Mapping
from dataclasses import dataclass

from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.estimate.audience import Arrivals, Direction, arrivals, kinds
from understudy_failover.operations.estimate.bill import Item, bill
from understudy_failover.operations.estimate.prices import prices
from understudy_failover.settings import HealthCheck, Settings, Timing
from understudy_failover.settings.tables import TIMING_PROFILES

Audience = Mapping[str, Arrivals | None]
"""By kind of client; None: never."""


@dataclass(frozen=True)
class Contender:
    """One timing, what it costs and how long users see what."""

    name: str
    chosen: bool
    """Whether the file has it."""
    timing: Timing
    there_seconds: int
    """After which nobody who goes by the TTL is missing on the page."""
    back_seconds: int
    """Likewise on the server."""
    there: Audience
    back: Audience
    items: list[Item]


def compare(settings: Settings, *, clients: int, million_queries: float) -> list[Contender]:
    """Every profile, and the file's own timing where it is none of them.

    Of several servers the one whose health check takes longest.
    """
    check = max(
        (server.health_check for server in settings.servers),
        key=lambda one: failover_bound(one, settings.timing).total_seconds,
    )
    timings = {name: Timing.model_validate({"profile": name}) for name in TIMING_PROFILES}
    own = settings.timing
    chosen = next((name for name, timing in timings.items() if _same(timing, own)), "")
    if not chosen:
        chosen, timings = "as declared", {"as declared": own, **timings}
    return [
        Contender(
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


def _same(one: Timing, other: Timing) -> bool:
    return one.model_dump(exclude={"profile"}) == other.model_dump(exclude={"profile"})
