"""How CloudWatch evaluates an alarm, and how Route 53 uses its data: rules only, no network, no time.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html (sliding by default)
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from understudy_failover.emulator.metric_math import evaluate
from understudy_failover.emulator.model import Alarm, Metric, Sample

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

MINUTE_SECONDS = 60
"""Data points and ends of windows are whole minutes."""
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
MISSING = {"breaching": True, "notBreaching": False}
"""TreatMissingData → whether a period without data counts as breaching; the others leave it out."""


Samples = Mapping[Metric, Sequence[Sample]]
"""The samples of every metric of an alarm."""


def alarm_state(alarm: Alarm, samples: Samples, now: float, state: State) -> State:
    """Return the state at `now` of an alarm that was in `state`, from the samples of its metrics.

    Where data is missing in the window, CloudWatch also uses older data; this does not.
    """
    points = [
        MISSING.get(alarm.treat_missing_data) if datapoint is None else datapoint
        for datapoint in datapoints(alarm, samples, now)
    ]
    known = [point for point in points if point is not None]
    if not known:
        return state if alarm.treat_missing_data == "ignore" else "INSUFFICIENT_DATA"
    wanted = min(alarm.datapoints_to_alarm or alarm.evaluation_periods, len(known))
    return "ALARM" if known.count(True) >= wanted else "OK"


def metric_status(alarm: Alarm, samples: Samples, now: float) -> bool | None:
    """Return whether a CLOUDWATCH_METRIC health check of the alarm is healthy; None: insufficient data.

    It uses the data and not the alarm's state, without M out of N. That a period without data is insufficient data,
    however the alarm treats it, is an interpretation; it is not documented (docs/unconfirmed.md).
    """
    points = datapoints(alarm, samples, now)
    known = [point for point in points if point is not None]
    return None if not known else not (all(known) and len(known) == len(points))


def datapoints(alarm: Alarm, samples: Samples, now: float) -> list[bool | None]:
    """Return for each period of the window, the oldest first, whether it breaches; None without data.

    The window slides: it ends with the last whole minute, whatever the period.
    """
    end = now // MINUTE_SECONDS * MINUTE_SECONDS
    compare = COMPARISONS[alarm.comparison]
    breaches: list[bool | None] = []
    for number in range(alarm.evaluation_periods, 0, -1):
        start = end - number * alarm.period_seconds
        values = {
            id_: statistic(
                name, [sample for sample in samples[metric] if start <= sample.at < start + alarm.period_seconds]
            )
            for id_, (metric, name) in alarm.metrics.items()
        }
        value = evaluate(alarm.expression, values)
        breaches.append(None if value is None else compare(value, alarm.threshold))
    return breaches


def statistic(name: str, samples: Sequence[Sample]) -> float | None:
    """Return one of CloudWatch's five plain statistics of samples; None without samples."""
    count = sum(sample.count for sample in samples)
    if not count:
        return None
    total = sum(sample.total for sample in samples)
    return {
        "Average": total / count,
        "Maximum": max(sample.maximum for sample in samples),
        "Minimum": min(sample.minimum for sample in samples),
        "SampleCount": count,
        "Sum": total,
    }[name]
