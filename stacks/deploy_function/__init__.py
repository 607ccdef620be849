"""The function behind deploy gate and record cutover, and all that it may do.

One role for both: each of the two reads or changes Route 53 for the same host names, within the same deploy.
"""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import ArnFormat, Stack, aws_iam as iam, aws_lambda as lambda_
from constructs import Construct

from understudy_failover.contract.down_alarm import NAME

from .. import health_gate, record_cutover
from ..custom_resource import custom_resource_function
from ..function_role import FunctionRole

HANDLER = Path(__file__).parent / "handler"


class DeployFunction(Construct):
    """Waits for health checks and cuts records over, while a stack is being deployed or deleted."""

    def __init__(self, scope: Construct, id_: str, *, app: str, zone_ids: Sequence[str], holds: bool) -> None:
        """`zone_ids` are the hosted zones of the stack's hosts. With `holds` it may look at alarms, too."""
        super().__init__(scope, id_)
        self._stack = Stack.of(self)
        statements = [
            iam.PolicyStatement(
                actions=["route53:GetHealthCheckStatus"],
                # The ids are not known before the checks exist, and a policy that named them would change with
                # every new one, seconds before the function needs it.
                resources=[self._route_53("healthcheck/*")],
            ),
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[self._stack.stack_id]),
            iam.PolicyStatement(actions=["route53:GetChange"], resources=[self._route_53("change/*")]),
            *self._record_access([self._route_53(f"hostedzone/{zone_id}") for zone_id in sorted(set(zone_ids))]),
        ]
        if holds:
            alarms = self._stack.format_arn(
                service="cloudwatch",
                resource="alarm",
                resource_name=f"{app}{NAME}*",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            )
            statements.append(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=[alarms]))
        self.function: lambda_.IFunction = custom_resource_function(
            self,
            description=f"Deploys of {app}: waits for health checks, cuts DNS records over",
            entry="deploy",
            sources=[HANDLER, health_gate.HANDLER, record_cutover.HANDLER],
            role=FunctionRole(
                self,
                "Change",
                description=f"Reads health checks and changes DNS records of {app} during a deploy",
                statements=statements,
            ),
        )

    def _route_53(self, resource: str) -> str:
        return self._stack.format_arn(service="route53", region="", account="", resource=resource)

    def _record_access(self, zones: Sequence[str]) -> tuple[iam.PolicyStatement, ...]:
        return (
            # GetHostedZone tells whether accelerated recovery has the zone locked.
            iam.PolicyStatement(
                actions=["route53:GetHostedZone", "route53:ListResourceRecordSets"], resources=list(zones)
            ),
            iam.PolicyStatement(
                actions=["route53:ChangeResourceRecordSets"],
                resources=list(zones),
                # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
                conditions={
                    "ForAllValues:StringEquals": {
                        "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME"],
                        "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
                    }
                },
            ),
        )
