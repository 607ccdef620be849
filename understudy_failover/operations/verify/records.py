"""The hosts' record sets as Route 53's API lists them."""

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
    return [record for record in deployment.records_of(host) if record.failover == "PRIMARY" and record.type in types]


def pairs(deployment: Deployment) -> Iterator[Finding]:
    """PRIMARY with the server's addresses or name, SECONDARY to the distribution of the host's certificate."""
    for server, host in deployment.hosts:
        host_records = deployment.records_of(host)
        domain_name = deployment.under(host.certificate).domain_name()
        wrong = [
            f"{type_}: {text}"
            for type_, values in server.record_values.items()
            for text in (
                *_wrong_primary(
                    [record for record in host_records if (record.type, record.failover) == (type_, "PRIMARY")], values
                ),
                *_wrong_secondary(
                    [record for record in host_records if (record.type, record.failover) == (type_, "SECONDARY")],
                    domain_name,
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
            record
            for record in deployment.records_of(host)
            if leads_elsewhere(record)
            or (record.type in {"A", "AAAA", "CNAME"} and (not record.failover or record.type not in types))
        ]
        for record in beside:
            yield failed(
                "bypass",
                host.name,
                f"a record set of type {record.type} beside or in place of the pair leads clients past it",
                deployment.cure(name_key(host.name), otherwise=f"delete it in hosted zone {host.zone.id}"),
            )
        for record in deployment.records_of(host):
            if promised := broken_promises(record):
                yield noted(
                    "https-promise",
                    host.name,
                    f"its {record.type} record promises {', '.join(promised)}, which CloudFront may not "
                    "keep on the page",
                    f"delete it in hosted zone {host.zone.id}, or leave alpn=http/1.1 alone in it",
                )
        if not beside:
            yield passed(host.name, "none")


def dependents(deployment: Deployment) -> Iterator[Finding]:
    """Which other names a failover affects, and how. Such names are listed and fail no check."""
    records = {zone.id: deployment.records(zone) for zone in deployment.settings.zones}
    dependent = dependent_names(deployment.settings, records)
    for name in dependent:
        yield noted("dependent-name", name.subject, name.effect, name.advice)
    if not dependent:
        yield passed(deployment.settings.app, "none")


def ttls(deployment: Deployment) -> Iterator[Finding]:
    """Record sets have the TTL of the settings, on which every bound depends."""
    wanted = deployment.settings.timing.ttl_seconds
    for server, host in deployment.hosts:
        by_type = {record.type: int(record.raw.get("TTL", -1)) for record in primaries(deployment, server, host)}
        # That of an alias is CloudFront's own, that of a CNAME to it is not.
        secondaries = [
            record for record in deployment.records_of(host) if (record.type, record.failover) == ("CNAME", "SECONDARY")
        ]
        if by_type:
            by_type |= {f"{record.type} of the secondary": int(record.raw.get("TTL", -1)) for record in secondaries}
        if not by_type:
            yield unknown(
                "primary-missing", host.name, "it has no primary record set", deployment.cure(name_key(host.name))
            )
        elif other := {type_: ttl for type_, ttl in by_type.items() if ttl != wanted}:
            text = ", ".join(f"{type_} {ttl} s" for type_, ttl in other.items())
            yield failed(
                "ttl-differs", host.name, f"{text} instead of {wanted} s", deployment.cure(name_key(host.name))
            )
        else:
            yield passed(host.name, f"{wanted} s")


def _wrong_primary(existing: list[RecordSet], wanted: Sequence[str]) -> Iterator[str]:
    if not existing:
        yield "the primary half is missing"
        return
    values = _values(existing[0])
    # A set: name servers answer in whatever order.
    if set(values) != set(wanted):
        yield f"the primary half leads to {', '.join(values) or 'nowhere'} instead of {', '.join(wanted)}"


def _wrong_secondary(existing: list[RecordSet], domain_name: str) -> Iterator[str]:
    if not existing:
        yield "the SECONDARY record set is missing"
        return
    (secondary,) = existing  # Route 53 takes no second one
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
