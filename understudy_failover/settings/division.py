"""How a large file is divided: each host name belongs to one certificate, each server to one failover stack.

Both follow from what stands at the host's server and from which certificates cover it, never from how many others
there are: a host or server more moves nobody. See docs/decisions/0012-scale.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from understudy_failover.contract.documentation import documentation
from understudy_failover.settings.certificate import PublicCertificate
from understudy_failover.settings.keys import Location, table_of
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import written

MAX_HOST_NAMES = 100
"""Alternate domain names of one distribution.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

PART_NAME = r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"
"""Of a further certificate and of a further failover stack: a part of the names of stacks."""

MAIN = ""
"""Stands for the certificate of [certificate], and for the failover stack of servers that name none."""

Certificates = Mapping[str, PublicCertificate | None]
"""By name, `MAIN` first; None where it cannot be used, which is reported apart."""


def stack_name(app: str, kind: Literal["maintenance", "failover"], part: str) -> str:
    """Of the stack of a certificate (`maintenance`), or of a failover stack; `MAIN` for the first."""
    return "-".join(one for one in (app, kind, part) if one)


def covering(host_name: str, certificates: Certificates, named: str | None) -> tuple[str, ...]:
    """Which certificates could be the host's: exactly one where it is settled.

    The one that its server names; else that of [certificate] if it covers the host; else every further one that does.
    """
    if named is not None:
        return (named,) if _may_cover(certificates.get(named), host_name) else ()
    if _may_cover(certificates.get(MAIN), host_name):
        return (MAIN,)
    return tuple(name for name, one in certificates.items() if name != MAIN and _may_cover(one, host_name))


def division_problems(
    hosts: Sequence[tuple[Location, str]], document: Mapping[str, Any], certificates: Certificates, main_name: str
) -> Iterator[Problem]:
    """Hosts without a certificate, or with several to choose from, and certificates with too many hosts.

    `hosts` are those whose names are right, with their places; `main_name` is the name in [certificate].
    """
    members: dict[str, list[tuple[Location, str]]] = {}
    for place, host in hosts:
        named = _named(document, place)
        if named == main_name:
            named = MAIN
        if named is not None and named not in certificates:  # reported at the server's key
            continue
        found = covering(host, certificates, named)
        if len(found) == 1:
            members.setdefault(found[0], []).append((place, host))
        elif found:
            yield Problem(
                place,
                f"is covered by several certificates: {', '.join(found)}",
                f'write certificate = "{found[0]}", or another of them, at its server',
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
                "use wildcards, or declare a further certificate (the same files and secret may serve several) "
                f"as [[certificates]] and name it at the servers that come new: {documentation('scale')}",
                f"at most {MAX_HOST_NAMES} (alternate domain names of one CloudFront distribution)",
                written(host),
            )


def name_problems(
    servers: Sequence[tuple[Location, str]],
    further: Sequence[tuple[Location, str]],
    main_name: str,
) -> Iterator[Problem]:
    """Names of certificates that nobody declares, and that are declared twice.

    `servers` are the servers' `certificate`s, `further` the names in [[certificates]].
    """
    known = [main_name, *(name for _, name in further)]
    for place, name in further:
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
    """One that cannot be read might cover anything: its own problem is enough."""
    return certificate is None or certificate.covers(host_name)


def _uncovered(place: Location, host: str, certificates: Certificates, named: str | None) -> Problem:
    asked = [named] if named is not None else list(certificates)
    names = [name for one in asked if (public := certificates[one]) for name in public.names]
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
