"""Settings without a file: the same keys as Python values, for an app with another configuration."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from understudy_failover.settings.certificate import CertificateError, PublicCertificate, parse, read
from understudy_failover.settings.certificate_folder import holds_private_key
from understudy_failover.settings.certificate_rules import Sources
from understudy_failover.settings.checks import folders_of_certificates
from understudy_failover.settings.file import validated
from understudy_failover.settings.model import Settings
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import SettingsError
from understudy_failover.settings.toml_file import shape_problems

SOURCE = Path("settings")
"""The name of the document in a report."""


def build(
    document: Mapping[str, Any], *, certificates: Mapping[str, str | Path], folder: Path | None = None
) -> Settings:
    """Return the settings of `document`, which has tables as mappings and lists as sequences.

    `certificates` are public certificates by their folder's name in the document (`name` in [certificate], `folder`
    or else `name` in [[certificates]]): PEM text, the server's certificate first, then its issuers; or the path of such
    a file, or of a folder with certificate.pem and chain.pem. Logos and texts of pages are in `pages/` of `folder`.
    Raise SettingsError with every problem of the document and its certificates.
    """
    try:
        plain = _plain(document)
    except RecursionError:
        raise SettingsError(SOURCE, [Problem("document", "nests too deeply", "remove the inner values")]) from None
    if unfit := list(shape_problems(plain)):
        raise SettingsError(SOURCE, unfit)
    problems: list[Problem] = []
    wanted = folders_of_certificates(plain)
    public = {name: _public(name, certificates, problems) for name in dict.fromkeys(wanted.values())}
    return validated(
        plain,
        {certificate: public[name] for certificate, name in wanted.items()},
        problems,
        folder=folder,
        where=SOURCE,
    )


def _public(name: str, certificates: Mapping[str, str | Path], problems: list[Problem]) -> PublicCertificate | None:
    place = f"certificates[{name!r}]"
    if name not in certificates:
        names = ", ".join(certificates) or "none"
        fix = "add it to `certificates`, or correct the name"
        problems.append(Problem(place, "is missing", fix, f"each certificate; present: {names}"))
        return None
    source = certificates[name]
    try:
        if isinstance(source, Path) and source.is_dir():
            return read(source, shown=place)
        pem = source.read_bytes() if isinstance(source, Path) else source.encode()
        if holds_private_key(pem):
            fix = "leave it out; if it was ever committed or copied, have the certificate issued again for a new key"
            problems.append(Problem(place, "holds a PRIVATE KEY", fix, "public certificates alone"))
            return None
        return parse(pem, b"", Sources(place, place))
    except OSError as error:
        fix = "name a PEM file, or a folder with certificate.pem and chain.pem"
        problems.append(Problem(place, f"cannot be read: {error.strerror}", fix, value=str(source)))
    except CertificateError as error:
        problems += [Problem(fault.file, fault.wrong, fault.fix, fault.allowed) for fault in error.faults]
    return None


def _plain(value: Any) -> Any:
    """Return `value` in the types of a TOML parser."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, IPv4Address | IPv6Address) else value
