"""Changes of servers and host names: their failover record sets in the old and the new template."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from understudy_failover.operations.review.change import (
    RECORD_SET,
    Change,
    Event,
    Mark,
    differing,
    grouped,
    listed,
    properties,
)
from understudy_failover.operations.review.checks import named_check, owner, servers
from understudy_failover.operations.review.templates import Resources

DESCRIBED = {"HostedZoneId", "Name", "TTL", "ResourceRecords", "HealthCheckId", "AliasTarget"}
"""Properties that other functions here describe."""

OUT_AND_IN = "first cdk deploy --all without these hosts, then with them: understudy import --apply && cdk deploy --all"
Identity = tuple[str, str, str, str]
"""Zone, name, type and set identifier: one record set, for Route 53.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-recordset.html
"""


@dataclass
class HostRecords:
    """The content of the record sets of a host name."""

    zone: str
    check: str = ""
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Addresses of the server, by record type: A, AAAA, CNAME."""
    ttls: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    """Targets of the SECONDARY record sets, by record type."""
    page_checked: bool = False
    """Whether the SECONDARY record sets have a health check."""

    @property
    def server(self) -> str:
        return owner(self.check)

    @property
    def described(self) -> str:
        return "; ".join(f"{kind} {listed(addresses)}" for kind, addresses in sorted(self.addresses.items()))


