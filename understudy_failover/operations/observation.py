"""What serves a host name: the DNS answers and the HTTPS answer at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.operations.cached_failure import cached_failure
from understudy_failover.operations.connection import UnreachableError, UnresolvedError
from understudy_failover.operations.https_client import HttpsClient, TlsError
from understudy_failover.operations.name_server import AddressSource, DnsError
from understudy_failover.page import MARKER_HEADER
from understudy_failover.settings import Host, Server
from understudy_failover.settings.aws_values import MAX_NAME_CHARACTERS

LABEL = "understudy-drill"
"""In place of the star of a wildcard, cut off where the name would be too long."""


class ServedBy(StrEnum):
    """What answers a client."""

    SERVER = "server"
    PAGE = "maintenance page"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Answers:
    """The zone's answers for a host name."""

    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    fault: str = ""
    alias: str = ""
    silent: bool = False
    """Whether there was no response at all."""
    failed: bool = False
    """Whether the response was SERVFAIL."""

    def are_of_server(self, server: Server) -> bool:
        """Return whether these are exactly the server's own addresses, or its name."""
        if server.cname:
            return self.alias == server.cname
        own = server.record_values
        return set(self.ipv4) == set(own["A"]) and set(self.ipv6) == set(own.get("AAAA", ()))

    def are_of_page(self, server: Server) -> bool:
        """Return whether these are other addresses than the server's, with IPv6 only where the server has it."""
        if server.cname:
            return self.alias not in ("", server.cname)
        own = server.record_values
        return (
            bool(self.ipv4)
            and not set(own["A"]) & set(self.ipv4)
            and bool(self.ipv6) == ("AAAA" in own)
            and not set(own.get("AAAA", ())) & set(self.ipv6)
        )

    def __str__(self) -> str:
        return self.fault or ", ".join((*self.ipv4, *self.ipv6)) or self.alias or "no address"


@dataclass(frozen=True)
class HttpsProbe:
    """The result of a request for the front page of a host."""

    served_by: ServedBy
    detail: str
    """The status, or why there is no answer."""
    trusted: bool = True
    """False where the TLS handshake failed."""
    status: int | None = None
    """The HTTP status, where an answer came."""
    unresolved_by: str = ""
    """The resolver that failed for the name, so that there was no connection."""

    def __str__(self) -> str:
        return f"{self.served_by} ({self.detail})"


@dataclass(frozen=True)
class Observation:
    answers: Answers
    probe: HttpsProbe

    @property
    def cached_failure(self) -> str:
        """Return the fault of the resolver where it fails and the name servers answer; else nothing."""
        return "" if self.answers.fault or not self.probe.unresolved_by else cached_failure(self.probe.unresolved_by)

    def __str__(self) -> str:
        return f"{self.probe} at {self.answers}"


def client_name(host: Host) -> str:
    """Return a name to request: for a wildcard, a name that it covers."""
    room = MAX_NAME_CHARACTERS - len(host.name.removeprefix("*"))
    return host.name.replace("*", LABEL[:room].rstrip("-"), 1)


def resolve(host: Host, name_server: AddressSource) -> Answers:
    """Return the uncached DNS answers; never raise."""
    name = client_name(host)
    try:
        ipv4, alias = name_server.answer(name, "A")
        return Answers(ipv4, name_server.addresses(name, "AAAA"), alias=alias)
    except DnsError as error:
        return Answers((), (), str(error), silent=not error.rcode, failed=error.rcode == "SERVFAIL")


def probe_https(host: Host, client: HttpsClient, address: str | None = None) -> HttpsProbe:
    """Request the front page by DNS or at `address`; never raise."""
    try:
        response = client.request(client_name(host), address=address, read_body=False)
    except TlsError as error:
        return HttpsProbe(ServedBy.NOBODY, str(error), trusted=False)
    except UnresolvedError as error:
        return HttpsProbe(ServedBy.NOBODY, str(error), unresolved_by=error.resolver)
    except UnreachableError as error:
        return HttpsProbe(ServedBy.NOBODY, str(error))
    return classify(response.status, response.headers)


def classify(status: int, headers: Mapping[str, str]) -> HttpsProbe:
    """Return what gave an answer; the names of `headers` are lower case."""
    if MARKER_HEADER in headers:
        served_by = ServedBy.PAGE
    elif status < 500:
        served_by = ServedBy.SERVER
    else:
        served_by = ServedBy.NOBODY
    return HttpsProbe(served_by, str(status), status=status)


def observe(host: Host, name_server: AddressSource, client: HttpsClient) -> Observation:
    return Observation(resolve(host, name_server), probe_https(host, client))
