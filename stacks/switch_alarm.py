"""Knows that maintenance is planned: a switch is on, or was a moment ago."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .alarm_rule import in_alarm
from .health_metrics import health_metric
from .switch_check import SwitchCheck

AFTERWARDS_MINUTES = 2
"""Longer than a server counts as down after its last failure: what happened under the switch is not told later."""


class SwitchAlarm(Construct):
    """In alarm while the switch is on and until every `DownAlarm` of `down_minutes` is clear of what it covered.

    It tells nobody by itself: it silences `Notice`. So an outage that begins in that time after a maintenance is told
    when the time is over.
    """

    def __init__(self, scope: Construct, id_: str, *, switch: SwitchCheck, down_minutes: int) -> None:
        super().__init__(scope, id_)
        minutes = down_minutes + AFTERWARDS_MINUTES
        alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_description=f"{switch.name} was on within the last {minutes} min. Tells nobody by itself.",
            # The check is inverted: unhealthy means that the switch is on.
            metric=health_metric("HealthCheckStatus", switch.health_check_id, "Minimum", minutes),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.on = in_alarm(alarm)
        """The rule that it is, for composite alarms."""
