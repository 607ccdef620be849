"""The internet beside AWS's APIs, as the questions use it: DNS, HTTP, connections that stay open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from understudy_failover.operations.connection import BoundedStream, Deadline, open_stream
from understudy_failover.operations.http_exchange import exchange
from understudy_failover.operations.https_client import HTTPS_PORT
from understudy_failover.operations.name_server import DnsError, NameServer, RecordsFound
from understudy_failover.operations.open_session import OpenSession
from understudy_failover.operations.reach import Reach


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Session(Protocol):
    """A TLS connection that stays open."""

    protocol: str
    """What ALPN chose; empty where it chose nothing."""

    def request(self, path: str) -> int:
        """Return the status of the answer. Raises OSError where the other side has closed the connection."""

    def is_closed(self) -> bool:
        """Return whether the other side has closed the connection."""

    def close(self) -> None: ...


class World(Protocol):
    """What a question reaches."""

    def records(self, servers: Sequence[str], name: str, kind: str) -> RecordsFound:
        """Return what the first of these name servers answers. Raises DnsError."""

    def get(self, host: str, path: str, *, tls: bool = True) -> Reply:
        """Return the answer of a host. Raises UnreachableError or OSError."""

    def connect(self, host: str, protocols: Sequence[str] = ("http/1.1",)) -> Session:
        """Return a connection with these protocols offered by ALPN. Raises UnreachableError or OSError."""


class Internet:
    """The world as this machine reaches it."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def records(self, servers: Sequence[str], name: str, kind: str) -> RecordsFound:
        if self._reach.name_server:
            return NameServer(*self._reach.name_server).records(name, kind)
        fault = DnsError("no name server has an address")
        for server in servers:
            for address in self._reach.asked_resolver().addresses(server, "A"):
                try:
                    return NameServer(address).records(name, kind)
                except DnsError as error:
                    fault = error
        raise fault

    def get(self, host: str, path: str, *, tls: bool = True) -> Reply:
        if tls:
            found = self._reach.client().request(host, path=path)
            return Reply(found.status, found.headers, found.body)
        deadline = Deadline(self._reach.timeout_seconds)
        with open_stream(host, 80, deadline, self._reach.proxy) as stream:
            plain = exchange(BoundedStream(stream, deadline), host, method="GET", path=path, headers={})
        return Reply(plain.status, plain.headers, plain.body)

    def connect(self, host: str, protocols: Sequence[str] = ("http/1.1",)) -> Session:
        deadline = Deadline(self._reach.timeout_seconds)
        trust = self._reach.trust
        stream = open_stream(host, HTTPS_PORT, deadline, self._reach.proxy)
        trust.set_alpn_protocols(list(protocols))
        try:
            stream.settimeout(deadline.left())
            return OpenSession(trust.wrap_socket(stream, server_hostname=host), host, self._reach.timeout_seconds)
        except BaseException:
            stream.close()
            raise
        finally:
            # Others use the same context, and speak HTTP/1.1 alone.
            trust.set_alpn_protocols(["http/1.1"])
