"""The deployed failover pairs."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations.hosted_zones import RecordSet, record_sets
from understudy_failover.settings import Host, HostedZone, Server

Kind = Literal["A", "AAAA", "CNAME"]
KINDS: tuple[Kind, ...] = ("A", "AAAA", "CNAME")


@dataclass(frozen=True)
class Pair:
    """The records of one type of a host name; empty where there is none."""

    primary: tuple[str, ...] = ()
    """Addresses, or the server's own name."""
    secondary: str = ""
    """The distribution's domain name."""
    others: tuple[str, ...] = field(default=())
    """Records that belong to no pair."""
    ttls: tuple[int, ...] = field(default=(), compare=False)
    """Of its records that are no alias."""


def pairs(route53: Any, zone: HostedZone) -> dict[tuple[str, Kind], Pair]:
    """Return every pair of a zone, by host name and type. Raise ClientError or BotoCoreError."""
    by_name: dict[tuple[str, Kind], Pair] = {}
    for record in record_sets(route53, zone.id):
        if record.type not in KINDS:
            continue
        key = (record.name, record.type)
        by_name[key] = _with(by_name.get(key, Pair()), record)
    return by_name


def wrong(server: Server, host: Host, deployed: dict[tuple[str, Kind], Pair], ttl_seconds: int) -> Iterator[str]:
    for kind in KINDS:
        pair = deployed.get((host.name, kind), Pair())
        values = server.record_values.get(kind)
        if values is None:
            if pair != Pair():
                why = "the server has no IPv6" if kind == "AAAA" else "the settings make a pair of another type"
                yield f"{host.name}: there is {'a' if kind == 'CNAME' else 'an'} {kind} record, but {why}"
            continue
        if set(pair.primary) != set(values):
            yield f"{host.name}: {kind} PRIMARY is {', '.join(pair.primary) or 'missing'}, not {', '.join(values)}"
        for ttl in pair.ttls:
            if ttl != ttl_seconds:
                yield f"{host.name}: TTL of the {kind} pair is {ttl} s, not {ttl_seconds} s"
        if not pair.secondary:
            yield f"{host.name}: {kind} SECONDARY is missing"
        if pair.others:
            yield f"{host.name}: {kind} has record sets beside the pair: {', '.join(pair.others)}"


def _with(pair: Pair, record: RecordSet) -> Pair:
    values = tuple(value.rstrip(".") for value in record.values)
    text = record.alias_target or ", ".join(values)
    ttls = tuple(dict.fromkeys((*pair.ttls, *((int(record.raw["TTL"]),) if "TTL" in record.raw else ()))))
    match record.failover:
        case "PRIMARY":
            return replace(pair, primary=values or (record.alias_target,), ttls=ttls)
        case "SECONDARY" if record.set_identifier != PLACEHOLDER:
            return replace(pair, secondary=text, ttls=ttls)
        case _:
            return replace(pair, others=(*pair.others, text))
