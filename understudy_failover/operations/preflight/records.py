"""What stands in the zones today where the failover pairs are to be, or beside them."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from understudy_failover.contract.set_identifiers import PAGE, PLACEHOLDER, SERVER
from understudy_failover.operations.dependent_names import (
    DependentName,
    delegation_above,
    delegation_text,
    dependent_names,
)
from understudy_failover.operations.finding import Finding, failed, passed, warning
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.operations.https_records import TYPES, broken_promises, leads_elsewhere
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.record_import.plans import adopt_command, ttl_warning
from understudy_failover.operations.review.records import record_types
from understudy_failover.operations.review.templates import AssemblyError
from understudy_failover.settings import Host, Server

ADOPTABLE = {"A", "AAAA", "CNAME"}
WITHOUT_CNAME = "delete it, or leave out cname at the server in failover.toml: addresses make A and AAAA pairs"
OURS = {("PRIMARY", SERVER), ("SECONDARY", PAGE)}
ROLES = OURS | {("SECONDARY", PLACEHOLDER)}


def records(subject: Subject) -> Iterator[Finding]:
    """Every host name of the settings; needs route53:ListResourceRecordSets."""
    for server in subject.settings.servers:
        for host in server.hosts:
            try:
                zone_records = subject.records(host.zone.id)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchHostedZone":
                    raise
                continue  # reported of the zone
            yield from _host(subject, server, host, zone_records)


def dependents(subject: Subject) -> Iterator[Finding]:
    """Other names of the zones that a failover affects; needs route53:ListResourceRecordSets."""
    records: dict[str, list[RecordSet]] = {}
    for zone in subject.settings.zones:
        try:
            records[zone.id] = subject.records(zone.id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchHostedZone":  # reported of the zone
                raise
    dependent = dependent_names(subject.settings, records)
    for name in dependent:
        yield warning("dependent-name", name.subject, name.effect, name.advice)
    yield from _lost_alerts(subject, [record for zone in records.values() for record in zone], dependent)
    if not dependent:
        yield passed(subject.settings.app, "no other name leads to a host")


def _lost_alerts(subject: Subject, records: list[RecordSet], dependent: list[DependentName]) -> Iterator[Finding]:
    """Recipients of alerts whose mail server is a host that fails over: they learn nothing of its outage."""
    led = {name.name for name in dependent if name.type == "MX"}
    # Without an MX record the name's own address takes the mail: RFC 5321, section 5.1.
    led |= {*subject.settings.host_names} - {record.name for record in records if record.type == "MX"}
    for email in subject.settings.notifications.emails:
        domain = email.rpartition("@")[2].lower()
        if domain in led:
            yield warning(
                "alert-lost",
                email,
                f"mail for {domain} goes to a server that fails over: alerts about its outage are delayed or lost",
                "name an address whose mail another server takes in [notifications] of failover.toml",
            )


def _host(subject: Subject, server: Server, host: Host, records: list[RecordSet]) -> Iterator[Finding]:
    types = tuple(server.record_values)
    if deployed := _deployed_types(subject).get(host.name):
        coming = {*types} - deployed
        yield _as_deployed(server, host, [record for record in records if record.type not in coming])
        for record in records:
            if record.name == host.name and record.type in coming:
                yield from _record(subject, host, record, types)
        return
    findings = [
        *_delegated_away(host, records),
        *(
            finding
            for record in records
            if record.name == host.name
            for finding in _record(subject, host, record, types)
        ),
    ]
    yield from findings
    if not findings:
        text = f"no conflict with its {' and '.join(types)} pair"
        if not any(record.name == host.name for record in records):
            text += f"; {_unborn(host, records)}"
        yield passed(host.name, text)


def _unborn(host: Host, records: list[RecordSet]) -> str:
    """Of a name that does not exist yet: https://www.rfc-editor.org/rfc/rfc2308#section-5, as 12 resolvers do it."""
    authority = next((record for record in records if record.type == "SOA" and record.name == host.zone.name), None)
    seconds = f"{authority.ttl_seconds:,} s" if authority and authority.ttl_seconds is not None else "15 minutes"
    return (
        f"do not query it before the deploy: resolvers cache that it does not exist for {seconds}, the TTL of the "
        "zone's SOA record"
    )


