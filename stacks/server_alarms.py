"""What operators are told of one server, or of one host that is checked by itself."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy_failover.contract.down_alarm import window_minutes

from .alarm_name import fitting
from .health_check import HealthCheck
from .health_metrics import health_metric
from .notifications import Notifications
from .planned import unless_planned
from .switch_check import SwitchCheck

PARTLY_PERCENT = 90
"""Of the checkers that say healthy: of Route 53's eight regions one that does not see the server makes 87.5."""
DOWN_PERCENT = 18
"""With no more than these the server is down.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""
SLOW_MILLISECONDS = 2_000
"""Until the first byte; a checker gives up after two seconds without a status at the latest."""
MINUTES = 5
"""For as long must a server be partly down, or slow, before anybody is told."""


class ServerAlarms(Construct):
    """Down and back; seen from some places only; slow, where the check measures it.

    Silent while `switches` are on, and what is down altogether is not told as partly down. Missing data are no breach:
    without metrics nobody is told anything.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        check: HealthCheck,
        hold_minutes: int,
        switches: Sequence[SwitchCheck],
        notifications: Notifications,
    ) -> None:
        super().__init__(scope, id_)
        self._check, self._switches, self._notifications = check, switches, notifications
        # Without what it asks, which the first of the server's hosts may decide: an order of hosts changes nothing.
        who = check.name
        seen = f"What the checkers saw: aws route53 get-health-check-status --health-check-id {check.health_check_id}"
        held = f" It goes back after {hold_minutes} min without a failure." if hold_minutes else ""
        # One long period and its minimum: an outage that comes and goes within minutes is told as one.
        self.outage = self._alarm(
            "Outage",
            f"{who} down",
            f"ALARM: {who} does not pass its health check; clients get the maintenance page.{held} OK: clients get "
            f"the server again, or maintenance was turned on. {seen}",
            metric="HealthCheckStatus",
            statistic="Minimum",
            expression="1-server",
            above=0,
            minutes=window_minutes(hold_minutes),
        )
        self._alarm(
            "Partly",
            f"{who} partly down",
            f"ALARM: less than {PARTLY_PERCENT} % of Route 53's checkers reach {who} for {MINUTES} min; clients still "
            f"get the server. OK: nearly all do, none does, or maintenance was turned on. {seen}",
            metric="HealthCheckPercentageHealthy",
            statistic="Average",
            expression=f"(100-server)*(server>{DOWN_PERCENT})",
            above=100 - PARTLY_PERCENT,
            periods=MINUTES,
        )
        if check.measures_latency:
            self._alarm(
                "Slow",
                f"{who} slow to answer",
                f"ALARM: {who} takes more than {SLOW_MILLISECONDS} ms to its first byte, on the average of all "
                f"checkers, for {MINUTES} min. OK: it does not, or maintenance was turned on.",
                metric="TimeToFirstByte",
                statistic="Average",
                expression="server",
                above=SLOW_MILLISECONDS,
                periods=MINUTES,
            )

    def _alarm(
        self,
        id_: str,
        name: str,
        description: str,
        *,
        metric: str,
        statistic: str,
        expression: str,
        above: float,
        minutes: int = 1,
        periods: int = 1,
    ) -> cloudwatch.Alarm:
        """`name` is the subject of its messages, `description` their text; both for beginning and end."""
        alarm = cloudwatch.Alarm(
            self,
            id_,
            alarm_name=fitting(name),
            alarm_description=description,
            metric=unless_planned(
                expression,
                {"server": health_metric(metric, self._check.health_check_id, statistic, minutes)},
                switches=self._switches,
                minutes=minutes,
                label=name,
            ),
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=periods,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self._notifications.notify(alarm)
        return alarm
