"""What operators are told of one server, or of one host that is checked by itself."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .alarm_rule import in_alarm
from .down_alarm import DownAlarm
from .health_check import HealthCheck
from .health_metrics import health_metric
from .notice import Notice
from .notifications import Notifications
from .switch_alarm import SwitchAlarm

PARTLY_PERCENT = 90
"""Of the checkers that say healthy: of Route 53's eight regions one that does not see the server makes 87.5."""
SLOW_MILLISECONDS = 2_000
"""Until the first byte; a checker gives up after two seconds without a status at the latest."""
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
MINUTES = 5
"""For as long must a server be partly down, or slow, before anybody is told."""


class ServerAlarms(Construct):
    """Failed over and came back; seen from some places only; slow, where the check measures it.

    Silent while `switches` are on and shortly afterwards, and what is down altogether is not told as partly down.
    Missing data are no breach: without metrics nobody is told anything.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        check: HealthCheck,
        down: DownAlarm,
        switches: Sequence[SwitchAlarm],
        notifications: Notifications,
    ) -> None:
        super().__init__(scope, id_)
        # Without what it asks, which the first of the server's hosts may decide: an order of hosts changes nothing.
        who = check.name
        planned = [switch.on for switch in switches]
        seen = f"What the checkers saw: aws route53 get-health-check-status --health-check-id {check.health_check_id}"
        held = f" It goes back after {down.hold_minutes} min without a failure." if down.hold_minutes else ""
        self.outage = Notice(
            self,
            "Outage",
            name=f"{check.name} outage",
            description=f"ALARM: {who} does not pass its health check, so that clients get the "
            f"maintenance page.{held} OK: they get the server again, or maintenance was turned on. {seen}",
            when=down.down,
            unless=planned,
            notifications=notifications,
        ).alarm
        Notice(
            self,
            "Partly",
            name=f"{check.name} partial outage",
            description=f"ALARM: less than {PARTLY_PERCENT} % of Route 53's checkers reach {who} "
            f"for {MINUTES} min; clients get the server still. OK: nearly all do, none does, or maintenance was "
            f"turned on. {seen}",
            when=self._lasting("PartlyAlarm", check, "HealthCheckPercentageHealthy", BELOW, PARTLY_PERCENT),
            unless=[down.down, *planned],
            notifications=notifications,
        )
        if check.measures_latency:
            Notice(
                self,
                "Slow",
                name=f"{check.name} slow",
                description=f"ALARM: {who} takes more than {SLOW_MILLISECONDS} ms to its first "
                f"byte, on the average of all checkers, for {MINUTES} min. OK: it does not, or maintenance was turned "
                "on.",
                when=self._lasting("SlowAlarm", check, "TimeToFirstByte", ABOVE, SLOW_MILLISECONDS),
                unless=planned,
                notifications=notifications,
            )

    def _lasting(
        self, id_: str, check: HealthCheck, metric: str, compare: cloudwatch.ComparisonOperator, limit: float
    ) -> str:
        """The rule that every one of the last minutes was beyond the limit."""
        alarm = cloudwatch.Alarm(
            self,
            id_,
            alarm_description=f"{check.name}: {metric} for {MINUTES} min. Tells nobody by itself.",
            metric=health_metric(metric, check.health_check_id, "Average"),
            threshold=limit,
            comparison_operator=compare,
            evaluation_periods=MINUTES,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        return in_alarm(alarm)
