"""The function of deploy gate and record cutover, with one role: both use Route 53 for the same hosts in one deploy."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from aws_cdk import ArnFormat, Stack, aws_iam as iam, aws_lambda as lambda_
from constructs import Construct

from understudy_failover.contract.down_alarm import NAME
from understudy_failover.settings import Host

from .. import health_gate, record_cutover
from ..custom_resource import custom_resource_function
from ..function_role import FunctionRole, allow
from ..purpose import declare_purpose

HANDLER = Path(__file__).parent / "handler"
WILDCARD = "\\052"
"""The asterisk in a normalized record name."""
DIGEST_CHARACTERS = 8


class DeployFunction(Construct):
    """Waits for health checks and cuts records over, while a stack is being deployed or deleted."""

    def __init__(self, scope: Construct, id_: str, *, app: str, hosts: Sequence[Host], holds: bool) -> None:
        """`hosts` are the hosts of the stack. With `holds` the function may read alarms."""
        super().__init__(scope, id_)
        self._stack = Stack.of(self)
        statements = [
            # A policy with the checks' ids would change with every new check, seconds before the function needs it.
            allow("route53:GetHealthCheckStatus", on=[self._route_53("healthcheck/*")]),
            allow("cloudformation:DescribeStacks", on=[self._stack.stack_id]),
            allow("route53:GetChange", on=[self._route_53("change/*")]),
        ]
        if holds:
            alarms = self._stack.format_arn(
                service="cloudwatch",
                resource="alarm",
                resource_name=f"{app}{NAME}*",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            )
            statements.append(allow("cloudwatch:DescribeAlarms", on=[alarms]))
        self._role = FunctionRole(
            self,
            "Change",
            description=f"Reads health checks and changes DNS records of {app} during a deploy",
            statements=statements,
        )
        self.record_access = self._record_access(hosts)
        self.function: lambda_.IFunction = custom_resource_function(
            self,
            description=f"Deploys of {app}: waits for health checks, cuts DNS records over",
            entry="deploy",
            sources=[HANDLER, health_gate.HANDLER, record_cutover.HANDLER],
            role=self._role,
        )

    def _route_53(self, resource: str) -> str:
        return self._stack.format_arn(service="route53", region="", account="", resource=resource)

    def _record_access(self, hosts: Sequence[Host]) -> iam.CfnPolicy:
        """Return the policy that allows changes of the records of `hosts`.

        Other hosts give it another logical id: CloudFormation creates the new policy before the cutover, and deletes
        the old policy, which names the hosts that leave, after the cutover.
        """
        zone_ids = sorted({host.zone.id for host in hosts})
        zones = [self._route_53(f"hostedzone/{zone_id}") for zone_id in zone_ids]
        only = {
            "NormalizedRecordNames": sorted({host.name.replace("*", WILDCARD) for host in hosts}),
            "RecordTypes": ["A", "AAAA", "CNAME"],
            "Actions": ["CREATE", "DELETE"],
        }
        keys = {f"route53:ChangeResourceRecordSets{key}": values for key, values in only.items()}
        digest = sha256(json.dumps([zone_ids, only]).encode()).hexdigest()[:DIGEST_CHARACTERS].upper()
        policy = iam.CfnPolicy(
            self,
            f"Records{digest}",
            policy_name=f"Records{digest}",
            roles=[self._role.role.role_name],
            policy_document=iam.PolicyDocument(
                statements=[
                    # GetHostedZone: whether accelerated recovery has locked the zone.
                    allow("route53:GetHostedZone", "route53:ListResourceRecordSets", on=zones),
                    # ForAllValues alone is true where a key is missing.
                    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
                    allow(
                        "route53:ChangeResourceRecordSets",
                        on=zones,
                        conditions={"ForAllValues:StringEquals": keys, "Null": dict.fromkeys(keys, "false")},
                    ),
                ]
            ),
        )
        declare_purpose(policy, "Lets the function change the record sets of this stack's hosts only")
        return policy
