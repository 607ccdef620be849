"""Who is on stage for a host name: what DNS answers and who answers HTTPS, at one moment."""

from dataclasses import dataclass
from enum import StrEnum

from maintenance_site import MARKER_HEADER
from operations.https_client import HttpsClient, TlsError, UnreachableError
from operations.name_server import AddressSource, DnsError
from settings import Host, Server


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

    def are_of_server(self, server: Server) -> bool:
        """Whether they are exactly the server's own addresses."""
        return self.ipv4 == (str(server.ipv4),) and self.ipv6 == ((str(server.ipv6),) if server.ipv6 else ())

    def are_of_page(self, server: Server) -> bool:
        """Whether they are other addresses than the server's: of IPv6 only where the server has it."""
        return (
            bool(self.ipv4)
            and str(server.ipv4) not in self.ipv4
            and bool(self.ipv6) == bool(server.ipv6)
            and str(server.ipv6) not in self.ipv6
        )

    def __str__(self) -> str:
        return self.fault or ", ".join((*self.ipv4, *self.ipv6)) or "no address"


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

    def __str__(self) -> str:
        return f"{self.on_stage} ({self.detail})"


@dataclass(frozen=True)
class Sight:
    """Both."""

    answers: Answers
    visit: Visit

    def __str__(self) -> str:
        return f"{self.visit} at {self.answers}"


def client_name(host: Host) -> str:
    """A name that a client can ask for: for a wildcard, one that it covers."""
    return host.name.replace("*", "understudy-drill", 1)


def resolve(host: Host, name_server: AddressSource) -> Answers:
    """Asks DNS, past every cache; never raises for what it answers."""
    name = client_name(host)
    try:
        return Answers(name_server.addresses(name, "A"), name_server.addresses(name, "AAAA"))
    except DnsError as error:
        return Answers((), (), str(error))


def visit(host: Host, client: HttpsClient, address: str | None = None) -> Visit:
    """Asks for the front page as a client does, or past DNS at `address`; never raises for what comes back."""
    try:
        response = client.request(client_name(host), address=address)
    except TlsError as error:
        return Visit(OnStage.NOBODY, str(error), trusted=False)
    except UnreachableError as error:
        return Visit(OnStage.NOBODY, str(error))
    if MARKER_HEADER in response.headers:
        on_stage = OnStage.PAGE
    elif response.status < 500:
        on_stage = OnStage.SERVER
    else:
        on_stage = OnStage.NOBODY
    return Visit(on_stage, str(response.status), status=response.status)


def look(host: Host, name_server: AddressSource, client: HttpsClient) -> Sight:
    """Asks both."""
    return Sight(resolve(host, name_server), visit(host, client))
