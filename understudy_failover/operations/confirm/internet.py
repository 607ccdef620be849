"""The internet as the questions use it: DNS, HTTPS, connections that stay open."""

from collections.abc import Sequence

from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.operations.open_session import OpenSession
from understudy_failover.operations.reach import Reach


class Internet:
    """The name servers and hosts that this machine reaches."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def addresses(self, servers: Sequence[str], name: str) -> tuple[str, ...]:
        """Return the A records that the first of these name servers answers. Raise DnsError if none does."""
        if self._reach.name_server:
            return NameServer(*self._reach.name_server).addresses(name, "A")
        fault = DnsError("no name server has an address")
        for server in servers:
            for address in self._reach.asked_resolver().addresses(server, "A"):
                try:
                    return NameServer(address).addresses(name, "A")
                except DnsError as error:
                    fault = error
        raise fault

    def status(self, host: str, path: str) -> int:
        """Return the HTTP status of a path. Raise UnreachableError."""
        return self._reach.client().request(host, path=path).status

    def connect(self, host: str) -> OpenSession:
        """Return a connection that stays open. Raise UnreachableError."""
        return self._reach.client().open(host)
