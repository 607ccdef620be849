"""Who is on stage for a host name: what DNS answers and who answers HTTPS, at one moment."""

from dataclasses import dataclass
from enum import StrEnum

from maintenance_site import MARKER_HEADER
from operations.https_client import HttpsClient, TlsError, UnreachableError
from operations.name_server import DnsError, NameServer
from settings import Host, Server


class OnStage(StrEnum):
    """Who answers a client."""

    SERVER = "server"
    PAGE = "maintenance page"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Sight:
    """What one look at a host name showed."""

    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    on_stage: OnStage
    detail: str
    """The status, or why nobody answered."""
    trusted: bool = True
    """False where the connection got as far as TLS and that failed."""

    def dns_is_on_server(self, server: Server) -> bool:
        """Whether both answers are exactly the server's own addresses."""
        return self.ipv4 == (str(server.ipv4),) and self.ipv6 == ((str(server.ipv6),) if server.ipv6 else ())

    def dns_is_on_page(self, server: Server) -> bool:
        """Whether DNS answers with other addresses than the server's: of IPv6 only where the server has it."""
        return (
            bool(self.ipv4)
            and str(server.ipv4) not in self.ipv4
            and bool(self.ipv6) == bool(server.ipv6)
            and str(server.ipv6) not in self.ipv6
        )


def client_name(host: Host) -> str:
    """A name that a client can ask for: for a wildcard, one that it covers."""
    return host.name.replace("*", "understudy-drill", 1)


def look(host: Host, name_server: NameServer, client: HttpsClient) -> Sight:
    """Asks DNS and, as a client does, for the front page; never raises for what they answer."""
    name = client_name(host)
    try:
        ipv4, ipv6 = name_server.addresses(name, "A"), name_server.addresses(name, "AAAA")
    except DnsError as error:
        return Sight((), (), OnStage.NOBODY, str(error))
    try:
        response = client.request(name)
    except TlsError as error:
        return Sight(ipv4, ipv6, OnStage.NOBODY, str(error), trusted=False)
    except UnreachableError as error:
        return Sight(ipv4, ipv6, OnStage.NOBODY, str(error))
    if MARKER_HEADER in response.headers:
        on_stage = OnStage.PAGE
    elif response.status < 500:
        on_stage = OnStage.SERVER
    else:
        on_stage = OnStage.NOBODY
    return Sight(ipv4, ipv6, on_stage, str(response.status))
