"""The name servers of several zones, as the world finds them."""

from collections.abc import Callable, Iterable
from typing import Literal

import dns.exception
import dns.resolver

from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.settings.aws_values import longest_zone


class ZoneNameServers:
    """Asks for every name a name server of the zone that it lies in; the next one where the first does not answer."""

    def __init__(self, zones: Iterable[str], find: Callable[[str], tuple[str, ...]] | None = None) -> None:
        """`find` answers the addresses of a zone's name servers.

        Raises:
            DnsError: a zone has none.
        """
        self._servers = {zone: [NameServer(address) for address in (find or delegated)(zone)] for zone in zones}

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[str, ...]:
        """What they answer now; see NameServer.

        Raises:
            DnsError: none of them gave a usable answer.
        """
        return self.answer(name, kind)[0]

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        """The same, with the name that `name` is an alias of; see NameServer.

        Raises:
            DnsError: as `addresses`.
        """
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
    """IPv4 addresses of the name servers that this machine's resolver finds for a zone.

    Raises:
        DnsError: none are found.
    """
    try:
        names = [str(record.target) for record in dns.resolver.resolve(f"{zone}.", "NS")]
        found = tuple(record.address for name in sorted(names) for record in dns.resolver.resolve(name, "A"))
    except dns.exception.DNSException as error:
        raise DnsError(f"{zone}: its name servers are not to be found: {error}") from None
    if not found:
        raise DnsError(f"{zone}: its name servers have no IPv4 address")
    return found
