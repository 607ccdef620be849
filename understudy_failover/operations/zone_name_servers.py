"""The name servers of several zones, by public DNS."""

from collections.abc import Callable, Iterable
from typing import Literal

import dns.exception
import dns.resolver

from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.settings.aws_values import longest_zone

LIMIT = 13
"""Of name servers, and of the addresses of each; a hosted zone has four, with one IPv4 address."""


class ZoneNameServers:
    """Queries to a name server of a name's zone; to the next one where the first does not answer."""

    def __init__(self, zones: Iterable[str], find: Callable[[str], tuple[str, ...]] | None = None) -> None:
        """`find` returns the addresses of a zone's name servers. Raise DnsError where a zone has none."""
        self._servers = {zone: [NameServer(address) for address in (find or delegated)(zone)] for zone in zones}

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        """Return the current addresses, as NameServer does. Raise DnsError."""
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
