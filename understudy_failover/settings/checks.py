"""Checks relations between values of failover.toml, and with the certificate folder.

They read the parsed file before pydantic and skip values of a wrong type, so that they report although another value
is wrong.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from understudy_failover.settings.aws_values import BadValueError, check_host_name, longest_zone
from understudy_failover.settings.certificate import PRIVATE_KEY, CertificateError, PublicCertificate, read
from understudy_failover.settings.certificate_folder import FOLDER
from understudy_failover.settings.keys import Location, table_of
from understudy_failover.settings.pages import LANGUAGES
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.record_rules import record_problems
from understudy_failover.settings.report import dotted, written
from understudy_failover.settings.sharding import MAIN, Certificates, name_problems, sharding_problems
from understudy_failover.settings.tables import CERTIFICATE_NAME

Throwaway = Callable[[tuple[str, ...]], PublicCertificate]
"""Makes a certificate for host names."""


def texts(document: object, *path: str) -> list[tuple[Location, str]]:
    """Return every text at `path` with its place; a name also applies to each item of a list."""
    return [(place, value) for place, value in values(document, *path) if isinstance(value, str)]


def values(document: object, *path: str) -> Iterator[tuple[Location, object]]:
    """Yield as `texts`, for values of every type."""
    if isinstance(document, list):
        for number, item in enumerate(document):
            yield from (((number, *place), value) for place, value in values(item, *path))
    elif not path:
        yield (), document
    elif isinstance(document, Mapping) and path[0] in document:
        for place, value in values(document[path[0]], *path[1:]):
            yield (path[0], *place), value


def relation_problems(document: Mapping[str, Any], certificates: Certificates) -> Iterator[Problem]:
    """Yield problems between valid values."""
    yield from _repeated(document, ("zones", "name"))
    yield from _repeated(document, ("zones", "id"))
    # Names without hyphens make up the names of resources and outputs: web-1 and web1 would share them.
    yield from _repeated(document, ("servers", "name"), lambda name: name.replace("-", ""))
    yield from _repeated(
        document,
        ("servers", "hosts"),
        fix='remove one of the two; for one server with several addresses write more_ipv4 = ["ADDRESS"] at it',
    )
    yield from _repeated(document, ("notifications", "emails"))
    yield from _repeated(document, ("notifications", "webhooks"))
    if any(value is False for _, value in values(document, "monitoring", "alarms")):
        for place, _ in values(document, "notifications"):
            yield Problem(place, "has nothing to notify of without alarms", "remove it, or write alarms = true")
    hosts = [(place, name) for place, name in texts(document, "servers", "hosts") if _is_host_name(name, wildcard=True)]
    zones = [name for _, name in texts(document, "zones", "name") if _is_host_name(name)]
    # Where the name of a zone is wrong or missing, any host may belong to it.
    zones_known = len(zones) == len(list(values(document, "zones")))
    for place, name in hosts:
        if zones and zones_known and not longest_zone(name, zones):
            yield Problem(
                place,
                "is in none of the hosted zones",
                "add its zone as [[zones]], or correct the name",
                f"names in {', '.join(zones)}",
                written(name),
            )
    yield from _page_problems(document, {name for _, name in hosts})
    main_name = next((name for _, name in texts(document, "certificate", "name")), "")
    yield from _repeated(document, ("certificates", "name"))
    yield from name_problems(
        texts(document, "servers", "certificate"), texts(document, "certificates", "name"), main_name
    )
    yield from sharding_problems(hosts, document, certificates, main_name)
    yield from record_problems(document, hosts, zones)
    for place, kind in texts(document, "servers", "health_check", "type"):
        for key in ("path", "search_string"):
            for _, value in values(table_of(document, place), "health_check", key):
                if kind == "TCP":
                    yield Problem(
                        (*place[:-1], key),
                        "has no meaning for a TCP check, which only connects",
                        'remove it, or write type = "HTTPS"',
                        value=written(value),
                    )

        for _, per_host in values(table_of(document, place), "health_check", "per_host"):
            if kind == "TCP" and per_host is True:
                yield Problem(
                    (*place[:-1], "per_host"),
                    "has no meaning for a TCP check, which asks for no name",
                    'remove it, or write type = "HTTPS"',
                    value=written(per_host),
                )


def certificates_of(
    document: Mapping[str, Any],
    folder: Path,
    problems: list[Problem],
    *,
    given: PublicCertificate | None = None,
    name: str = MAIN,
    throwaway: Throwaway | None = None,
) -> dict[str, PublicCertificate | None]:
    """Return the certificates of the file, by name; None for an unusable certificate, whose `problems` are appended.

    Each folder is read once. `given` replaces the folder of the certificate `name`, and `throwaway` missing folders.
    """
    wanted = folders_of_certificates(document)
    folders: dict[str, PublicCertificate | None] = {wanted[name]: given} if given and name in wanted else {}
    hosts = tuple(name for _, name in texts(document, "servers", "hosts") if _is_host_name(name, wildcard=True))
    for where in wanted.values():
        if where not in folders:
            missing = throwaway is not None and hosts and not (folder / FOLDER / where).is_dir()
            folders[where] = throwaway(hosts) if throwaway and missing else _certificate_in(folder, where, problems)
    return {certificate: folders[where] for certificate, where in wanted.items()}


def folders_of_certificates(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the folders of the certificates in the document, by name."""
    wanted = {MAIN: next((name for _, name in texts(document, "certificate", "name")), "")}
    for place, certificate_name in texts(document, "certificates", "name"):
        named = [value for _, value in texts(table_of(document, place), "folder")]
        wanted.setdefault(certificate_name, named[0] if named else certificate_name)
    return wanted


