"""Between health checks and the record sets that go by them: a deploy waits here until each has really reported.

A new inverted check is unhealthy until it has data, and a new plain one healthy although its server may be
down: record sets attached at once would send people to the wrong place in the one case, and promise too much in
the other. See docs/decisions/0008-deploy-gate.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import ArnFormat, CustomResource, Duration, Stack, aws_iam as iam
from constructs import Construct

from understudy_failover.contract.down_alarm import NAME
from understudy_failover.contract.regions import CHECKER_REGIONS

from ..function_role import FunctionRole
from ..logical_ids import free_id
from ..provider import provider
from ..python_function import python_function

HANDLER = Path(__file__).parent / "handler"
SERVICE_TIMEOUT = Duration.minutes(16)
"""Longer than both functions may take: only a lost answer ends in this time-out."""


@dataclass(frozen=True)
class GatedCheck:
    """A health check that has to report before the deploy goes on."""

    name: str
    """For whoever reads the error."""
    health_check_id: str
    expects: str
    """`answer`: its checkers must get an answer; `none`: they must get none, as at a switch that is off."""
    looks: int
    """Results in a row that each region must have reported."""
    asks: str
    """What it asks. Its text is a property of the gate, so that the gate opens anew when the check changes."""
    regions: Sequence[str] = CHECKER_REGIONS


@dataclass(frozen=True)
class GatedAlarm:
    """The alarm of a fail-back hold: in alarm, its server is on the page although it answers."""

    name: str
    """Of the health check that it watches, for whoever reads the error."""
    alarm_name: str
    hold_minutes: int


class HealthGate(Construct):
    """One function for all gates of a stack; `gate` makes one."""

    def __init__(self, scope: Construct, id_: str, *, app: str, accept_outage: bool, holds: bool) -> None:
        """With `accept_outage` a server that is down, or a switch that is on, does not fail the deploy.

        With `holds` it may look at alarms, too.
        """
        super().__init__(scope, id_)
        self._accept_outage = accept_outage
        role = FunctionRole(self, "Look")
        role.role.add_to_policy(
            iam.PolicyStatement(
                actions=["route53:GetHealthCheckStatus"],
                # The ids are not known before the checks exist, and a policy that named them would change with
                # every new one, seconds before the function needs it.
                resources=[
                    Stack.of(self).format_arn(service="route53", region="", account="", resource="healthcheck/*")
                ],
            )
        )
        role.role.add_to_policy(
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[Stack.of(self).stack_id])
        )
        if holds:
            role.role.add_to_policy(
                iam.PolicyStatement(
                    actions=["cloudwatch:DescribeAlarms"],
                    resources=[
                        Stack.of(self).format_arn(
                            service="cloudwatch",
                            resource="alarm",
                            resource_name=f"{app}{NAME}*",
                            arn_format=ArnFormat.COLON_RESOURCE_NAME,
                        )
                    ],
                )
            )
        function = python_function(
            self,
            "LookFunction",
            description=f"Lets deploys of {app} wait until Route 53's health checks have reported",
            folder=HANDLER,
            # Below the 15 minutes for which the provider framework's function can wait for this one.
            timeout=Duration.minutes(14),
            role=role,
        )
        # Asked for once: each question crosses to Node.
        self._service_token = provider(self, function=function).service_token

    def gate(
        self, id_: str, *, server: str, checks: Sequence[GatedCheck], alarms: Sequence[GatedAlarm] = ()
    ) -> CustomResource:
        """A resource that exists only when every one of `checks` has reported and says that `server` works.

        And when none of `alarms` says that it has not worked for long enough.
        """
        return CustomResource(
            self,
            free_id(self, id_, server),
            resource_type="Custom::HealthGate",
            service_token=self._service_token,
            service_timeout=SERVICE_TIMEOUT,
            properties={
                "Server": server,
                "AcceptOutage": self._accept_outage,
                "Checks": [
                    {
                        "Name": check.name,
                        "HealthCheckId": check.health_check_id,
                        "Asks": check.asks,
                        "Expects": check.expects,
                        "Looks": check.looks,
                        "Regions": list(check.regions),
                    }
                    for check in checks
                ],
                # Left out where there is none: a property more would open every gate anew.
                **({"Alarms": [_alarm(alarm) for alarm in alarms]} if alarms else {}),
            },
        )


def _alarm(alarm: GatedAlarm) -> dict[str, object]:
    return {"Name": alarm.name, "AlarmName": alarm.alarm_name, "HoldMinutes": alarm.hold_minutes}
