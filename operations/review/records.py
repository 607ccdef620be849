"""What a deploy would do to host names: their failover record sets in the old and the new template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.review.change import Change, Mark, listed, properties
from operations.review.templates import Resources

RECORD_SET = "AWS::Route53::RecordSet"

Identity = tuple[str, str, str, str]
"""Zone, name, type and set identifier: one record set, for Route 53.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-recordset.html
"""


@dataclass
class HostRecords:
    """What the record sets say about one host name; addresses and TTLs are those of PRIMARY."""

    zone: str
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By record type: A, AAAA."""
    ttls: dict[str, str] = field(default_factory=dict)
    page_checked: bool = False
    """Whether its SECONDARY record sets have a health check."""


def record_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Hosts that come, go or move, record pairs that come or go, and record sets that CloudFormation trips over."""
    before, after = _hosts(old), _hosts(new)
    for name in sorted(after.keys() - before.keys()):
        yield Change(Mark.ADDED, f"host added: {name} ({_described(after[name])})")
    for name in sorted(before.keys() - after.keys()):
        text = f"host removed: {name}; it fails over no more, and stays with the address of its server"
        yield Change(Mark.REMOVED, text, destructive=True)
    for name in sorted(before.keys() & after.keys()):
        yield from _host_changes(name, before[name], after[name])
    yield from _moved_ids(old, new)


def _host_changes(name: str, old: HostRecords, new: HostRecords) -> Iterator[Change]:
    if old.zone != new.zone:
        text = f"{name} moves from hosted zone {old.zone} to {new.zone}: its record sets are replaced"
        yield Change(Mark.CHANGED, text, destructive=True)
    for kind in sorted(new.addresses.keys() - old.addresses.keys()):
        yield Change(Mark.ADDED, f"{kind} pair added: {name} ({listed(new.addresses[kind])})")
    for kind in sorted(old.addresses.keys() - new.addresses.keys()):
        yield Change(Mark.REMOVED, f"{kind} pair removed: {name}", destructive=True)
    for kind in sorted(old.addresses.keys() & new.addresses.keys()):
        if old.addresses[kind] != new.addresses[kind]:
            text = f"{name} ({kind}) moves to another address: {listed(old.addresses[kind])} → "
            yield Change(Mark.CHANGED, text + listed(new.addresses[kind]))
        if old.ttls[kind] != new.ttls[kind]:
            yield Change(Mark.CHANGED, f"{name} ({kind}): TTL {old.ttls[kind]} s → {new.ttls[kind]} s")
    if old.page_checked != new.page_checked:
        answered = "its server" if new.page_checked else "the page"
        yield Change(Mark.CHANGED, f"{name}: while neither server nor page can be reached, {answered} is answered")


def _moved_ids(old: Resources, new: Resources) -> Iterator[Change]:
    """CloudFormation creates before it deletes: the same record set under another logical id cannot be created."""
    before, after = _identities(old), _identities(new)
    for identity in sorted(before.keys() & after.keys()):
        if before[identity] != after[identity]:
            _, name, kind, role = identity
            text = (
                f"{name} {kind} ({role}) gets another logical id, {before[identity]} → {after[identity]}: "
                "the deploy would fail, as the record set exists"
            )
            yield Change(Mark.CHANGED, text, destructive=True)


def _hosts(resources: Resources) -> dict[str, HostRecords]:
    hosts: dict[str, HostRecords] = {}
    for record in _records(resources).values():
        host = hosts.setdefault(_name(record), HostRecords(str(record.get("HostedZoneId"))))
        if record.get("Failover") == "PRIMARY":
            host.addresses[record["Type"]] = tuple(record.get("ResourceRecords", ()))
            host.ttls[record["Type"]] = str(record.get("TTL"))
        elif "HealthCheckId" in record:
            host.page_checked = True
    return hosts


def _identities(resources: Resources) -> dict[Identity, str]:
    return {
        (str(record.get("HostedZoneId")), _name(record), record["Type"], str(record.get("SetIdentifier"))): logical_id
        for logical_id, record in _records(resources).items()
    }


def _records(resources: Resources) -> Mapping[str, dict[str, Any]]:
    return {key: properties(one) for key, one in resources.items() if one["Type"] == RECORD_SET}


def _name(record: Mapping[str, Any]) -> str:
    return str(record["Name"]).rstrip(".")


def _described(host: HostRecords) -> str:
    return "; ".join(f"{kind} {listed(addresses)}" for kind, addresses in sorted(host.addresses.items()))
