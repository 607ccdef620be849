"""The answers of Route 53's name servers: failover policy, aliases, wildcards; no sockets, no time.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-failover.html
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from dnslib import CLASS, OPCODE, QTYPE, RCODE, RD, RR, DNSLabel, DNSRecord

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.emulator.model import Distribution, HostedZone, RecordSet
from understudy_failover.emulator.network import EDGE_IPV4, EDGE_IPV6

ALIAS_TTL_SECONDS = 60
"""The TTL of an alias to CloudFront, which is fixed.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
"""
MAXIMUM_CHAIN = 8


class ZoneAnswers:
    """Answers queries from the current record sets.

    `healthy(id)` is the status of a health check; `distributions()` are the alias targets.
    """

    def __init__(
        self,
        zones: Callable[[], Sequence[HostedZone]],
        healthy: Callable[[str], bool],
        distributions: Callable[[], Sequence[Distribution]],
    ) -> None:
        self._zones = zones
        self._healthy = healthy
        self._distributions = distributions

    def answer(self, request: DNSRecord) -> DNSRecord:
        reply = request.reply(aa=0, ra=0)
        # dnslib copies it from the query, where it has another meaning: RFC 6840 5.7, 5.8.
        reply.header.ad = 0
        if request.header.opcode != OPCODE.QUERY:
            reply.header.rcode = RCODE.NOTIMP
            return reply
        if len(request.questions) != 1:
            reply.header.rcode = RCODE.FORMERR
            return reply
        name = str(request.q.qname).lower()
        zone = _longest(self._zones(), name)
        if zone is None or request.q.qclass != CLASS.IN:
            reply.header.rcode = RCODE.REFUSED
            return reply
        reply.header.aa = 1
        self._fill(reply, zone, name, request.q.qname)
        return reply

    def _fill(self, reply: DNSRecord, zone: HostedZone, name: str, owner_name: DNSLabel | str) -> None:
        kind = QTYPE.get(reply.q.qtype)
        if kind == "ANY":
            # RFC 8482: a small answer instead of all records. As bytes, because dnslib has no HINFO.
            reply.add_answer(RR(owner_name, QTYPE.HINFO, ttl=3_600, rdata=RD(b"\x07RFC8482\x00")))
            return
        for _ in range(MAXIMUM_CHAIN):
            records = _records_at(zone, name)
            if records is None:
                reply.header.rcode = RCODE.NXDOMAIN
                break
            chosen = self._chosen(records, kind)
            if chosen:
                for record in self._rendered(zone, chosen, kind, owner_name):
                    reply.add_answer(record)
                break
            alias = self._chosen(records, "CNAME")
            if not alias:
                break
            for record in self._rendered(zone, alias, "CNAME", owner_name):
                reply.add_answer(record)
            name = owner_name = alias[0].values[0].lower().rstrip(".") + "."
            if _longest(self._zones(), name) != zone:
                break
        if not reply.rr:
            for record in _start_of_authority(zone):
                reply.add_auth(record)

    def _chosen(self, records: Sequence[RecordSet], kind: str) -> list[RecordSet]:
        """Return the record sets of a type that the routing policy selects."""
        matching = [record for record in records if record.type == kind]
        primary = next((record for record in matching if record.failover == "PRIMARY"), None)
        secondary = next((record for record in matching if record.failover == "SECONDARY"), None)
        if primary is None and secondary is None:
            return matching
        if primary and self._is_healthy(primary):
            return [primary]
        if secondary and self._is_healthy(secondary):
            return [secondary]
        # "If both the primary and secondary are unhealthy, Route 53 returns the primary."
        return [primary] if primary else [secondary] if secondary else []

    def _is_healthy(self, record: RecordSet) -> bool:
        return record.health_check_id is None or self._healthy(record.health_check_id)

    def _rendered(self, zone: HostedZone, records: Sequence[RecordSet], kind: str, name: DNSLabel | str) -> list[Any]:
        lines: list[Any] = []
        for record in records:
            if record.alias_target is None:
                ttl = record.ttl_seconds if record.ttl_seconds is not None else ALIAS_TTL_SECONDS
                lines += [_record(name, ttl, kind, value) for value in record.values]
            elif record.alias_target.hosted_zone_id == CLOUDFRONT_HOSTED_ZONE_ID:
                addresses = edge_addresses(self._distributions(), record.alias_target.dns_name.rstrip("."), kind)
                lines += [_record(name, ALIAS_TTL_SECONDS, kind, value) for value in addresses]
            else:
                target = _records_at(zone, record.alias_target.dns_name) or []
                lines += self._rendered(zone, self._chosen(target, kind), kind, name)
        return lines


def edge_addresses(distributions: Sequence[Distribution], domain_name: str, kind: str) -> tuple[str, ...]:
    """Return the addresses of a distribution's domain name; none if there is no such distribution."""
    for distribution in distributions:
        if distribution.domain_name == domain_name:
            if kind == "A":
                return EDGE_IPV4
            if kind == "AAAA" and distribution.ipv6_enabled:
                return EDGE_IPV6
    return ()


def _longest(zones: Sequence[HostedZone], name: str) -> HostedZone | None:
    holding = (zone for zone in zones if f".{name}".endswith(f".{zone.name}"))
    return max(holding, key=lambda zone: len(zone.name), default=None)


def _records_at(zone: HostedZone, name: str) -> list[RecordSet] | None:
    """Return the record sets of a name, or of its wildcard (RFC 4592); None if the name does not exist."""
    exact = [record for record in zone.record_sets if record.name == name]
    if exact or _exists(zone, name):
        return exact
    encloser = name.partition(".")[2]
    while encloser != zone.name and not _exists(zone, encloser):
        encloser = encloser.partition(".")[2]
    return [record for record in zone.record_sets if record.name == f"*.{encloser}"] or None


def _exists(zone: HostedZone, name: str) -> bool:
    """Return whether the name has records or lies between the apex and a name that has (RFC 4592 2.2.2)."""
    return any(record.name == name or record.name.endswith(f".{name}") for record in zone.record_sets)


def _start_of_authority(zone: HostedZone) -> list[Any]:
    """Return the SOA record of a negative answer, with its own TTL.

    A Route 53 zone with TTL 900 and minimum 86400 answers 900 (dig of fake.gitlab.com, 2020-03-20). AWS does not say
    whether a smaller minimum lowers it (RFC 2308, section 3), so nothing here relies on that: BIND, PowerDNS and Knot
    Resolver obey this TTL alone.
    """
    return [
        _record(zone.name, record.ttl_seconds or 0, "SOA", value)
        for record in zone.record_sets
        if record.type == "SOA" and record.name == zone.name
        for value in record.values
    ]


def _record(name: DNSLabel | str, ttl_seconds: int, kind: str, value: str) -> Any:
    parsed = _parsed(kind, value)
    return RR(name, parsed.rtype, parsed.rclass, ttl_seconds, parsed.rdata)


@lru_cache(maxsize=4096)
def _parsed(kind: str, value: str) -> Any:
    """Return a parsed value; cached, as parsing takes longer than the rest of an answer."""
    return RR.fromZone(f". 0 IN {kind} {value}")[0]
