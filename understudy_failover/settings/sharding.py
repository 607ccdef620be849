"""The sharding of a large file: each host name has one certificate, each server one failover stack.

Both follow from the host's server and from the certificates that cover the host, never from the number of hosts: an
additional host or server moves no other. See docs/decisions/0012-scale.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from understudy_failover.contract.documentation import documentation
from understudy_failover.settings.certificate import PublicCertificate
from understudy_failover.settings.keys import Location, table_of
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import written

MAX_HOST_NAMES = 100
"""Limit of alternate domain names of a distribution.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

PART_NAME = r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"
"""The name of an additional certificate or failover stack, a part of stack names."""

MAIN = ""
"""The certificate of [certificate], and the failover stack of servers without `stack`."""

Certificates = Mapping[str, PublicCertificate | None]
"""By name, `MAIN` first; None for an unusable certificate, which another problem reports."""


def stack_name(app: str, kind: Literal["maintenance", "failover"], part: str) -> str:
    """Return the name of a certificate's stack (`maintenance`) or of a failover stack."""
    return "-".join(word for word in (app, kind, part) if word)


def covering(host_name: str, certificates: Certificates, named: str | None) -> tuple[str, ...]:
    """Return the certificates that may be the host's; a single one is the host's.

    The certificate `named` by its server; else that of [certificate] if it covers the host; else all others that do.
    """
    if named is not None:
        return (named,) if _may_cover(certificates.get(named), host_name) else ()
    if _may_cover(certificates.get(MAIN), host_name):
        return (MAIN,)
    return tuple(
        name for name, certificate in certificates.items() if name != MAIN and _may_cover(certificate, host_name)
    )


def sharding_problems(
    hosts: Sequence[tuple[Location, str]], document: Mapping[str, Any], certificates: Certificates, main_name: str
) -> Iterator[Problem]:
    """Yield hosts without a certificate or with several, and certificates with too many hosts.

    `hosts` are the valid host names with their places; `main_name` is the name in [certificate].
    """
    members: dict[str, list[tuple[Location, str]]] = {}
    for place, host in hosts:
        named = _named(document, place)
        if named == main_name:
            named = MAIN
        if named is not None and named not in certificates:  # reported at the server's key
            continue
        candidates = covering(host, certificates, named)
        if len(candidates) == 1:
            members.setdefault(candidates[0], []).append((place, host))
        elif candidates:
            yield Problem(
                place,
                f"is covered by several certificates: {', '.join(candidates)}",
                f'write certificate = "{candidates[0]}", or another of them, at its server',
                "one certificate for each host name",
                written(host),
            )
        else:
            yield _uncovered(place, host, certificates, named)
    for name, several in members.items():
        if len(several) > MAX_HOST_NAMES:
            place, host = several[MAX_HOST_NAMES]
            yield Problem(
                place,
                f"is one of {len(several)} host names of {_described(name)}",
                "use wildcards, or declare an additional certificate (perhaps with the same files and secret) "
                f"as [[certificates]] and name it at new servers: {documentation('scale')}",
                f"at most {MAX_HOST_NAMES} (alternate domain names of one CloudFront distribution)",
                written(host),
            )


def name_problems(
    servers: Sequence[tuple[Location, str]], additional: Sequence[tuple[Location, str]], main_name: str
) -> Iterator[Problem]:
    """Yield names of certificates that are declared nowhere or twice.

    `servers` are the servers' `certificate`s, `additional` the names in [[certificates]].
    """
    known = [main_name, *(name for _, name in additional)]
    for place, name in additional:
        if name == main_name:
            yield Problem(place, "is the name in [certificate] already", "choose another", "", written(name))
    for place, name in servers:
        if name not in known:
            yield Problem(
                place,
                "is no certificate of this file",
                f"write one of {', '.join(known)}, or declare it",
                "a name in [certificate] or [[certificates]]",
                written(name),
            )


def _named(document: Mapping[str, Any], place: Location) -> str | None:
    named = table_of(document, place).get("certificate")
    return named if isinstance(named, str) else None


def _may_cover(certificate: PublicCertificate | None, host_name: str) -> bool:
    """Return whether the certificate may cover the host; an unreadable certificate may, and has its own problem."""
    return certificate is None or certificate.covers(host_name)


def _uncovered(place: Location, host: str, certificates: Certificates, named: str | None) -> Problem:
    candidates = [named] if named is not None else list(certificates)
    names = [name for candidate in candidates if (public := certificates[candidate]) for name in public.names]
    if named is None and len(certificates) > 1:
        wrong = "is covered by no certificate"
    else:
        wrong = f"is not covered by {_described(named) if len(certificates) > 1 else 'the certificate'}"
    return Problem(
        place,
        wrong,
        "have the certificate issued again with this name, or remove the host",
        f"names covered by {', '.join(names)}",
        written(host),
    )


def _described(name: str | None) -> str:
    return f"certificate {name}" if name else "the certificate in [certificate]"
