"""`certificate show`: which certificate is declared, deployed, attached and served, and where they differ."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from understudy_failover.operations import aws, lookups
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.observation import client_name
from understudy_failover.operations.reach import Address, from_arguments
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.tls_probe import presented
from understudy_failover.settings import Server, Settings, load
from understudy_failover.settings.certificate_path import needed, reasons
from understudy_failover.settings.certificate_pem import distinguished_name
from understudy_failover.settings.sharding import stack_name

SAME, DIFFERENT = "as declared", "DIFFERENT"
COULD_NOT_DETERMINE = 3
WIDTH = 27
"""Of the column of places."""


@dataclass(frozen=True)
class Place:
    """A certificate in one place; `fingerprint` is empty where there is none, `state` says why or how it compares.

    `not_after` is the end of the first certificate of leaf and chain that ends.
    """

    where: str
    fingerprint: str
    not_after: str
    state: str
    wrong: bool
    unreached: bool = False
    """Whether nobody answered there, so that nothing can be compared."""

    def __str__(self) -> str:
        # The name of a certificate in IAM is too long for a column.
        where, _, name = self.where.partition(" ") if self.where.startswith("IAM ") else (self.where, "", "")
        state = f"{name}: {self.state}" if name else self.state
        if not self.fingerprint:
            return f"{where:<{WIDTH}}  {state}"
        return f"{where:<{WIDTH}}  {self.fingerprint[:23]}…  until {self.not_after[:10]}  {state}"


def show(arguments: argparse.Namespace) -> int:
    """Return the exit code: 0 as declared and nothing expired, 1 not so, 3 nothing of it, but not all was reached."""
    terminal = Terminal(as_json=arguments.json)
    proxy = from_arguments(arguments).proxy
    settings = load(arguments.settings)
    now = datetime.now(UTC)
    places = [place for name in settings.certificate_names for place in _places(settings, name, proxy, now)]
    terminal.result("\n".join(map(str, places)), [vars(place) for place in places])
    wrong = [place.where for place in places if place.wrong]
    unreached = [place.where for place in places if place.unreached]
    if wrong:
        terminal.fail(f"Not as declared: {', '.join(wrong)}.")
    if unreached:
        terminal.warn(f"not reached, so nothing is known of its certificate: {', '.join(unreached)}")
    return 1 if wrong else COULD_NOT_DETERMINE if unreached else 0


def _places(everything: Settings, name: str, proxy: Address | None, now: datetime) -> Iterator[Place]:
    """Where the certificate called `name` is; what is said of the main one has no name before it."""
    settings, label = everything.for_certificate(name), f"{name} " if name else ""
    stack = stack_name(everything.app, "maintenance", name)
    declared = settings.certificate.public
    refusal = _refusal(declared.path, now)
    yield Place(
        f"{label}declared",
        declared.fingerprint,
        declared.usable_until.isoformat(),
        refusal or ", ".join(declared.names),
        bool(refusal),
    )
    outputs = lookups.outputs(lookups.stack(aws.client("cloudformation"), stack))
    identifier = None
    if outputs:
        config = aws.client("cloudfront").get_distribution_config(Id=outputs["DistributionId"])["DistributionConfig"]
        identifier = config["ViewerCertificate"].get("IAMCertificateId")
    any_attached, iam = False, aws.client("iam")
    for metadata in lookups.server_certificates(iam, f"/cloudfront/{settings.app}/"):
        path = lookups.certificate_path(iam, metadata["ServerCertificateName"])
        attached = metadata["ServerCertificateId"] == identifier
        any_attached = any_attached or attached
        place = _compared(
            f"IAM {metadata['ServerCertificateName']}",
            path[0].fingerprint(SHA256()).hex(":").upper(),
            min(certificate.not_valid_after_utc for certificate in needed(path)),
            settings,
            now,
        )
        state = ", ".join(
            (_refusal(path, now) or place.state, "attached to the distribution" if attached else "not attached")
        )
        yield Place(place.where, place.fingerprint, place.not_after, state, place.wrong and attached)
    if not outputs:
        yield Place(f"{label}distribution", "", "", f"stack {stack} is not deployed", wrong=True)
        return
    if not any_attached:
        yield Place(f"{label}distribution", "", "", f"has none of these, but {identifier}", wrong=True)
    if not settings.servers:  # no host is under it yet
        return
    host = client_name(settings.servers[0].hosts[0])
    served = partial(_served, settings=settings, proxy=proxy, now=now)
    yield served(f"{label}edge", host, (outputs["DistributionDomainName"], 443))
    for server in settings.servers:
        place = served(f"{label}server {server.name}", client_name(server.hosts[0]), _address(server))
        # A server may well have a certificate of its own; what matters is that clients can use it.
        yield replace(place, wrong="EXPIRED" in place.state)


def _address(server: Server) -> tuple[str, int]:
    check = server.health_check
    return str(server.ipv4), check.port if check.type == "HTTPS" else 443


def _served(
    where: str,
    host: str,
    address: tuple[str, int],
    *,
    settings: Settings,
    proxy: Address | None,
    now: datetime,
) -> Place:
    target, port = address
    try:
        certificate = presented(host, target, port=port, proxy=proxy)
    except UnreachableError as error:
        return Place(where, "", "", f"not reached ({target} port {port}: {error})", wrong=False, unreached=True)
    return _compared(where, certificate.fingerprint, certificate.usable_until, settings, now)


def _refusal(path: Sequence[x509.Certificate], now: datetime) -> str:
    """Why clients refuse leaf and chain; empty if they do not."""
    if min(certificate.not_valid_after_utc for certificate in needed(path)) < now:
        return "EXPIRED"
    first = next(iter(reasons(path, now)), None)
    return f"REFUSED: {distinguished_name(path[first.position].subject)} {first.wrong}" if first else ""


def _compared(where: str, fingerprint: str, not_after: datetime, settings: Settings, now: datetime) -> Place:
    same = fingerprint == settings.certificate.public.fingerprint
    state = "EXPIRED" if not_after < now else SAME if same else DIFFERENT
    return Place(where, fingerprint, not_after.isoformat(), state, state != SAME)
