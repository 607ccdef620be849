"""Queries to one name server: an authoritative server, without any cache, or a resolver."""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset

from understudy_failover.contract.printable import printable
from understudy_failover.settings.aws_values import longest_zone

LIMIT = 13
"""Of name servers, and of the addresses of each; a hosted zone has four, with one IPv4 address."""
LIMIT_RECORDS = 64
"""In an answer: each may be an address to connect to, for as long as a time-out."""


class DnsError(Exception):
    """The name server gave no usable answer; the text says why, and is printable."""

    def __init__(self, text: str, rcode: str = "") -> None:
        """`rcode` is the response code, such as `SERVFAIL`; empty where no answer came."""
        super().__init__(printable(text))
        self.rcode = rcode


class AddressSource(Protocol):
    """The current answers of authoritative name servers."""

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        """Return the addresses in numeric order; none where there is no record of that type. Raise DnsError."""

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        """Return the addresses, and the name that `name` is an alias (CNAME) of, or nothing. Raise DnsError."""


@dataclass(frozen=True)
class RecordsFound:
    """The records of one name and type; both empty where there are none."""

    values: tuple[str, ...]
    """As in a zone file, sorted."""
    ttl_seconds: int


class NameServer:
    """The name server at `address`:`port`; authoritative, unless `recursive`."""

    def __init__(self, address: str, port: int = 53, *, timeout_seconds: float = 5.0, recursive: bool = False) -> None:
        self._address = address
        self._port = port
        self._timeout_seconds = timeout_seconds
        self._recursive = recursive

    def __str__(self) -> str:
        return self._address if self._port == 53 else f"{self._address} port {self._port}"

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        """Return the addresses of `name` in numeric order; raise DnsError for any error but NXDOMAIN."""
        return self.answer(name, kind)[0]

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        """Return the addresses, and the target of a CNAME in lower case or nothing; raise as `addresses`."""
        reply = self._ask(name, kind)
        alias = next((target for target in _values(reply, "CNAME", name)), "").rstrip(".").lower()
        return tuple(sorted(set(_values(reply, kind)), key=ipaddress.ip_address)), alias

    def records(self, name: str, kind: str, *, checked: bool = True) -> RecordsFound:
        """Return the records of any type; without `checked` a resolver does not validate DNSSEC. Raise DnsError."""
        reply = self._ask(name, kind, checked=checked)
        ttls = [answer.ttl for answer in reply.answer if _is_of(answer, kind)]
        return RecordsFound(tuple(sorted(_values(reply, kind))), min(ttls, default=0))

    def _ask(self, name: str, kind: str, *, checked: bool = True) -> dns.message.Message:
        query = dns.message.make_query(f"{name}.", kind)
        if not self._recursive:
            # An authoritative server must not look up anything elsewhere.
            query.flags &= ~dns.flags.RD
        if not checked:
            query.flags |= dns.flags.CD
        try:
            reply, _ = dns.query.udp_with_fallback(query, self._address, self._timeout_seconds, port=self._port)
        except (dns.exception.DNSException, OSError, EOFError) as error:
            raise DnsError(f"{name} {kind}: {error or type(error).__name__}") from None
        if reply.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            rcode = dns.rcode.to_text(reply.rcode())
            raise DnsError(f"{name} {kind}: {rcode}", rcode)
        if sum(map(len, reply.answer)) > LIMIT_RECORDS:
            raise DnsError(f"{name} {kind}: more than {LIMIT_RECORDS} records")
        return reply


def _values(reply: dns.message.Message, kind: str, name: str | None = None) -> list[str]:
    """Return all records of a type in an answer, or those of `name`."""
    owner = dns.name.from_text(name) if name else None
    return [
        record.to_text()
        for answer in reply.answer
        if _is_of(answer, kind) and owner in (None, answer.name)
        for record in answer
    ]


def _is_of(answer: dns.rrset.RRset, kind: str) -> bool:
    """Return whether records are of a type and of the internet: an A record of another class is no IPv4 address."""
    return answer.rdclass == dns.rdataclass.IN and answer.rdtype == dns.rdatatype.from_text(kind)


class ZoneNameServers:
    """Queries to a name server of a name's zone; to the next one where the first does not answer."""

    def __init__(self, zones: Iterable[str], find: Callable[[str], tuple[str, ...]] | None = None) -> None:
        """`find` returns the addresses of a zone's name servers. Raise DnsError where a zone has none."""
        self._servers = {zone: [NameServer(address) for address in (find or delegated)(zone)] for zone in zones}

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        return self.answer(name, kind)[0]

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        """Return the addresses, and the target of a CNAME, as NameServer does. Raise DnsError."""
        zone = longest_zone(name, self._servers)
        if zone is None:
            raise DnsError(f"{name} lies in none of {', '.join(self._servers)}")
        fault = DnsError(f"{zone} has no name server")
        for server in self._servers[zone]:
            try:
                return server.answer(name, kind)
            except DnsError as error:
                fault = error
        raise fault


def delegated(zone: str) -> tuple[str, ...]:
    """Return the IPv4 addresses of a zone's name servers by this machine's resolver. Raise DnsError."""
    try:
        names = sorted(str(record.target) for record in dns.resolver.resolve(f"{zone}.", "NS"))[:LIMIT]
        addresses = tuple(record.address for name in names for record in list(dns.resolver.resolve(name, "A"))[:LIMIT])
    except dns.exception.DNSException as error:
        raise DnsError(f"{zone}: its name servers are not to be found: {error}") from None
    if not addresses:
        raise DnsError(f"{zone}: its name servers have no IPv4 address")
    return addresses
