"""Keeps DNS answers for host names while failover pairs are created and deleted: one custom resource for a stack.

Route 53 refuses a failover record set beside a simple one, and CloudFormation changes one record set at a time.
docs/decisions/0011-adoption.md describes how a name always has an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import CfnResource, aws_lambda as lambda_
from constructs import Construct

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.contract.set_identifiers import PAGE, PLACEHOLDER, SERVER
from understudy_failover.settings import Host, Server

from ..custom_resource import custom_resource

HANDLER = Path(__file__).parent / "handler"


@dataclass(frozen=True)
class MaintenancePage:
    """The target of a SECONDARY record set, and its health check."""

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
    """Return a resource that must be created after all PRIMARY and before all SECONDARY record sets.

    `pages` are by the names of certificates.
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
        purpose="Keeps DNS answers for each host, by a placeholder record, while PRIMARY and SECONDARY are replaced",
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
            "Placeholder": PLACEHOLDER,
        },
    )


def _host(host: Host, server: Server) -> dict[str, object]:
    return {
        "HostedZoneId": host.zone.id,
        "Name": f"{host.name}.",
        "Page": host.certificate,
        "Values": {type_: list(values) for type_, values in server.record_values.items()},
    }