def _certificate_in(folder: Path, name: str, problems: list[Problem]) -> PublicCertificate | None:
    place = f"{FOLDER}/{name}"
    if not re.fullmatch(CERTIFICATE_NAME, name):  # reported as such; no other path is looked at
        return None
    if not (folder / place).is_dir():
        wrong, fix = "does not exist", "create that folder, or correct the certificate's name"
        problems.append(Problem(place, wrong, fix, "a folder with certificate.pem and chain.pem"))
        return None
    try:
        return read(folder / place, shown=place)
    except CertificateError as error:
        problems += [Problem(fault.file, fault.wrong, fault.fix, fault.allowed) for fault in error.faults]
    return None


def pasted_private_key(text: str) -> Problem | None:
    """Return the problem of a file with a private key in PEM, anywhere in it."""
    if PRIVATE_KEY not in text:
        return None
    line = text.count("\n", 0, text.index(PRIVATE_KEY)) + 1
    return Problem(
        "file",
        f"holds a PRIVATE KEY (line {line}), which must never stand in it. Nothing else of it was checked",
        "treat that key as exposed: have the certificate issued again for a new key, put the new key into "
        "Secrets Manager and the name of its secret here",
    )


def _page_problems(document: Mapping[str, Any], hosts: set[str]) -> Iterator[Problem]:
    """Yield problems of the pages: hosts, languages, status page."""
    yield from _repeated(document, ("pages", "name"))
    yield from _repeated(document, ("pages", "hosts"))
    for place, name in texts(document, "pages", "hosts"):
        if name not in hosts:
            yield Problem(
                place,
                "is no host of a server",
                "write it as in [[servers]], or remove it",
                f"of {', '.join(sorted(hosts))}",
                written(name),
            )
    offered = [name for _, name in texts(document, "page", "languages")] or list(LANGUAGES)
    for place, language in (*texts(document, "page", "language"), *texts(document, "pages", "language")):
        if language in LANGUAGES and language not in offered:
            yield Problem(
                place, "is not offered", "add it to languages in [page]", f"of {', '.join(offered)}", written(language)
            )
    for place, address in (*texts(document, "page", "status_page"), *texts(document, "pages", "status_page")):
        name = _host_of(address)
        if name in hosts or f"*.{name.partition('.')[2]}" in hosts:
            yield Problem(
                place,
                "is on a host that fails over, and would lead back to the page",
                "use a host that nothing here touches",
                value=written(address),
            )


def _host_of(address: str) -> str:
    """Return the host of a URL; empty without one, which its own key reports."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # of brackets that hold no IPv6 address
        return ""


def _repeated(
    document: Mapping[str, Any],
    path: tuple[str, ...],
    same: Callable[[str], str] = str,
    *,
    fix: str = "remove or rename one of the two",
) -> Iterator[Problem]:
    first: dict[str, Location] = {}
    for place, value in texts(document, *path):
        earlier = first.setdefault(same(value), place)
        if earlier != place:
            yield Problem(
                place,
                f"stands already in {dotted(earlier)}",
                fix,
                "each value once" + ("" if same is str else ", hyphens aside"),
                written(value),
            )


def _is_host_name(name: str, *, wildcard: bool = False) -> bool:
    try:
        check_host_name(name, wildcard=wildcard)
    except BadValueError:
        return False
    return True
