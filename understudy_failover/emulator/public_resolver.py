"""A public resolver: what clients on the internet get, or, for a rehearsal, something else. It has no cache."""

from collections.abc import Callable, Sequence
from typing import Any

from dnslib import QTYPE, RR, DNSRecord

from understudy_failover.emulator.model import Distribution
from understudy_failover.emulator.zone_answers import ALIAS_TTL_SECONDS, edge_addresses

OVERRIDE_TTL_SECONDS = 60
Answers = Callable[[DNSRecord], DNSRecord]


class PublicAnswers:
    """The answers of public DNS: to dXXXX.cloudfront.net its own, to every other query those of `zones`.

    The name servers of the hosted zones do not answer for cloudfront.net, on AWS neither.
    """

    def __init__(self, zones: Answers, distributions: Callable[[], Sequence[Distribution]]) -> None:
        self._zones = zones
        self._distributions = distributions

    def answer(self, request: DNSRecord) -> DNSRecord:
        name, kind = _question(request)
        distributions = self._distributions()
        if all(distribution.domain_name != name for distribution in distributions):
            return self._zones(request)
        addresses = edge_addresses(distributions, name, kind)
        return _add(request.reply(), name, kind, ALIAS_TTL_SECONDS, addresses)


class PublicResolver:
    """Answers queries by `public`, except for names that are overridden."""

    def __init__(self, public: Answers) -> None:
        self._public = public
        self._overrides: dict[tuple[str, str], Sequence[str]] = {}

    def override(self, name: str, type: str, values: Sequence[str]) -> None:  # noqa: A002 (DNS's own term)
        """Answer queries for a name and type with `values`; with none: no such record.

        Raise ValueError: a value does not fit the type.
        """
        for value in values:
            try:
                RR.fromZone(f"{name}. {OVERRIDE_TTL_SECONDS} IN {type} {value}")
            except Exception as error:
                raise ValueError(f"{name} {type} {value}: {error}") from None
        self._overrides[name.lower().rstrip("."), type] = values

    def clear_overrides(self) -> None:
        self._overrides.clear()

    def answer(self, request: DNSRecord) -> DNSRecord:
        name, kind = _question(request)
        if (name, kind) in self._overrides:
            return _add(request.reply(ra=1, aa=0), name, kind, OVERRIDE_TTL_SECONDS, self._overrides[name, kind])
        reply = self._public(request)
        reply.header.aa, reply.header.ra = 0, 1
        return reply


def _question(request: DNSRecord) -> tuple[str, Any]:
    return str(request.q.qname).lower().rstrip("."), QTYPE.get(request.q.qtype)


def _add(reply: DNSRecord, name: str, kind: str, ttl_seconds: int, values: Sequence[str]) -> DNSRecord:
    for value in values:
        reply.add_answer(*RR.fromZone(f"{name}. {ttl_seconds} IN {kind} {value}"))
    return reply
