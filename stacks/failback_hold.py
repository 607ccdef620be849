"""Keeps a server's hosts on the maintenance page after an outage, until it has been healthy for a while."""

from aws_cdk import Stack, aws_route53 as route53
from constructs import Construct

from .down_alarm import DownAlarm
from .health_gate import GatedAlarm
from .purpose import declare_purpose


class FailbackHold(Construct):
    """A health check of an alarm's data, unhealthy from the first failure until the alarm's window is clear of it.

    Without data it is healthy: CloudWatch in trouble means that clients go by the server alone. It never speaks
    first, as its data come minutes later than Route 53's own verdict.
    See docs/decisions/0010-failback-hold.md.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, down: DownAlarm) -> None:
        """`name` is that of the health check that `down` watches."""
        super().__init__(scope, id_)
        resource = route53.CfnHealthCheck(
            self,
            "Resource",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="CLOUDWATCH_METRIC",
                alarm_identifier=route53.CfnHealthCheck.AlarmIdentifierProperty(
                    name=down.alarm.alarm_name, region=Stack.of(self).region
                ),
                insufficient_data_health_status="Healthy",
            ),
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=f"{name} hold")],
        )
        declare_purpose(resource, "Has the server been healthy for long enough after an outage?")
        self.health_check_id = resource.attr_health_check_id
        self._name = name
        self._down = down

    def gated(self) -> GatedAlarm:
        """How a deploy looks at it: a server that is being held would be sent to the page by record sets."""
        return GatedAlarm(name=self._name, alarm_name=self._down.alarm.alarm_name, hold_minutes=self._down.hold_minutes)
