"""Since when a health check says what it says, from its metric in CloudWatch.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

SPAN = timedelta(hours=24)
"""How far back is looked: 1,440 minutes are what one call answers."""
PERIOD_SECONDS = 60


def unhealthy_since(cloudwatch: Any, health_check: str, now: datetime) -> datetime | None:
    """The minute since which the check has been unhealthy; None where CloudWatch has no data, or says it is healthy."""
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": health_check}],
        StartTime=now - SPAN,
        EndTime=now,
        Period=PERIOD_SECONDS,
        Statistics=["Minimum"],
    )
    return began((one["Timestamp"], one["Minimum"]) for one in answer["Datapoints"])


def began(points: Iterable[tuple[datetime, float]]) -> datetime | None:
    """The first of the last run of zeros; None where the last value is no zero, or there is none."""
    since = None
    for at, value in sorted(points, reverse=True):
        if value:
            break
        since = at
    return since
