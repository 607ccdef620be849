"""The hosts' record sets as Route 53's API tells them."""

from collections.abc import Iterator

from operations.verify.check import Seen, failed, passed, unknown
from operations.verify.deployment import Deployment, RecordSet
from operations.verify.distribution import DEPLOY
from settings import Host, Server

CLOUDFRONT_HOSTED_ZONE_ID = "Z2FDTNDATAQYW2"
"""Of every alias to CloudFront. https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"""
PAST_THE_PAIR = ("HTTPS", "SVCB")
"""Types that browsers follow in place of A and AAAA: RFC 9460."""


def expected(server: Server) -> dict[str, str]:
    """The server's address by the type of the pairs that its hosts have."""
    return {"A": str(server.ipv4)} | ({"AAAA": str(server.ipv6)} if server.ipv6 else {})


def primaries(deployment: Deployment, server: Server, host: Host) -> list[RecordSet]:
    """Those of the host's pairs."""
    return [one for one in deployment.records_of(host) if one.failover == "PRIMARY" and one.type in expected(server)]


def pairs(deployment: Deployment) -> Iterator[Seen]:
    """PRIMARY with the server's address, SECONDARY an alias to the distribution."""
    for server, host in deployment.hosts:
        found = deployment.records_of(host)
        wrong = [
            f"{type_}: {text}"
            for type_, address in expected(server).items()
            for text in (
                *_wrong_primary([one for one in found if (one.type, one.failover) == (type_, "PRIMARY")], address),
                *_wrong_secondary(
                    [one for one in found if (one.type, one.failover) == (type_, "SECONDARY")],
                    deployment.domain_name(),
                ),
            )
        ]
        if wrong:
            yield failed(host.name, "; ".join(wrong), DEPLOY)
        else:
            yield passed(host.name, f"{' and '.join(expected(server))}: both halves")


def bypasses(deployment: Deployment) -> Iterator[Seen]:
    """Nothing at a host's name leads clients past the pair."""
    for server, host in deployment.hosts:
        types = expected(server)
        beside = [
            one
            for one in deployment.records_of(host)
            if one.type in (*PAST_THE_PAIR, "CNAME")
            or (one.type in {"A", "AAAA"} and (one.failover is None or one.type not in types))
        ]
        for one in beside:
            yield failed(
                host.name,
                f"a record set of type {one.type} beside or in place of the pair leads clients past it",
                f"delete it in hosted zone {host.zone.id}",
            )
        if not beside:
            yield passed(host.name, "none")


def ttls(deployment: Deployment) -> Iterator[Seen]:
    """How long resolvers keep a server's address is part of every bound."""
    wanted = deployment.settings.timing.ttl_seconds
    for server, host in deployment.hosts:
        found = {one.type: int(one.raw.get("TTL", -1)) for one in primaries(deployment, server, host)}
        if not found:
            yield unknown(host.name, "it has no primary record set", "mend that first")
        elif other := {type_: ttl for type_, ttl in found.items() if ttl != wanted}:
            told = ", ".join(f"{type_} {ttl} s" for type_, ttl in other.items())
            yield failed(host.name, f"{told} instead of {wanted} s", f"somebody changed it: {DEPLOY}")
        else:
            yield passed(host.name, f"{wanted} s")


def _wrong_primary(found: list[RecordSet], address: str) -> Iterator[str]:
    if not found:
        yield "the primary half is missing"
        return
    values = [one["Value"] for one in found[0].raw.get("ResourceRecords", [])]
    if values != [address]:
        yield f"the primary half leads to {', '.join(values)} instead of {address}"


def _wrong_secondary(found: list[RecordSet], domain_name: str) -> Iterator[str]:
    if not found:
        yield "the secondary half is missing"
        return
    target = found[0].raw.get("AliasTarget", {})
    leads_to = target.get("DNSName", "nowhere").rstrip(".").lower()
    if (leads_to, target.get("HostedZoneId")) != (domain_name, CLOUDFRONT_HOSTED_ZONE_ID):
        yield f"the secondary half leads to {leads_to} instead of {domain_name}"
