"""Keeps host names answered while their failover pairs come and go: one custom resource for all hosts of a stack.

Route 53 takes a failover record set only where there is no simple one, and CloudFormation makes and deletes one record
set at a time. docs/decisions/0011-adoption.md tells how a name gets through that without a moment unanswered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import CfnResource, aws_lambda as lambda_
from constructs import Construct

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.contract.set_identifiers import KEPT, PAGE, SERVER
from understudy_failover.settings import Host, Server

from ..custom_resource import custom_resource

HANDLER = Path(__file__).parent / "handler"


@dataclass(frozen=True)
class MaintenancePage:
    """What a SECONDARY record set points at, and the health check that it goes by."""

    domain_name: str
    health_check_id: str


def record_cutover(
    scope: Construct,
    id_: str,
    *,
    function: lambda_.IFunction,
    servers: Sequence[Server],
    pages: Mapping[str, MaintenancePage],
    ttl_seconds: int,
) -> CfnResource:
    """Return a resource to be made after the PRIMARY record sets of all hosts and before the SECONDARY ones.

    `pages` are by the names of their certificates.
    """
    hosts = sorted(
        ((host, server) for server in servers for host in server.hosts),
        key=lambda pair: (pair[0].name, pair[0].zone.id),
    )
    used = sorted({host.certificate for host, _ in hosts})
    return custom_resource(
        scope,
        id_,
        type_="RecordCutover",
        function=function,
        purpose="Keeps each host name answered, by a placeholder record, while PRIMARY and SECONDARY come and go",
        properties={
            "Hosts": [_host(host, server) for host, server in hosts],
            "Pages": {
                name: {"DomainName": pages[name].domain_name, "HealthCheckId": pages[name].health_check_id}
                for name in used
            },
            "AliasZoneId": CLOUDFRONT_HOSTED_ZONE_ID,
            "TtlSeconds": ttl_seconds,
            "Primary": SERVER,
            "Secondary": PAGE,
            "Placeholder": KEPT,
        },
    )


def _host(host: Host, server: Server) -> dict[str, object]:
    return {
        "HostedZoneId": host.zone.id,
        "Name": f"{host.name}.",
        "Page": host.certificate,
        "Values": {type_: list(answers) for type_, answers in server.record_values.items()},
    }