def record_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Yield the changes of servers and their hosts, then of hosts, then of record sets."""
    before, after = host_records(old), host_records(new)
    yield from grouped(_servers_gone(old, new, before, after))
    yield from grouped(_hosts_come_and_gone(old, new, before, after))
    yield from grouped(
        event for name in sorted(before.keys() & after.keys()) for event in _host(name, before[name], after[name])
    )
    yield from grouped(_moved_ids(old, new))
    yield from _others(old, new)


def record_types(resources: Resources) -> dict[str, set[str]]:
    types: dict[str, set[str]] = {}
    for record in _records(resources).values():
        types.setdefault(_name(record), set()).add(str(record["Type"]))
    return types


def _servers_gone(
    old: Resources, new: Resources, before: Mapping[str, HostRecords], after: Mapping[str, HostRecords]
) -> Iterator[Event]:
    for server in sorted(servers(old) - servers(new)):
        removed = [name for name in sorted(before.keys() - after.keys()) if before[name].server == server]
        effect = f"; its hosts {listed(removed)} no longer fail over, and keep its address" if removed else ""
        yield Event(Mark.REMOVED, "server removed: ", server, effect, destructive=True)
    for server in sorted(servers(new) - servers(old)):
        added = [name for name in sorted(after.keys() - before.keys()) if after[name].server == server]
        records = f", with hosts {listed(added)} ({after[added[0]].described})" if added else ""
        yield Event(Mark.ADDED, "server added: ", server, records)


def _hosts_come_and_gone(
    old: Resources, new: Resources, before: Mapping[str, HostRecords], after: Mapping[str, HostRecords]
) -> Iterator[Event]:
    for name in sorted(after.keys() - before.keys()):
        host = after[name]
        if host.server not in servers(new) - servers(old):
            at = f" at server {host.server}" if host.server else ""
            yield Event(Mark.ADDED, "host added: ", name, f"{at} ({host.described})")
    for name in sorted(before.keys() - after.keys()):
        if before[name].server not in servers(old) - servers(new):
            text = "; it no longer fails over, and keeps the address of its server"
            yield Event(Mark.REMOVED, "host removed: ", name, text, destructive=True)


def _host(name: str, old: HostRecords, new: HostRecords) -> Iterator[Event]:
    if old.zone != new.zone:
        text = f": {old.zone} → {new.zone}; record sets are replaced"
        yield Event(Mark.CHANGED, "hosted zone of ", name, text, destructive=True)
    if old.server != new.server:
        yield Event(Mark.CHANGED, "server of ", name, f": {old.server or 'none'} → {new.server or 'none'}")
    elif old.check != new.check:
        yield Event(Mark.CHANGED, "health check that decides about ", name, f": {old.check} → {new.check}")
    if old.addresses.keys().isdisjoint(new.addresses.keys()):
        # CloudFormation creates before it deletes, and DNS allows no CNAME beside a record of another type.
        text = f": {old.described} → {new.described}: the deploy would fail, as DNS does not allow both; "
        yield Event(Mark.CHANGED, "record pairs of ", name, text, destructive=True, fix=OUT_AND_IN)
        return
    for kind in sorted(new.addresses.keys() - old.addresses.keys()):
        yield Event(Mark.ADDED, f"{kind} pair added: ", name, f" ({listed(new.addresses[kind])})")
    for kind in sorted(old.addresses.keys() - new.addresses.keys()):
        yield Event(Mark.REMOVED, f"{kind} pair removed: ", name, destructive=True)
    for kind in sorted(old.addresses.keys() & new.addresses.keys()):
        if old.addresses[kind] != new.addresses[kind]:
            text = f": {kind} {listed(old.addresses[kind])} → {listed(new.addresses[kind])}"
            yield Event(Mark.CHANGED, "address of ", name, text)
    for was, becomes in sorted({(old.ttls[kind], new.ttls[kind]) for kind in old.ttls.keys() & new.ttls.keys()}):
        if was != becomes:
            yield Event(Mark.CHANGED, "TTL of ", name, f": {was} s → {becomes} s")
    yield from _page(name, old, new)
    if old.page_checked != new.page_checked:
        answered = "its server" if new.page_checked else "the page"
        text = f": {answered}"
        yield Event(Mark.CHANGED, "answer while neither server nor page can be reached, of ", name, text)


def _page(name: str, old: HostRecords, new: HostRecords) -> Iterator[Event]:
    for kind in sorted(old.addresses.keys() & new.addresses.keys()):
        was, becomes = old.pages.get(kind), new.pages.get(kind)
        if was and not becomes:
            text = f"; its {kind} records have no other target"
            yield Event(Mark.REMOVED, "failover to the maintenance page removed: ", name, text, destructive=True)
        elif was != becomes:
            yield Event(Mark.CHANGED, "maintenance page of ", name, ": at another distribution", destructive=bool(was))


def _moved_ids(old: Resources, new: Resources) -> Iterator[Event]:
    """Yield record sets under another logical id: CloudFormation creates before it deletes, so the deploy fails."""
    before, after = _identities(old), _identities(new)
    for identity in sorted(before.keys() & after.keys()):
        was, becomes = before[identity], after[identity]
        if was != becomes:
            stacks = was.rpartition("/")[0], becomes.rpartition("/")[0]
            where = f"from stack {stacks[0]} to {stacks[1]}" if stacks[0] != stacks[1] else "to other logical ids"
            text = f" move {where}: the deploy would fail, as they exist already; "
            yield Event(Mark.CHANGED, "record sets of ", identity[1], text, destructive=True, fix=OUT_AND_IN)


def _others(old: Resources, new: Resources) -> Iterator[Change]:
    before, after = _records(old), _records(new)
    for key in sorted(before.keys() & after.keys()):
        changed = sorted(set(differing(before[key], after[key])) - DESCRIBED)
        if changed:
            record = after[key]
            text = f"record set {_name(record)} {record['Type']} ({record.get('SetIdentifier')}): {listed(changed)}"
            yield Change(Mark.CHANGED, text, destructive=True)


def host_records(resources: Resources) -> dict[str, HostRecords]:
    hosts: dict[str, HostRecords] = {}
    for key, record in _records(resources).items():
        host = hosts.setdefault(_name(record), HostRecords(str(record.get("HostedZoneId"))))
        kind = str(record["Type"])
        if record.get("Failover") == "SECONDARY":
            host.page_checked = "HealthCheckId" in record
            host.pages[kind] = json.dumps(record.get("AliasTarget") or record.get("ResourceRecords"), sort_keys=True)
        else:
            host.check = named_check(resources, key.partition("/")[0], record.get("HealthCheckId"))
            host.addresses[kind] = tuple(map(str, record.get("ResourceRecords", ())))
            host.ttls[kind] = str(record.get("TTL"))
    return hosts


def _identities(resources: Resources) -> dict[Identity, str]:
    return {
        (str(record.get("HostedZoneId")), _name(record), record["Type"], str(record.get("SetIdentifier"))): logical_id
        for logical_id, record in _records(resources).items()
    }


def _records(resources: Resources) -> Mapping[str, dict[str, Any]]:
    return {key: properties(resource) for key, resource in resources.items() if resource["Type"] == RECORD_SET}


def _name(record: Mapping[str, Any]) -> str:
    return str(record["Name"]).rstrip(".")
