"""The way to hosts and name servers outside AWS's APIs: name servers, a resolver, a proxy, trusted CAs.

The defaults are the internet's; `understudy up` prints the options for the embedded AWS.
"""

import argparse
import os
import socket
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

from understudy_failover.operations.connection import UnresolvedError
from understudy_failover.operations.https_client import HttpsClient
from understudy_failover.operations.name_server import AddressSource, DnsError, NameServer, ZoneNameServers
from understudy_failover.settings import Settings

Address = tuple[str, int]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
TIMEOUT_SECONDS = 10.0
ANY_IPV4_ADDRESS = ("192.0.2.1", 53)
ANY_IPV6_ADDRESS = ("2001:4860:4860::8888", 53)
"""A route to these is looked up; nothing is sent."""


@dataclass(frozen=True)
class Reach:
    """The way; None stands for the default of the internet."""

    name_server: Address | None = None
    """In place of the name servers of every hosted zone."""
    resolvers: tuple[Address, ...] = ()
    """In place of this machine's resolver; the first that answers resolves the names for the command itself."""
    proxy: Address | None = None
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS

    def client(self, timeout_seconds: float | None = None) -> HttpsClient:
        """Return a client that verifies chain and host name and uses the named resolvers."""
        return HttpsClient(
            self.trust,
            timeout_seconds=timeout_seconds or self.timeout_seconds,
            proxy=self.proxy,
            lookup=self._lookup if self.resolvers else None,
        )

    def _lookup(self, name: str) -> tuple[str, ...]:
        """Return the addresses of `name` by the first resolver that answers; raise UnresolvedError where none does."""
        faults: list[str] = []
        resolvers = self.asked_resolvers()
        for resolver in resolvers:
            try:
                return (*resolver.addresses(name, "A"), *resolver.addresses(name, "AAAA"))
            except DnsError as error:
                faults.append(str(error))
        raise UnresolvedError(", ".join(map(str, resolvers)), faults[0])

    def authority(self, settings: Settings) -> AddressSource:
        """Return the answers of the zones' own name servers; raise DnsError where there are no name servers."""
        if self.name_server:
            return NameServer(*self.name_server)
        return ZoneNameServers(zone.name for zone in settings.zones)

    @property
    def has_network(self) -> bool:
        """Return whether this machine has a route to the internet, over IPv4 or IPv6."""
        return self.proxy is not None or _has_route(socket.AF_INET, ANY_IPV4_ADDRESS) or self.has_ipv6

    @property
    def has_ipv6(self) -> bool:
        return self.proxy is not None or _has_route(socket.AF_INET6, ANY_IPV6_ADDRESS)

    @cached_property
    def _system_resolver(self) -> Address:
        try:
            # There may be none: dnspython ignores lines that it cannot use.
            return str(dns.resolver.get_default_resolver().nameservers[0]), 53
        except (dns.exception.DNSException, OSError, IndexError) as error:
            raise DnsError(f"this machine names no resolver ({error}); name one with --resolver") from None

    def asked_resolvers(self) -> list[NameServer]:
        """Return every resolver to ask; raise DnsError where this machine has none."""
        return [NameServer(*resolver, recursive=True) for resolver in self.resolvers or (self._system_resolver,)]

    def asked_resolver(self) -> NameServer:
        return self.asked_resolvers()[0]


def _has_route(family: socket.AddressFamily, address: Address) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
    except OSError:
        return False
    return True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("hosts and DNS (`understudy up` prints these for the embedded AWS)")
    group.add_argument(
        "--resolver",
        metavar="HOST:PORT",
        type=address,
        action="append",
        default=[],
        help="a resolver to use, such as 1.1.1.1:53; may be repeated; default: this machine's",
    )
    for option, meaning in (
        ("--name-server", "the hosted zones' name server; default: those that Route 53 names"),
        ("--proxy", "an HTTP proxy that resolves names, as of the rehearsal"),
    ):
        group.add_argument(option, metavar="HOST:PORT", type=address, help=meaning)
    group.add_argument("--ca", metavar="FILE", type=authorities, help="CAs to trust, in PEM; default: this machine's")


class UndirectedError(Exception):
    """AWS's APIs are an embedded AWS, whose hosts public DNS does not know; the text says which options to add."""


def from_arguments(arguments: argparse.Namespace) -> Reach:
    """Return what the options say.

    Raise UndirectedError: this shell leads AWS's APIs to an embedded AWS, and the options nothing else.
    """
    options = (arguments.name_server, arguments.resolver, arguments.proxy, arguments.ca)
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    try:
        is_embedded = urlsplit(endpoint).hostname in LOOPBACK
    except ValueError as error:
        raise UndirectedError(f"AWS_ENDPOINT_URL={endpoint} is no URL ({error}); correct or unset it") from None
    if not any(options) and is_embedded:
        raise UndirectedError(
            f"AWS_ENDPOINT_URL={endpoint} is an embedded AWS, and public DNS does not know its hosts. "
            "Repeat the command with the options that `understudy up` printed; they are in WORLD where its file was "
            f"sourced: understudy {arguments.command} … $WORLD (in zsh: ${{=WORLD}})"
        )
    trust = arguments.ca or ssl.create_default_context()
    return Reach(arguments.name_server, tuple(arguments.resolver), arguments.proxy, trust)


def address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT; write it like 127.0.0.1:5353")
    return host.strip("[]"), int(port)


def authorities(text: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the CAs of a file in PEM."""
    try:
        return ssl.create_default_context(cafile=text)
    except OSError as error:  # ssl.SSLError is one
        wrong = error.strerror or error
        raise argparse.ArgumentTypeError(f"{text}: {wrong}; name a file with certificates in PEM") from None
