"""Metric math that is silent while a maintenance switch is on.

A switch's metric is 1 while it is off and 0 in a minute in which it was on, so a product with it is 0 in planned work.
Cheaper than composite alarms: each metric of an expression costs 0.10 USD a month, a composite alarm 0.50 USD.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, aws_cloudwatch as cloudwatch

from .health_metrics import health_metric
from .switch_check import SwitchCheck


def unless_planned(
    expression: str,
    metrics: Mapping[str, cloudwatch.IMetric],
    *,
    switches: Sequence[SwitchCheck],
    minutes: int,
    label: str,
) -> cloudwatch.MathExpression:
    """Return `expression` over `metrics`, which are by id, and 0 while one of `switches` is on."""
    names = [f"switch{number}" for number in range(len(switches))]
    off = {
        name: health_metric("HealthCheckStatus", switch.health_check_id, "Minimum", minutes)
        for name, switch in zip(names, switches, strict=True)
    }
    # As for Route 53, a switch without data is off.
    factors = (f"FILL({name},1)" for name in names)
    return cloudwatch.MathExpression(
        expression="*".join((f"({expression})", *factors)),
        using_metrics={**metrics, **off},
        period=Duration.minutes(minutes),
        label=label,
    )
