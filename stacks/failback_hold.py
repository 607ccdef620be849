"""Keeps a server's hosts on the maintenance page after an outage, until the server has been healthy for a while."""

from aws_cdk import Stack, aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.down_alarm import alarm_name, window_minutes

from .alarm import Comparison, declare_alarm
from .health_check_config import declare_health_check
from .health_gate import GatedAlarm
from .health_metrics import health_metric


class DownAlarm(Construct):
    """In alarm from the first minute in which a health check fails until `hold_minutes` have passed without failure.

    The alarm takes the minimum of one long period: Route 53, which follows the alarm's data in `FailbackHold`, does not
    support M out of N. The window slides from minute to minute.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html

    It sends no notification: `ServerAlarms` does.
    """

    def __init__(
        self, scope: Construct, id_: str, *, app: str, name: str, health_check_id: str, hold_minutes: int
    ) -> None:
        """`name` is the name of the health check."""
        super().__init__(scope, id_)
        minutes = window_minutes(hold_minutes)
        self.hold_minutes = hold_minutes
        self.alarm = declare_alarm(
            self,
            "Alarm",
            name=alarm_name(app, health_check_id, hold_minutes),
            description=f"{name} failed its health check within the last {minutes} min; clients stay on the "
            "maintenance page. Sends no notification.",
            metric=health_metric("HealthCheckStatus", health_check_id, "Minimum", minutes),
            comparison=Comparison.LESS_THAN_THRESHOLD,
            threshold=1,
        )


class FailbackHold(Construct):
    """A health check of an alarm's data, unhealthy from the first failure until the alarm's window holds no failure.

    Without data the health check is healthy: if CloudWatch fails, the server's own check decides alone. It never starts
    a failover, because its data arrive minutes after Route 53's own result.
    See docs/decisions/0010-failback-hold.md.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, down: DownAlarm) -> None:
        """`name` is the name of the health check that `down` follows."""
        super().__init__(scope, id_)
        alarm = route53.CfnHealthCheck.AlarmIdentifierProperty(name=down.alarm.alarm_name, region=Stack.of(self).region)
        config = route53.CfnHealthCheck.HealthCheckConfigProperty(
            type="CLOUDWATCH_METRIC", alarm_identifier=alarm, insufficient_data_health_status="Healthy"
        )
        purpose = "Unhealthy until the server has been healthy for long enough after an outage"
        self.health_check_id = declare_health_check(self, f"{name} hold", config, purpose).attr_health_check_id
        self._name, self._down = name, down

    def gated(self) -> GatedAlarm:
        """Return what a deploy checks: with the hold in force, new record sets would send clients to the page."""
        return GatedAlarm(name=self._name, alarm_name=self._down.alarm.alarm_name, hold_minutes=self._down.hold_minutes)
