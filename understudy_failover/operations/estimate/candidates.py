"""The compared candidates: the timing of the file, and every other profile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.estimate.bill import Item, bill, prices, total
from understudy_failover.operations.estimate.client_behavior import Arrivals, Direction, arrivals, kinds
from understudy_failover.settings import HealthCheck, Settings, Timing
from understudy_failover.settings.tables import TIMING_PROFILES

ArrivalsByClient = Mapping[str, Arrivals | None]
"""By kind of client; None: never."""


@dataclass(frozen=True)
class Candidate:
    name: str
    chosen: bool
    """Whether the file has it."""
    timing: Timing
    there_seconds: int
    """The time until every client that honors the TTL sees the page."""
    back_seconds: int
    """The time until every client that honors the TTL is back on the server."""
    there: ArrivalsByClient
    back: ArrivalsByClient
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
            there=_arrivals_by_client(check, timing, "page", clients),
            back=_arrivals_by_client(check, timing, "server", clients),
            items=bill(settings, timing, prices(), million_queries=million_queries),
        )
        for name, timing in timings.items()
    ]


def _arrivals_by_client(check: HealthCheck, timing: Timing, direction: Direction, clients: int) -> ArrivalsByClient:
    return {kind.name: arrivals(check, timing, direction, clients=clients, kind=kind) for kind in kinds()}


def _same(first: Timing, second: Timing) -> bool:
    return first.model_dump(exclude={"profile"}) == second.model_dump(exclude={"profile"})


VALUES: dict[tuple[str, str], tuple[object, ...]] = {
    ("maintenance", "switches"): ("per-server", "one", "none"),
    ("monitoring", "alarms"): (True, False),
    ("monitoring", "dashboard"): (True, False),
    ("notifications", "encrypted"): (True, False),
}


@dataclass(frozen=True)
class Choice:
    setting: str
    """As in failover.toml: `[maintenance] switches = "one"`."""
    chosen: bool
    low_usd: float
    high_usd: float


def choices(settings: Settings, *, million_queries: float) -> Iterator[Choice]:
    """Yield every value of every setting that saves money; the last choice has all of them at their least."""
    for (table, key), values in VALUES.items():
        for value in values:
            shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
            changed = _with(settings, {(table, key): value})
            yield _choice(f"[{table}] {key} = {shown}", settings, changed, million_queries)
    least = _with(settings, {place: values[-1] for place, values in VALUES.items()})
    yield _choice("no switches, no alarms", settings, least, million_queries)


def _with(settings: Settings, values: dict[tuple[str, str], object]) -> Settings:
    for (table, key), value in values.items():
        inner = getattr(settings, table).model_copy(update={key: value})
        settings = settings.model_copy(update={table: inner})
    return settings


def _choice(setting: str, settings: Settings, changed: Settings, million_queries: float) -> Choice:
    low, high = total(bill(changed, changed.timing, prices(), million_queries=million_queries))
    return Choice(setting, changed == settings, low, high)
