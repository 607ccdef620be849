"""Keeps a host name answered while its failover pair comes and goes: adoption and hand-back.

Route 53 takes a failover record set only where there is no simple one, and CloudFormation makes and deletes one record
set at a time. docs/decisions/0011-adoption.md tells how a name gets through that without a moment unanswered.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import CfnResource, Duration, Stack, aws_iam as iam
from constructs import Construct

from understudy_failover.contract.set_identifiers import KEPT, PAGE, SERVER
from understudy_failover.settings import Host

from ..function_role import FunctionRole
from ..provider import provider
from ..python_function import python_function

HANDLER = Path(__file__).parent / "handler"
SERVICE_TIMEOUT_SECONDS = "360"
"""Longer than the function may take: only a lost answer ends in this time-out."""


class Handover(Construct):
    """One function for all host names of a stack; `hand_over` makes the resource of one."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self._zones: set[str] = set()
        self._role = FunctionRole(self, "Change")
        self._role.role.add_to_policy(
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[Stack.of(self).stack_id])
        )
        self._role.role.add_to_policy(
            iam.PolicyStatement(
                actions=["route53:GetChange"],
                resources=[Stack.of(self).format_arn(service="route53", region="", account="", resource="change/*")],
            )
        )
        function = python_function(
            self,
            "ChangeFunction",
            description="Keeps host names answered while their failover record sets come and go",
            folder=HANDLER,
            timeout=Duration.minutes(5),
            role=self._role,
        )
        # Asked for once: each question crosses to Node.
        self._service_token = provider(self, function=function).service_token

    def hand_over(
        self, scope: Construct, id_: str, *, host: Host, values: Mapping[str, Sequence[str]], ttl_seconds: int
    ) -> CfnResource:
        """A resource to be made after the PRIMARY record sets of `host` and before the SECONDARY ones.

        `values` are what they answer, by record type. An L2 `CustomResource` would be two constructs
        instead of one, and there is one for each host name.
        """
        self._allow(host.zone.id)
        return CfnResource(
            scope,
            id_,
            type="Custom::Handover",
            properties={
                "ServiceToken": self._service_token,
                "ServiceTimeout": SERVICE_TIMEOUT_SECONDS,
                "HostedZoneId": host.zone.id,
                "Name": f"{host.name}.",
                "Values": {type_: list(answers) for type_, answers in values.items()},
                "TtlSeconds": ttl_seconds,
                "Primary": SERVER,
                "Secondary": PAGE,
                "Kept": KEPT,
            },
        )

    def _allow(self, zone_id: str) -> None:
        if zone_id in self._zones:
            return
        self._zones.add(zone_id)
        zone = Stack.of(self).format_arn(service="route53", region="", account="", resource=f"hostedzone/{zone_id}")
        self._role.role.add_to_policy(iam.PolicyStatement(actions=["route53:ListResourceRecordSets"], resources=[zone]))
        self._role.role.add_to_policy(
            iam.PolicyStatement(
                actions=["route53:ChangeResourceRecordSets"],
                resources=[zone],
                # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
                conditions={
                    "ForAllValues:StringEquals": {
                        "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME"],
                        "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
                    }
                },
            )
        )
