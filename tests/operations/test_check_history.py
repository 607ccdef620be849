"""Since when a health check is unhealthy."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from understudy_failover.operations.verify.health import began, unhealthy_since

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _points(*values: float) -> list[tuple[datetime, float]]:
    return [(NOON + timedelta(minutes=number), value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "minute"),
    [((1, 1, 0, 0), 2), ((0, 0), 0), ((0, 1, 0), 2), ((0, 1), None), ((), None), ((1,), None)],
)
def test_it_is_the_first_minute_of_the_last_run(values: tuple[float, ...], minute: int | None) -> None:
    expected = None if minute is None else NOON + timedelta(minutes=minute)
    assert began(_points(*values)) == expected
    assert began(reversed(_points(*values))) == expected


def test_cloudwatch_is_asked_for_the_checks_own_metric() -> None:
    asked: dict[str, Any] = {}

    class CloudWatch:
        def get_metric_statistics(self, **arguments: Any) -> dict[str, Any]:
            asked.update(arguments)
            return {"Datapoints": [{"Timestamp": at, "Minimum": value} for at, value in _points(1, 0)]}

    assert unhealthy_since(CloudWatch(), "abc", NOON) == NOON + timedelta(minutes=1)
    assert (asked["Namespace"], asked["MetricName"]) == ("AWS/Route53", "HealthCheckStatus")
    assert asked["Dimensions"] == [{"Name": "HealthCheckId", "Value": "abc"}]
    assert (asked["EndTime"] - asked["StartTime"]) / timedelta(seconds=asked["Period"]) <= 1_440
