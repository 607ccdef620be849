"""Who is on stage for a host name: what DNS answers and who answers HTTPS, at one moment."""

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
    """Who answers a client."""

    SERVER = "server"
    PAGE = "maintenance page"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Answers:
    """What the zone's name server answers for a host name."""

    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    fault: str = ""
    """Why there is no answer."""
    alias: str = ""
    """The name that the host is an alias of (CNAME)."""
    silent: bool = False
    """Whether nothing came back, not even a response code."""
    failed: bool = False
    """Whether the answer was SERVFAIL."""

    def are_of_server(self, server: Server) -> bool:
        """Whether they are exactly the server's own addresses, or its name."""
        if server.cname:
            return self.alias == server.cname
        own = server.record_values
        return set(self.ipv4) == set(own["A"]) and set(self.ipv6) == set(own.get("AAAA", ()))

    def are_of_page(self, server: Server) -> bool:
        """Whether they are other addresses than the server's: of IPv6 only where the server has it."""
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
    """What a client saw that asked a host name for its front page."""

    on_stage: OnStage
    detail: str
    """The status, or why nobody answered."""
    trusted: bool = True
    """False where the connection got as far as TLS and that failed."""
    status: int | None = None
    """Of the HTTP answer, where one came."""
    unresolved_by: str = ""
    """The resolver that failed for the name, so that nothing was connected to."""

    def __str__(self) -> str:
        return f"{self.on_stage} ({self.detail})"


@dataclass(frozen=True)
class Sight:
    """Both."""

    answers: Answers
    visit: Visit

    @property
    def kept_failure(self) -> str:
        """What is wrong with the resolver where it fails and the name servers do not; else nothing."""
        return "" if self.answers.fault or not self.visit.unresolved_by else kept_failure(self.visit.unresolved_by)

    def __str__(self) -> str:
        return f"{self.visit} at {self.answers}"


def client_name(host: Host) -> str:
    """A name that a client can ask for: for a wildcard, one that it covers."""
    return host.name.replace("*", "understudy-drill", 1)


def resolve(host: Host, name_server: AddressSource) -> Answers:
    """Asks DNS, past every cache; never raises for what it answers."""
    name = client_name(host)
    try:
        ipv4, alias = name_server.answer(name, "A")
        return Answers(ipv4, name_server.addresses(name, "AAAA"), alias=alias)
    except DnsError as error:
        return Answers((), (), str(error), silent=not error.rcode, failed=error.rcode == "SERVFAIL")


def visit(host: Host, client: HttpsClient, address: str | None = None) -> Visit:
    """Asks for the front page as a client does, or past DNS at `address`; never raises for what comes back."""
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
    """Who gave an answer; the names of `headers` are lower case."""
    if MARKER_HEADER in headers:
        on_stage = OnStage.PAGE
    elif status < 500:
        on_stage = OnStage.SERVER
    else:
        on_stage = OnStage.NOBODY
    return Visit(on_stage, str(status), status=status)


def look(host: Host, name_server: AddressSource, client: HttpsClient) -> Sight:
    """Asks both."""
    return Sight(resolve(host, name_server), visit(host, client))
