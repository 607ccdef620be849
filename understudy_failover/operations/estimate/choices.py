"""The cost of each value of a setting, with all other settings as in failover.toml."""

from collections.abc import Iterator
from dataclasses import dataclass

from understudy_failover.operations.estimate.bill import bill, total
from understudy_failover.operations.estimate.prices import prices
from understudy_failover.settings import Settings

VALUES: dict[tuple[str, str], tuple[object, ...]] = {
    ("maintenance", "switches"): ("per-server", "one", "none"),
    ("monitoring", "alarms"): (True, False),
    ("monitoring", "dashboard"): (True, False),
    ("notifications", "encrypted"): (True, False),
}


@dataclass(frozen=True)
class Choice:
    """A value of a setting, and the monthly bill with it."""

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
