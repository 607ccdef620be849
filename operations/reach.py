"""How a command reaches the world outside AWS's APIs: name servers, a resolver, a proxy, trusted CAs.

On the internet all of it has its defaults; `make up` prints what leads to the embedded AWS instead.
"""

import argparse
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import dns.exception
import dns.resolver

from operations.https_client import HttpsClient
from operations.name_server import DnsError, NameServer

Address = tuple[str, int]
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Reach:
    """Where to ask; None stands for the internet's own."""

    name_server: Address | None = None
    """In place of the name servers of every hosted zone."""
    resolvers: tuple[Address, ...] = ()
    """In place of this machine's; the first one finds what a command itself has to find."""
    proxy: Address | None = None
    """An HTTP proxy that also resolves names."""
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS

    def client(self) -> HttpsClient:
        """Verifies chain and host name."""
        return HttpsClient(self.trust, timeout_seconds=self.timeout_seconds, proxy=self.proxy)

    @cached_property
    def _system_resolver(self) -> Address:
        try:
            # dnspython ignores what it cannot use, so that there may be none.
            return str(dns.resolver.get_default_resolver().nameservers[0]), 53
        except (dns.exception.DNSException, OSError, IndexError) as error:
            raise DnsError(f"this machine names no resolver ({error}); name one with --resolver") from None

    def asked_resolvers(self) -> list[NameServer]:
        """Every resolver to ask.

        Raises:
            DnsError: this machine has none.
        """
        return [NameServer(*one, recursive=True) for one in self.resolvers or (self._system_resolver,)]

    def asked_resolver(self) -> NameServer:
        """The first of them; likewise."""
        return self.asked_resolvers()[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that `from_arguments` reads."""
    group = parser.add_argument_group("the world outside AWS's APIs (`make up` prints these for the embedded AWS)")
    group.add_argument(
        "--resolver",
        metavar="HOST:PORT",
        type=address,
        action="append",
        default=[],
        help="a resolver to ask, such as 1.1.1.1:53; may be repeated; default: this machine's",
    )
    for option, meaning in (
        ("--name-server", "the hosted zones' name server; default: those that Route 53 names"),
        ("--proxy", "an HTTP proxy that resolves names, as of the rehearsal"),
    ):
        group.add_argument(option, metavar="HOST:PORT", type=address, help=meaning)
    group.add_argument("--ca", metavar="FILE", type=Path, help="CAs to trust, in PEM; default: this machine's")


def from_arguments(arguments: argparse.Namespace) -> Reach:
    """What the options say.

    Raises:
        ReachError: the file of CAs cannot be used.
    """
    try:
        trust = ssl.create_default_context(cafile=str(arguments.ca) if arguments.ca else None)
    except OSError as error:
        raise ReachError(
            f"--ca {arguments.ca}: {error.strerror or error}; name a file with certificates in PEM"
        ) from None
    return Reach(arguments.name_server, tuple(arguments.resolver), arguments.proxy, trust)


class ReachError(Exception):
    """An option is wrong; the text says which, why and what is allowed."""


def address(text: str) -> Address:
    """`HOST:PORT`; an IPv6 address in brackets."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT; write it like 127.0.0.1:5353")
    return host.strip("[]"), int(port)
