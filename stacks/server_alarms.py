"""The alarms of one server, or of one host that has a health check of its own."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy_failover.contract.down_alarm import window_minutes

from .alarm import Comparison, declare_alarm
from .health_check import HealthCheck
from .health_metrics import health_metric
from .notifications import Notifications
from .planned import unless_planned
from .switch_check import SwitchCheck

PARTLY_PERCENT = 90
"""Healthy checkers below which an alarm is due: one of Route 53's eight regions without access makes 87.5."""
DOWN_PERCENT = 18
"""Route 53 calls a server unhealthy with no more than these.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""
SLOW_MILLISECONDS = 2_000
"""To the first byte; a checker gives up after two seconds without a status at the latest."""
MINUTES = 5
"""For which a server must be partly down, or slow, before the alarm."""


class ServerAlarms(Construct):
    """Down; reachable from some places only; slow, where the check measures latency.

    Silent while `switches` are on. A server that is down is not reported as partly down. Missing data are no breach.
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
        # Without the request, which the order of the server's hosts may decide: that order changes nothing.
        name = check.name
        details = f"Details: aws route53 get-health-check-status --health-check-id {check.health_check_id}"
        hold = f" Fail-back waits for {hold_minutes} min without a failure." if hold_minutes else ""
        # One long period and its minimum: an outage that comes and goes within minutes is one alarm.
        self.outage = self._alarm(
            "Outage",
            f"{name} down",
            f"ALARM: {name} fails its health check; clients get the maintenance page.{hold} OK: clients get "
            f"the server again, or maintenance was turned on. {details}",
            metric="HealthCheckStatus",
            statistic="Minimum",
            expression="1-server",
            above=0,
            minutes=window_minutes(hold_minutes),
        )
        self._alarm(
            "Partly",
            f"{name} partly down",
            f"ALARM: fewer than {PARTLY_PERCENT} % of Route 53's health checkers have reached {name} for {MINUTES} "
            "min; clients still get the server. OK: nearly all reach it, none does, or maintenance was turned on. "
            f"{details}",
            metric="HealthCheckPercentageHealthy",
            statistic="Average",
            expression=f"(100-server)*(server>{DOWN_PERCENT})",
            above=100 - PARTLY_PERCENT,
            periods=MINUTES,
        )
        if check.measures_latency:
            self._alarm(
                "Slow",
                f"{name} slow to answer",
                f"ALARM: {name} has taken more than {SLOW_MILLISECONDS} ms to its first byte for {MINUTES} min, on "
                "average over all health checkers. OK: it is faster, or maintenance was turned on.",
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
        return declare_alarm(
            self,
            id_,
            name=name,
            description=description,
            metric=unless_planned(
                expression,
                {"server": health_metric(metric, self._check.health_check_id, statistic, minutes)},
                switches=self._switches,
                minutes=minutes,
                label=name,
            ),
            comparison=Comparison.GREATER_THAN_THRESHOLD,
            threshold=above,
            periods=periods,
            notifications=self._notifications,
        )
