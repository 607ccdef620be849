"""What serves a host name: the DNS answers and the HTTPS answer at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.operations.connection import UnreachableError, UnresolvedError
from understudy_failover.operations.https_client import HttpsClient, TlsError
from understudy_failover.operations.kept_failure import kept_failure
from understudy_failover.operations.name_server import AddressSource, DnsError
from understudy_failover.page import MARKER_HEADER
from understudy_failover.settings import Host, Server


class OnStage(StrEnum):
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
class Visit:
    """The result of a request for the front page of a host."""

    on_stage: OnStage
    detail: str
    """The status, or why there is no answer."""
    trusted: bool = True
    """False where the TLS handshake failed."""
    status: int | None = None
    """The HTTP status, where an answer came."""
    unresolved_by: str = ""
    """The resolver that failed for the name, so that there was no connection."""

    def __str__(self) -> str:
        return f"{self.on_stage} ({self.detail})"


@dataclass(frozen=True)
class Sight:
    answers: Answers
    visit: Visit

    @property
    def kept_failure(self) -> str:
        """Return the fault of the resolver where it fails and the name servers answer; else nothing."""
        return "" if self.answers.fault or not self.visit.unresolved_by else kept_failure(self.visit.unresolved_by)

    def __str__(self) -> str:
        return f"{self.visit} at {self.answers}"


def client_name(host: Host) -> str:
    """Return a name to request: for a wildcard, a name that it covers."""
    return host.name.replace("*", "understudy-drill", 1)


def resolve(host: Host, name_server: AddressSource) -> Answers:
    """Return the uncached DNS answers; never raise."""
    name = client_name(host)
    try:
        ipv4, alias = name_server.answer(name, "A")
        return Answers(ipv4, name_server.addresses(name, "AAAA"), alias=alias)
    except DnsError as error:
        return Answers((), (), str(error), silent=not error.rcode, failed=error.rcode == "SERVFAIL")


def visit(host: Host, client: HttpsClient, address: str | None = None) -> Visit:
    """Request the front page by DNS or at `address`; never raise."""
    try:
        response = client.request(client_name(host), address=address, read_body=False)
    except TlsError as error:
        return Visit(OnStage.NOBODY, str(error), trusted=False)
    except UnresolvedError as error:
        return Visit(OnStage.NOBODY, str(error), unresolved_by=error.resolver)
    except UnreachableError as error:
        return Visit(OnStage.NOBODY, str(error))
    return seen_in(response.status, response.headers)


def seen_in(status: int, headers: Mapping[str, str]) -> Visit:
    """Return what gave an answer; the names of `headers` are lower case."""
    if MARKER_HEADER in headers:
        on_stage = OnStage.PAGE
    elif status < 500:
        on_stage = OnStage.SERVER
    else:
        on_stage = OnStage.NOBODY
    return Visit(on_stage, str(status), status=status)


def look(host: Host, name_server: AddressSource, client: HttpsClient) -> Sight:
    return Sight(resolve(host, name_server), visit(host, client))
