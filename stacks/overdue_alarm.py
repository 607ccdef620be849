"""Tells operators that a maintenance switch is on beyond its end."""

from aws_cdk import Duration, aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy_failover.contract.switch import FOR_ALL

from .notifications import Notifications

NAMESPACE = "Understudy"
METRIC = "SwitchOverdueMinutes"
LOOK_MINUTES = 5
LOOK = Duration.minutes(LOOK_MINUTES)
"""How often `SwitchWatch` publishes."""
TWO_LOOKS = Duration.minutes(2 * LOOK_MINUTES)
"""The period of the metric: one look that comes late leaves no gap."""
GRACE_MINUTES = 10
"""Beyond the end before anybody is told: a window ends by itself within a minute or two."""
WITHOUT_END_HOURS = 24
"""For how long a switch without an end may be on."""


class OverdueAlarm(Construct):
    """An alarm on what `SwitchWatch` publishes of one switch.

    It publishes of switches that are on: no data mean that a switch is off, and that is no breach.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, switch: str, notifications: Notifications) -> None:
        """`switch` is the name of a server, or `FOR_ALL`."""
        super().__init__(scope, id_)
        whose = "all servers" if switch == FOR_ALL else switch
        off = "--all" if switch == FOR_ALL else switch
        alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=f"{app} maintenance of {whose} is overdue",
            alarm_description=f"ALARM: the maintenance switch of {whose} ({app}) is on beyond the end that it tells, "
            f"or without one for {WITHOUT_END_HOURS} h, and clients are on the maintenance page. Turn it off: "
            f"understudy maintenance off {off} --apply. OK: it is off, or has a later end.",
            metric=cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name=METRIC,
                dimensions_map={"App": app, "Switch": switch},
                period=TWO_LOOKS,
                statistic="Minimum",
            ),
            threshold=GRACE_MINUTES,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notifications.tell(alarm)
