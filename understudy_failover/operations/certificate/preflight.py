"""Everything that can be known to be wrong with a certificate before AWS, or a visitor, sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from understudy_failover.operations.certificate import private_key
from understudy_failover.operations.certificate.private_key import PrivateKey
from understudy_failover.operations.certificate.source import Source
from understudy_failover.settings import PublicCertificate, Settings, SettingsError, load
from understudy_failover.settings.certificate import CertificateError, parse
from understudy_failover.settings.certificate_rules import LEAF_FILE
from understudy_failover.settings.division import MAIN
from understudy_failover.settings.problem import Problem

RENEWAL_FRACTION = 1 / 3
"""Of a lifetime: CAs advise to renew at this point, and the expiry watch warns from it on."""


@dataclass(frozen=True)
class Checked:
    """A certificate that may be pushed."""

    public: PublicCertificate
    key: PrivateKey
    settings: Settings
    """As they will be with it."""
    warnings: tuple[str, ...]


def check(source: Source, settings_file: Path, now: datetime, *, name: str = MAIN) -> Checked | list[Problem]:
    """The certificate for the settings in a file, or all that is wrong with it; `name` as in [[certificates]]."""
    problems: list[Problem] = []
    public = _public(source, problems)
    key = private_key.load(source.names[2], source.key_pem)
    if isinstance(key, Problem):
        problems.append(key)
    elif public and key.public_key != public_key(public):
        problems.append(
            Problem(
                source.names[2],
                "does not belong to the certificate",
                "name the key that the certificate was requested with",
                "the private key whose public key is in the certificate",
            )
        )
    settings = None
    if public:
        problems += of_the_clock(source.names[0], public, now)
        try:
            settings = load(settings_file, certificate=public, name=name)
        except SettingsError as error:
            problems += error.problems
    if problems:
        return problems
    assert public
    assert settings
    assert isinstance(key, PrivateKey)
    return Checked(public, key, settings, tuple(warnings(public, now)))


def _public(source: Source, problems: list[Problem]) -> PublicCertificate | None:
    if b"PRIVATE KEY-----" in source.leaf_pem + source.chain_pem:
        name = source.names[0 if b"PRIVATE KEY-----" in source.leaf_pem else 1]
        problems.append(
            Problem(
                name,
                "holds a private key beside the certificate",
                "name a file with certificates alone; are the files in the right order?",
                "certificates, which everybody may see",
            )
        )
        return None
    try:
        return parse(source.leaf_pem, source.chain_pem)
    except CertificateError as error:
        for fault in error.faults:
            name = source.names[0 if fault.file == LEAF_FILE else 1]
            problems.append(Problem(name, fault.wrong, fault.mend, fault.allowed))
        return None


def public_key(public: PublicCertificate) -> bytes:
    leaf = x509.load_pem_x509_certificate(public.body_pem.encode())
    return leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def of_the_clock(name: str, public: PublicCertificate, now: datetime) -> Iterator[Problem]:
    allowed = "a certificate that is valid now: IAM takes no other"
    if now > public.not_after:
        yield Problem(name, f"expired on {public.not_after:%Y-%m-%d}", "have it renewed", allowed)
    if now < public.not_before:
        yield Problem(
            name,
            f"is valid only from {public.not_before:%Y-%m-%d} on",
            "push it then; is this machine's clock right?",
            allowed,
        )


def warnings(public: PublicCertificate, now: datetime) -> Iterator[str]:
    left = (public.not_after - now) / (public.not_after - public.not_before)
    if left < RENEWAL_FRACTION:
        yield f"{(public.not_after - now).days} days are left, under a third of its lifetime: is it the renewed one?"
    if public.unconfirmed:
        yield public.unconfirmed
