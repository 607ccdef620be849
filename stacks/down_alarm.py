"""Notices that a health check fails, and for how long it must have been healthy for that to be over."""

from aws_cdk import Duration, aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.health_metrics import health_metric

NAME = "-down-"
"""Between app and health check in an alarm's name."""
WITHOUT_HOLD_MINUTES = 3
"""Then it decides nothing, and an outage that comes and goes within minutes is told as one."""


class DownAlarm(Construct):
    """In alarm from the first minute in which a health check fails until `hold_minutes` have been without failure.

    One long period and its minimum: a hold is "one bad minute of many", and Route 53, which follows this alarm's
    data in `FailbackHold`, knows no M out of N. The window slides from minute to minute.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html

    It tells nobody: what operators are told is `OutageNotice`.
    """

    def __init__(
        self, scope: Construct, id_: str, *, app: str, name: str, health_check_id: str, hold_minutes: int
    ) -> None:
        """`name` is the health check's, for whoever reads the alarm."""
        super().__init__(scope, id_)
        # A minute more than asked for: the one in which it recovered may hold no failure any more.
        minutes = hold_minutes + 1 if hold_minutes else WITHOUT_HOLD_MINUTES
        self.hold_minutes = hold_minutes
        self.minutes = minutes
        self.alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            # Another check or another hold is another alarm: Route 53 keeps the settings that an alarm had when its
            # own check was made or changed, and asks for them again only when that names another one.
            # .../Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html
            alarm_name=f"{app}{NAME}{health_check_id}-{minutes}min",
            alarm_description=f"{name}: its health check failed within the last {minutes} min. Tells nobody by itself.",
            metric=health_metric("HealthCheckStatus", health_check_id, "Minimum", Duration.minutes(minutes)),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            # No news is no outage.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
