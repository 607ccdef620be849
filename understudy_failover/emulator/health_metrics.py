"""The metrics that Route 53 publishes of a health check, in namespace AWS/Route53.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from understudy_failover.emulator.model import HealthCheck, Metric

NAMESPACE = "AWS/Route53"


@dataclass(frozen=True)
class Reading:
    metric: Metric
    value: float
    unit: str


def readings(
    check: HealthCheck,
    *,
    healthy: bool,
    verdicts: Sequence[bool | None] = (),
    children: Sequence[bool] = (),
    latencies: Mapping[str, Mapping[str, float]] | None = None,
) -> Iterator[Reading]:
    """Return the readings of `check`.

    `healthy` is its status, `verdicts` are those of its checkers (before inversion), `children` the statuses of a
    calculated check's children. `latencies` has by region the milliseconds of each latency metric.
    """
    yield _reading(check, "HealthCheckStatus", float(healthy), "None")
    known = [verdict for verdict in verdicts if verdict is not None]
    if known:
        yield _reading(check, "HealthCheckPercentageHealthy", 100 * sum(known) / len(known), "Percent")
    if check.type == "CALCULATED":
        yield _reading(check, "ChildHealthCheckHealthyCount", float(sum(children)), "Count")
    measured: dict[str, list[float]] = {}
    for region, values in (latencies or {}).items():
        for name, milliseconds in values.items():
            measured.setdefault(name, []).append(milliseconds)
            yield _reading(check, name, milliseconds, "Milliseconds", region)
    for name, all_regions in measured.items():
        yield _reading(check, name, fmean(all_regions), "Milliseconds")


def _reading(check: HealthCheck, name: str, value: float, unit: str, region: str | None = None) -> Reading:
    dimensions = {("HealthCheckId", check.id)} | ({("Region", region)} if region else set())
    return Reading(Metric(NAMESPACE, name, frozenset(dimensions)), value, unit)
