"""What stands in the zones today where the failover pairs are to be, or beside them."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from understudy_failover.contract.set_identifiers import KEPT, PAGE, SERVER
from understudy_failover.operations.dependent_names import dependent_names
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.operations.preflight.finding import Area, Finding
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.settings import Host, Server

AREA = Area("record")
DEPENDENTS = Area("name")
ADOPTABLE = {"A", "AAAA", "CNAME"}
BYPASSING = {"HTTPS", "SVCB"}
"""Browsers follow their addresses and target names in place of A and AAAA records. RFC 9460."""
OURS = {("PRIMARY", SERVER), ("SECONDARY", PAGE)}


def records(subject: Subject) -> Iterator[Finding]:
    """Every host name of the settings; needs route53:ListResourceRecordSets."""
    for server in subject.settings.servers:
        for host in server.hosts:
            try:
                found = subject.records(host.zone.id)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchHostedZone":
                    raise
                continue  # reported of the zone
            yield from _host(subject, server, host, found)


def dependents(subject: Subject) -> Iterator[Finding]:
    """Other names of the zones that a failover affects; needs route53:ListResourceRecordSets."""
    records: dict[str, list[RecordSet]] = {}
    for zone in subject.settings.zones:
        try:
            records[zone.id] = subject.records(zone.id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchHostedZone":  # reported of the zone
                raise
    found = dependent_names(subject.settings, records)
    for one in found:
        yield DEPENDENTS.warning(one.subject, one.effect, one.advice)
    if not found:
        yield DEPENDENTS.passed(subject.settings.app, "no other name leads to a host")


def _host(subject: Subject, server: Server, host: Host, records: list[RecordSet]) -> Iterator[Finding]:
    types = tuple(server.record_values)
    findings = [
        *_delegated_away(host, records),
        *(finding for one in records if one.name == host.name for finding in _record(subject, host, one, types)),
    ]
    yield from findings
    if not findings:
        yield AREA.passed(host.name, f"nothing is in the way of its {' and '.join(types)} pair")


def _record(subject: Subject, host: Host, one: RecordSet, types: tuple[str, ...]) -> Iterator[Finding]:
    where = f"{host.name} {one.type}"
    if one.type in BYPASSING:
        yield from _bypassing(where, one)
    elif one.type == "AAAA" and types == ("A",):
        yield AREA.failed(
            where,
            f"leads clients with IPv6 past the failover ({one}), as the server has no ipv6 in failover.toml",
            "give the server its ipv6 in failover.toml, or delete this record",
        )
    elif one.type not in ADOPTABLE:
        return
    elif one.policy == SIMPLE:
        yield AREA.failed(
            where,
            f"a simple record is in the way ({one})",
            f"understudy adopt {host.name}",
        )
    elif one.policy != "failover":
        yield AREA.failed(
            where,
            f"a record with the routing policy {one.policy} is in the way ({one})",
            "replace it by a simple one, which `understudy adopt` can take over",
        )
    elif not _is_ours(subject, one):
        yield AREA.failed(
            where,
            f"a failover record of somebody else is in the way ({one.failover}, {one.set_identifier})",
            "is it of another installation of Understudy? Remove the host there, or here",
        )


def _bypassing(where: str, one: RecordSet) -> Iterator[Finding]:
    if one.alias_target or any(_leads_elsewhere(value) for value in one.values):
        yield AREA.failed(
            where,
            f"leads browsers past the failover ({one})",
            "delete it, or take its target name and its ipv4hint and ipv6hint away",
        )
    else:
        yield AREA.warning(
            where,
            f"promises what CloudFront may not keep ({one})",
            "delete it, or see that it promises nothing but HTTP/1.1 and no ech: browsers heed it on the page, too",
        )


def _leads_elsewhere(value: str) -> bool:
    _, target, *parameters = [*value.split(), "", ""]
    return target != "." or any(one.startswith(("ipv4hint", "ipv6hint")) for one in parameters)


def _is_ours(subject: Subject, one: RecordSet) -> bool:
    """Whether CloudFormation made it for us, or it waits for that."""
    if one.set_identifier == KEPT:
        return True
    return (one.failover, one.set_identifier) in OURS and bool(subject.outputs)


def _delegated_away(host: Host, records: list[RecordSet]) -> Iterator[Finding]:
    name = host.name.removeprefix("*.")
    for one in records:
        if one.type == "NS" and one.name != host.zone.name and f".{name}".endswith(f".{one.name}"):
            yield AREA.failed(
                host.name,
                f"{host.zone.name} delegates {one.name} to other name servers ({one}), so nobody asks this zone",
                f"add the hosted zone of {one.name} to [[zones]], or remove its NS record",
            )
