"""The record sets of a host name: its server while the server is healthy, otherwise the maintenance page."""

from typing import Any

from aws_cdk import CfnResource, aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.contract.set_identifiers import PAGE, SERVER
from understudy_failover.settings import Host, Server

from .purpose import declare_purpose
from .record_cutover import MaintenancePage


class FailoverRecords(Construct):
    """PRIMARY and SECONDARY of type A, and of type AAAA where the server has IPv6; or of type CNAME.

    An AAAA pair without an IPv6 server would send clients with IPv6 to the maintenance page permanently.

    L1 constructs: L2 record sets require EvaluateTargetHealth for a secondary alias, which Route 53 refuses for
    CloudFront.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host: Host,
        server: Server,
        ttl_seconds: int,
        health_check_id: str,
        gate: CfnResource,
        cutover: CfnResource,
        page: MaintenancePage,
    ) -> None:
        """`health_check_id` decides between a pair; `gate` comes before the pair, `cutover` between the two."""
        super().__init__(scope, id_)
        for type_, values in server.record_values.items():
            # Set identifiers name roles: they are part of a record's identity, and a host that moves to another server
            # must update its record in place.
            primary = route53.CfnRecordSet(
                self,
                f"{type_.capitalize()}Primary",
                hosted_zone_id=host.zone.id,
                name=f"{host.name}.",
                type=type_,
                failover="PRIMARY",
                set_identifier=SERVER,
                health_check_id=health_check_id,
                # Explicit: up to 60 s is what Route 53 advises beside a health check.
                ttl=str(ttl_seconds),
                resource_records=list(values),
            )
            secondary = route53.CfnRecordSet(
                self,
                f"{type_.capitalize()}Secondary",
                hosted_zone_id=host.zone.id,
                name=f"{host.name}.",
                type=type_,
                failover="SECONDARY",
                set_identifier=PAGE,
                # Without it Route 53 always calls the page healthy. If both are unhealthy, Route 53 answers PRIMARY.
                # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html
                health_check_id=page.health_check_id,
                **_target(type_, page.domain_name, ttl_seconds),
            )
            declare_purpose(primary, f"{host.name} at server {server.name}, while its health check is healthy")
            declare_purpose(
                secondary,
                f"{host.name} at the maintenance page, while PRIMARY is unhealthy and the page is reachable",
            )
            # DNS stays unchanged until the checks have reported.
            primary.add_resource_dependency(gate)
            # The name's answer changes between the two: see record_cutover.
            cutover.add_resource_dependency(primary)
            secondary.add_resource_dependency(cutover)
            # A SECONDARY without its PRIMARY would send all clients to the maintenance page. The dependency on the
            # cutover does not set the order where a deploy deletes a pair and keeps the cutover.
            secondary.add_resource_dependency(primary)


def _target(type_: str, domain_name: str, ttl_seconds: int) -> dict[str, Any]:
    """Return the target of a SECONDARY: of the type of its PRIMARY, and an alias to CloudFront can only be A or AAAA.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
    """
    if type_ == "CNAME":
        return {"ttl": str(ttl_seconds), "resource_records": [domain_name]}
    return {
        "alias_target": route53.CfnRecordSet.AliasTargetProperty(
            dns_name=domain_name, hosted_zone_id=CLOUDFRONT_HOSTED_ZONE_ID, evaluate_target_health=False
        )
    }
