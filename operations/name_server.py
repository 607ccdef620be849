"""Asks one name server, past every cache."""

import ipaddress
from typing import Literal, Protocol

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype


class DnsError(Exception):
    """The name server gave no usable answer; the text says why."""


class AddressSource(Protocol):
    """Whoever knows what authoritative name servers answer now."""

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        """In numeric order; empty where there is no record of that type. Raises DnsError."""

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        """The same, and the name that `name` is an alias (CNAME) of, or nothing. Raises DnsError."""


class NameServer:
    """The authoritative name server at `address`:`port`."""

    def __init__(self, address: str, port: int = 53, *, timeout_seconds: float = 5.0) -> None:
        self._address = address
        self._port = port
        self._timeout_seconds = timeout_seconds

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        """What it answers now for `name`, in numeric order; empty where there is no record of that type.

        Raises:
            DnsError: no answer, or an error other than a name that does not exist.
        """
        return self.answer(name, kind)[0]

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        """The same, and the name that `name` is an alias (CNAME) of, lower case and without a final dot, or nothing.

        Raises:
            DnsError: as `addresses`.
        """
        query = dns.message.make_query(f"{name}.", kind)
        # To an authoritative server: nothing is to be looked up elsewhere.
        query.flags &= ~dns.flags.RD
        try:
            reply, _ = dns.query.udp_with_fallback(query, self._address, self._timeout_seconds, port=self._port)
        except (dns.exception.DNSException, OSError) as error:
            raise DnsError(f"{name} {kind}: {error or type(error).__name__}") from None
        if reply.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            raise DnsError(f"{name} {kind}: {dns.rcode.to_text(reply.rcode())}")
        found = {
            record.address
            for answer in reply.answer
            if answer.rdtype == dns.rdatatype.from_text(kind)
            for record in answer
        }
        alias = next(
            (
                record.target.to_text(omit_final_dot=True).lower()
                for answer in reply.answer
                if answer.rdtype == dns.rdatatype.CNAME and answer.name == query.question[0].name
                for record in answer
            ),
            "",
        )
        return tuple(sorted(found, key=ipaddress.ip_address)), alias