def _deployed_types(subject: Subject) -> dict[str, set[str]]:
    """Types of the deployed pairs by host name: a deploy makes none of them again."""
    try:
        return record_types(subject.deployed)
    except AssemblyError:  # reported of the changes
        return {}


def _as_deployed(server: Server, host: Host, records: list[RecordSet]) -> Finding:
    """Of a host with a deployed pair: that stands there alone, of whichever types it was deployed."""
    there = [
        record
        for record in records
        if record.name == host.name and (record.type in ADOPTABLE or leads_elsewhere(record))
    ]
    strangers = [record for record in there if (record.failover, record.set_identifier) not in OURS]
    halves = {record.type: {other.failover for other in there if other.type == record.type} for record in there}
    if not there or strangers or any(roles != {"PRIMARY", "SECONDARY"} for roles in halves.values()):
        described = (
            "; ".join(f"{record.type} {record.failover or record.policy} {record}" for record in there) or "no record"
        )
        return failed(
            "pair-changed",
            host.name,
            f"its deployed pair was changed by hand ({described}); a deploy does not put it back",
            f"`understudy repair --apply` leads it to {server.name} and the page again",
        )
    return passed(host.name, "its pair is deployed")


def _record(subject: Subject, host: Host, record: RecordSet, types: tuple[str, ...]) -> Iterator[Finding]:
    where = f"{host.name} {record.type}"
    if record.type in TYPES and "CNAME" not in types:
        yield from _bypassing(where, record)
    elif record.type == "AAAA" and types == ("A",):
        yield failed(
            "ipv6-bypass",
            where,
            f"leads clients with IPv6 past the failover ({record}), as the server has no ipv6 in failover.toml",
            "give the server its ipv6 in failover.toml, or delete this record",
        )
    elif record.type not in ADOPTABLE:
        if "CNAME" in types:
            yield failed("beside-cname", where, f"DNS allows no CNAME beside this record ({record})", WITHOUT_CNAME)
    elif record.policy == SIMPLE or (record.set_identifier == PLACEHOLDER and record.type not in types):
        if text := ttl_warning(record):
            yield warning("long-ttl", where, text, "wait that long after `import` before you rely on a failover")
        yield warning(
            "record-in-the-way",
            where,
            f"a record is in the way ({record}); it can be imported",
            adopt_command(host.name),
        )
    elif record.policy == "failover" and not ROLES & {(record.failover, record.set_identifier)}:
        yield warning(
            "failover-record-in-the-way",
            where,
            f"another failover record is in the way ({record.failover}, {record.set_identifier}); it can be imported",
            adopt_command(host.name),
        )
    elif record.policy != "failover":
        yield failed(
            "routing-policy-in-the-way",
            where,
            f"a record with the routing policy {record.policy} is in the way ({record})",
            f"replace it by a simple one, then {adopt_command(host.name)}",
        )
    elif not _is_ours(subject, record):
        yield failed(
            "other-installation",
            where,
            f"a record of another installation of Understudy is in the way ({record.failover}, "
            f"{record.set_identifier})",
            "remove the host from the failover.toml of that installation and deploy that, or from this one",
        )


def _bypassing(where: str, record: RecordSet) -> Iterator[Finding]:
    if leads_elsewhere(record):
        yield failed(
            "https-bypass",
            where,
            f"may lead browsers past the failover ({record}): Chromium and Firefox did not follow such records on "
            "2026-11-29, Safari was not tried",
            "delete it, or take its target name and its ipv4hint and ipv6hint away",
        )
    elif promised := broken_promises(record):
        yield warning(
            "https-promise",
            where,
            f"promises {', '.join(promised)}, which CloudFront may not keep on the page ({record})",
            "delete it, or leave alpn=http/1.1 alone in it",
        )


def _is_ours(subject: Subject, record: RecordSet) -> bool:
    """Whether CloudFormation made it for us, or it waits for that."""
    if record.set_identifier == PLACEHOLDER:
        return True
    return (record.failover, record.set_identifier) in OURS and bool(subject.outputs)


def _delegated_away(host: Host, records: list[RecordSet]) -> Iterator[Finding]:
    if name_servers := delegation_above(host, records):
        yield failed(
            "delegated-away",
            host.name,
            delegation_text(host, name_servers),
            f"add the hosted zone of {name_servers.name} to [[zones]], or remove its NS record",
        )
