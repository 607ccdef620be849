"""The hosts' record sets as Route 53's API tells them."""

from collections.abc import Iterator, Sequence

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations.dependent_names import dependent_names
from understudy_failover.operations.finding import Finding, failed, noted, passed, unknown
from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.https_records import broken_promises, leads_elsewhere
from understudy_failover.operations.repair.plan import name_key
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.settings import Host, Server


def primaries(deployment: Deployment, server: Server, host: Host) -> list[RecordSet]:
    types = server.record_values
    return [one for one in deployment.records_of(host) if one.failover == "PRIMARY" and one.type in types]


def pairs(deployment: Deployment) -> Iterator[Finding]:
    """PRIMARY with the server's addresses or name, SECONDARY to the distribution of the host's certificate."""
    for server, host in deployment.hosts:
        found = deployment.records_of(host)
        domain_name = deployment.under(host.certificate).domain_name()
        wrong = [
            f"{type_}: {text}"
            for type_, values in server.record_values.items()
            for text in (
                *_wrong_primary([one for one in found if (one.type, one.failover) == (type_, "PRIMARY")], values),
                *_wrong_secondary(
                    [one for one in found if (one.type, one.failover) == (type_, "SECONDARY")], domain_name
                ),
            )
        ]
        if wrong:
            yield failed("pair-wrong", host.name, "; ".join(wrong), deployment.cure(name_key(host.name)))
        else:
            yield passed(host.name, f"{' and '.join(server.record_values)}: both halves")


def bypasses(deployment: Deployment) -> Iterator[Finding]:
    """No record set of a host bypasses its pair."""
    for server, host in deployment.hosts:
        types = server.record_values
        beside = [
            one
            for one in deployment.records_of(host)
            if leads_elsewhere(one)
            or (one.type in {"A", "AAAA", "CNAME"} and (not one.failover or one.type not in types))
        ]
        for one in beside:
            yield failed(
                "bypass",
                host.name,
                f"a record set of type {one.type} beside or in place of the pair leads clients past it",
                deployment.cure(name_key(host.name), otherwise=f"delete it in hosted zone {host.zone.id}"),
            )
        for one in deployment.records_of(host):
            if promised := broken_promises(one):
                yield noted(
                    "https-promise",
                    host.name,
                    f"its {one.type} record promises {', '.join(promised)}, which CloudFront may not keep on the page",
                    f"delete it in hosted zone {host.zone.id}, or leave alpn=http/1.1 alone in it",
                )
        if not beside:
            yield passed(host.name, "none")


def dependents(deployment: Deployment) -> Iterator[Finding]:
    """Which other names a failover affects, and how. Such names are listed and fail no check."""
    records = {zone.id: deployment.records(zone) for zone in deployment.settings.zones}
    found = dependent_names(deployment.settings, records)
    for one in found:
        yield noted("dependent-name", one.subject, one.effect, one.advice)
    if not found:
        yield passed(deployment.settings.app, "none")


def ttls(deployment: Deployment) -> Iterator[Finding]:
    """Record sets have the TTL of the settings, on which every bound depends."""
    wanted = deployment.settings.timing.ttl_seconds
    for server, host in deployment.hosts:
        found = {one.type: int(one.raw.get("TTL", -1)) for one in primaries(deployment, server, host)}
        # That of an alias is CloudFront's own, that of a CNAME to it is not.
        secondaries = [one for one in deployment.records_of(host) if (one.type, one.failover) == ("CNAME", "SECONDARY")]
        if found:
            found |= {f"{one.type} of the secondary": int(one.raw.get("TTL", -1)) for one in secondaries}
        if not found:
            yield unknown(
                "primary-missing", host.name, "it has no primary record set", deployment.cure(name_key(host.name))
            )
        elif other := {type_: ttl for type_, ttl in found.items() if ttl != wanted}:
            told = ", ".join(f"{type_} {ttl} s" for type_, ttl in other.items())
            yield failed(
                "ttl-differs", host.name, f"{told} instead of {wanted} s", deployment.cure(name_key(host.name))
            )
        else:
            yield passed(host.name, f"{wanted} s")


def _wrong_primary(found: list[RecordSet], wanted: Sequence[str]) -> Iterator[str]:
    if not found:
        yield "the primary half is missing"
        return
    values = _values(found[0])
    # A set: name servers answer in whatever order.
    if set(values) != set(wanted):
        yield f"the primary half leads to {', '.join(values) or 'nowhere'} instead of {', '.join(wanted)}"


def _wrong_secondary(found: list[RecordSet], domain_name: str) -> Iterator[str]:
    if not found:
        yield "the SECONDARY record set is missing"
        return
    (secondary,) = found  # Route 53 takes no second one
    if secondary.set_identifier == PLACEHOLDER:
        yield "the SECONDARY record set is the placeholder of an unfinished `import` or deploy, and leads to the server"
        return
    target = secondary.raw.get("AliasTarget", {})
    leads_to = target.get("DNSName", "").rstrip(".").lower() or ", ".join(_values(secondary)) or "nowhere"
    # Both of a pair are of one type, and an alias to CloudFront can be no CNAME.
    zone = None if secondary.type == "CNAME" else CLOUDFRONT_HOSTED_ZONE_ID
    if (leads_to, target.get("HostedZoneId")) != (domain_name, zone):
        yield f"the SECONDARY record set leads to {leads_to} instead of {domain_name}"


def _values(record: RecordSet) -> list[str]:
    """As written in the settings: names lower case and without their final dot."""
    return [value.rstrip(".").lower() for value in record.values]
