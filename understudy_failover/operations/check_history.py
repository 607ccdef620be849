"""The time since which a health check is unhealthy, from its metric in CloudWatch.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

SPAN = timedelta(hours=24)
"""1,440 minutes are the most that one call answers."""
PERIOD_SECONDS = 60


def unhealthy_since(cloudwatch: Any, health_check: str, now: datetime) -> datetime | None:
    """Return the first unhealthy minute; None where CloudWatch has no data, or the check is healthy."""
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": health_check}],
        StartTime=now - SPAN,
        EndTime=now,
        Period=PERIOD_SECONDS,
        Statistics=["Minimum"],
    )
    return began((point["Timestamp"], point["Minimum"]) for point in answer["Datapoints"])


def began(points: Iterable[tuple[datetime, float]]) -> datetime | None:
    """Return the first of the last run of zeros; None where the last value is not zero, or there is none."""
    since = None
    for at, value in sorted(points, reverse=True):
        if value:
            break
        since = at
    return since
