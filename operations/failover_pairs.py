"""The failover pairs as Route 53 has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from settings import Host, HostedZone, Server

Kind = Literal["A", "AAAA"]


@dataclass(frozen=True)
class Pair:
    """The records of one type of a host name; empty where there is none."""

    primary: tuple[str, ...] = ()
    """Addresses."""
    secondary: str = ""
    """The distribution's domain name."""
    others: tuple[str, ...] = field(default=())
    """What stands there that belongs to no pair."""


def pairs(route53: Any, zone: HostedZone) -> dict[tuple[str, Kind], Pair]:
    """Every A and AAAA record set of a zone, by host name and type.

    Raises:
        BotoCoreError, ClientError: Route 53 refuses, or cannot be reached.
    """
    found: dict[tuple[str, Kind], Pair] = {}
    for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone.id):
        for record in page["ResourceRecordSets"]:
            if record["Type"] not in {"A", "AAAA"}:
                continue
            key = (record["Name"].rstrip(".").replace("\\052", "*"), record["Type"])
            found[key] = _with(found.get(key, Pair()), record)
    return found


def wrong(server: Server, host: Host, found: dict[tuple[str, Kind], Pair]) -> Iterator[str]:
    """What is not as the settings declare it."""
    kinds: list[tuple[Kind, object]] = [("A", server.ipv4), ("AAAA", server.ipv6)]
    for kind, address in kinds:
        pair = found.get((host.name, kind), Pair())
        if address is None:
            if pair != Pair():
                yield f"{host.name}: there is an {kind} record, but the server has no IPv6"
            continue
        if pair.primary != (str(address),):
            yield f"{host.name}: {kind} PRIMARY is {', '.join(pair.primary) or 'missing'}, not {address}"
        if not pair.secondary:
            yield f"{host.name}: {kind} SECONDARY is missing"
        if pair.others:
            yield f"{host.name}: {kind} has record sets beside the pair: {', '.join(pair.others)}"


def _with(pair: Pair, record: dict[str, Any]) -> Pair:
    values = tuple(one["Value"] for one in record.get("ResourceRecords", ()))
    alias = record.get("AliasTarget", {}).get("DNSName", "").rstrip(".")
    match record.get("Failover"):
        case "PRIMARY":
            return Pair(values or (alias,), pair.secondary, pair.others)
        case "SECONDARY":
            return Pair(pair.primary, alias or ", ".join(values), pair.others)
        case _:
            return Pair(pair.primary, pair.secondary, (*pair.others, ", ".join(values) or alias))
