"""The internet as the questions use it: DNS, HTTPS, connections that stay open."""

from collections.abc import Sequence

from understudy_failover.operations.name_server import DnsError, NameServer, RecordsFound
from understudy_failover.operations.open_session import OpenSession
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.tls_probe import presented


class Internet:
    """The name servers and hosts that this machine reaches."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def records(self, servers: Sequence[str], name: str) -> RecordsFound:
        """Return the A records that the first of these name servers answers. Raise DnsError if none does."""
        if self._reach.name_server:
            return NameServer(*self._reach.name_server).records(name, "A")
        fault = DnsError("no name server has an address")
        for server in servers:
            for address in self._reach.asked_resolver().addresses(server, "A"):
                try:
                    return NameServer(address).records(name, "A")
                except DnsError as error:
                    fault = error
        raise fault

    def status(self, host: str, path: str) -> int:
        """Return the HTTP status of a path. Raise UnreachableError."""
        return self._reach.client().request(host, path=path).status

    def speaks_http2(self, host: str) -> bool:
        """Return whether the host chooses HTTP/2 from HTTP/2 and HTTP/1.1. Raise UnreachableError."""
        return presented(host, host, timeout_seconds=self._reach.timeout_seconds, proxy=self._reach.proxy).speaks_http2

    def connect(self, host: str) -> OpenSession:
        """Return a connection that stays open. Raise UnreachableError."""
        return self._reach.client().open(host)
