"""The record sets of one host name: its server while that is healthy, else the maintenance page."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnResource, aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.contract.set_identifiers import PAGE, SERVER
from understudy_failover.settings import Host, Server

from .handover import Handover
from .page_health import PageHealth
from .server_health import ServerHealth


class FailoverRecords(Construct):
    """PRIMARY and SECONDARY of type A, and of type AAAA where the server has IPv6; or of type CNAME.

    An AAAA pair without an IPv6 server would send everybody with IPv6 to the maintenance page for ever.

    Not the L2 record sets: they insist on EvaluateTargetHealth for a secondary alias, which Route 53 refuses
    when the target is CloudFront.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host: Host,
        server: Server,
        ttl_seconds: int,
        health: ServerHealth,
        handover: Handover,
        distribution_domain_name: str,
        page_health: PageHealth,
    ) -> None:
        super().__init__(scope, id_)
        handed_over = handover.hand_over(
            self, "Handover", host=host, values=server.record_values, ttl_seconds=ttl_seconds
        )
        for type_, values in server.record_values.items():
            self._pair(
                host=host,
                type_=type_,
                values=values,
                ttl_seconds=ttl_seconds,
                health=health,
                distribution_domain_name=distribution_domain_name,
                page_health=page_health,
                handed_over=handed_over,
            )

    def _pair(
        self,
        *,
        host: Host,
        type_: str,
        values: Sequence[str],
        ttl_seconds: int,
        health: ServerHealth,
        distribution_domain_name: str,
        page_health: PageHealth,
        handed_over: CfnResource,
    ) -> None:
        # Set identifiers name roles, not servers: they are part of a record's identity, and a host that
        # moves to another server must change its record in place.
        primary = route53.CfnRecordSet(
            self,
            f"{type_.capitalize()}Primary",
            hosted_zone_id=host.zone.id,
            name=f"{host.name}.",
            type=type_,
            failover="PRIMARY",
            set_identifier=SERVER,
            health_check_id=health.health_check_id,
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
            # Without one Route 53 takes the page for healthy for ever; with both unhealthy it answers the PRIMARY.
            # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html
            health_check_id=page_health.health_check_id,
            **_target(type_, distribution_domain_name, ttl_seconds),
        )
        # Between the two the name's answer changes hands, see there.
        handed_over.add_resource_dependency(primary)
        secondary.add_resource_dependency(handed_over)
        # Alone it would be answered: made before its partner, for as long as the gate waits, and deleted
        # after it, everybody would be on the maintenance page. By the hand-over alone the order is not told where a
        # deploy deletes one pair of a host and keeps the other, and with it the hand-over.
        secondary.add_resource_dependency(primary)


def _target(type_: str, domain_name: str, ttl_seconds: int) -> dict[str, Any]:
    """Both of a pair are of one type, and an alias to CloudFront can be A and AAAA alone.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
    """
    if type_ == "CNAME":
        return {"ttl": str(ttl_seconds), "resource_records": [domain_name]}
    return {
        "alias_target": route53.CfnRecordSet.AliasTargetProperty(
            dns_name=domain_name,
            hosted_zone_id=CLOUDFRONT_HOSTED_ZONE_ID,
            evaluate_target_health=False,
        )
    }
