"""Notices that a health check fails, and for how long it must have been healthy for that to be over."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy_failover.contract.down_alarm import alarm_name, window_minutes

from .health_metrics import health_metric


class DownAlarm(Construct):
    """In alarm from the first minute in which a health check fails until `hold_minutes` have been without failure.

    One long period and its minimum: a hold is "one bad minute of many", and Route 53, which follows this alarm's
    data in `FailbackHold`, knows no M out of N. The window slides from minute to minute.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html

    It sends no notification: `ServerAlarms` does.
    """

    def __init__(
        self, scope: Construct, id_: str, *, app: str, name: str, health_check_id: str, hold_minutes: int
    ) -> None:
        """`name` is the health check's, for whoever reads the alarm."""
        super().__init__(scope, id_)
        minutes = window_minutes(hold_minutes)
        self.hold_minutes = hold_minutes
        self.alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=alarm_name(app, health_check_id, hold_minutes),
            alarm_description=f"{name}: its health check failed within the last {minutes} min. Keeps clients on the "
            "maintenance page for so long. Sends no notification.",
            metric=health_metric("HealthCheckStatus", health_check_id, "Minimum", minutes),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            # No news is no outage.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
