"""Where a command looks from: this machine and its resolver, or the rehearsal's internet, as `make up` tells it."""

import argparse
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from operations.https_client import HttpsClient
from operations.name_server import AddressSource, NameServer
from operations.zone_name_servers import ZoneNameServers
from settings import Settings

ANY_IPV6_ADDRESS = ("2001:4860:4860::8888", 53)
"""Nothing is sent there; the question is whether there would be a way."""


@dataclass(frozen=True)
class Vantage:
    """`proxy` resolves names, too; `name_server` answers for every zone; `trust` holds the CAs."""

    proxy: tuple[str, int] | None
    name_server: tuple[str, int] | None
    trust: ssl.SSLContext

    def client(self, timeout_seconds: float) -> HttpsClient:
        """Asks as a careful client does."""
        return HttpsClient(self.trust, timeout_seconds=timeout_seconds, proxy=self.proxy)

    def authority(self, settings: Settings) -> AddressSource:
        """What the zones' own name servers answer.

        Raises:
            DnsError: they are not to be found.
        """
        if self.name_server:
            return NameServer(*self.name_server)
        return ZoneNameServers(zone.name for zone in settings.zones)

    @property
    def has_ipv6(self) -> bool:
        """Whether IPv6 addresses can be connected to."""
        if self.proxy:
            return True
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
                probe.connect(ANY_IPV6_ADDRESS)
        except OSError:
            return False
        return True


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that `make up` fills in; nobody else needs them."""
    group = parser.add_argument_group("where to look from", "for the embedded AWS; `make up` tells the values")
    group.add_argument("--proxy", type=_address, metavar="HOST:PORT", help="HTTP proxy, which also resolves names")
    group.add_argument(
        "--name-server", type=_address, metavar="HOST:PORT", help="of all zones (default: those that DNS tells)"
    )
    group.add_argument("--ca", type=_trust, metavar="FILE", help="trust these CAs, in PEM, in place of the system's")


def vantage(arguments: argparse.Namespace) -> Vantage:
    """What the options say."""
    return Vantage(arguments.proxy, arguments.name_server, arguments.ca or ssl.create_default_context())


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT, such as 127.0.0.1:5353")
    return host.strip("[]"), int(port)


def _trust(text: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(Path(text)))
    except (OSError, ssl.SSLError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} holds no CA in PEM: {error}") from None
