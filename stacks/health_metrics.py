"""Route 53's metrics of health checks, which exist in us-east-1 alone.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""

from aws_cdk import Duration, aws_cloudwatch as cloudwatch


def health_metric(
    name: str, health_check_id: str, statistic: str, period: Duration, *, label: str | None = None
) -> cloudwatch.Metric:
    """A metric of one health check, over all its checkers."""
    return cloudwatch.Metric(
        namespace="AWS/Route53",
        metric_name=name,
        dimensions_map={"HealthCheckId": health_check_id},
        statistic=statistic,
        period=period,
        label=label,
    )
