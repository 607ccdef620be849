"""Route 53's metrics of health checks, which exist only in us-east-1.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""

from functools import cache

from aws_cdk import Duration, aws_cloudwatch as cloudwatch


def health_metric(
    name: str, health_check_id: str, statistic: str, minutes: int = 1, *, label: str | None = None
) -> cloudwatch.Metric:
    """Return a metric of a health check over all its checkers."""
    return cloudwatch.Metric(
        namespace="AWS/Route53",
        metric_name=name,
        dimensions_map={"HealthCheckId": health_check_id},
        statistic=statistic,
        period=_minutes(minutes),
        label=label,
    )


@cache  # each call crosses to Node
def _minutes(count: int) -> Duration:
    return Duration.minutes(count)
