"""The form of every CloudWatch alarm here."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .logical_ids import shorten
from .notifications import Notifications

NAME_CHARACTERS = 255
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
Comparison = cloudwatch.ComparisonOperator
Missing = cloudwatch.TreatMissingData


def declare_alarm(
    scope: Construct,
    id_: str,
    *,
    name: str,
    description: str,
    metric: cloudwatch.IMetric,
    comparison: cloudwatch.ComparisonOperator,
    threshold: float,
    periods: int = 1,
    missing: cloudwatch.TreatMissingData = Missing.NOT_BREACHING,
    notifications: Notifications | None = None,
    when_over: bool = True,
) -> cloudwatch.Alarm:
    """Return an alarm. `name` is the subject of its messages and `description` their text, for ALARM and for OK.

    `notifications` get both messages, or ALARM alone without `when_over`.
    """
    alarm = cloudwatch.Alarm(
        scope,
        id_,
        alarm_name=shorten(name, NAME_CHARACTERS, " "),
        alarm_description=description,
        metric=metric,
        comparison_operator=comparison,
        threshold=threshold,
        evaluation_periods=periods,
        treat_missing_data=missing,
    )
    if notifications:
        notifications.notify(alarm, when_over=when_over)
    return alarm
