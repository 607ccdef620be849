"""Everything that can be known to be wrong with a certificate before AWS, or a visitor, sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from understudy_failover.operations.certificate import private_key
from understudy_failover.operations.certificate.private_key import PrivateKey
from understudy_failover.operations.certificate.source import Source
from understudy_failover.operations.certificate.trust import trust_problem
from understudy_failover.settings import PublicCertificate, Settings, SettingsError, load
from understudy_failover.settings.certificate import CertificateError, parse
from understudy_failover.settings.certificate_lifetime import FIRST_ALARM_SHARE, share_left
from understudy_failover.settings.certificate_path import warnings_of
from understudy_failover.settings.certificate_rules import CertificateFault, Sources, faults_of_path
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.sharding import MAIN

CERTIFICATES_ALONE = "openssl crl2pkcs7 -nocrl -certfile {} | openssl pkcs7 -print_certs -out certificates.pem"


@dataclass(frozen=True)
class Checked:
    public: PublicCertificate
    key: PrivateKey
    settings: Settings
    """As they will be with it."""
    warnings: tuple[str, ...]


def check(
    source: Source, settings_file: Path, now: datetime, *, name: str = MAIN, private_ca: bool = False
) -> Checked | list[Problem]:
    """Return the certificate for the settings in a file, or all that is wrong with it; `name` as in [[certificates]].

    With `private_ca` it may be issued by a CA that browsers do not trust.
    """
    problems: list[Problem] = []
    public = _public(source, now, problems)
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
        files = Sources(*source.names[:2])
        problems += problems_now(public, files, now, private_ca=private_ca)
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


def _public(source: Source, now: datetime, problems: list[Problem]) -> PublicCertificate | None:
    if b"PRIVATE KEY-----" in source.leaf_pem + source.chain_pem:
        name = source.names[0 if b"PRIVATE KEY-----" in source.leaf_pem else 1]
        problems.append(
            Problem(
                name,
                "holds a private key beside the certificate",
                f"name a file with certificates alone: {CERTIFICATES_ALONE.format(quote(name))} writes one",
                "certificates, which everybody may see",
            )
        )
        return None
    try:
        return parse(source.leaf_pem, source.chain_pem, Sources(*source.names[:2]), now)
    except CertificateError as error:
        problems += map(_problem, error.faults)
        return None


def _problem(fault: CertificateFault) -> Problem:
    return Problem(fault.file, fault.wrong, fault.fix, fault.allowed)


def public_key(public: PublicCertificate) -> bytes:
    """Return the SubjectPublicKeyInfo of the leaf, in DER."""
    return public.path[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def problems_now(
    public: PublicCertificate,
    files: Sources,
    now: datetime,
    *,
    private_ca: bool,
    roots: Sequence[x509.Certificate] | None = None,
) -> list[Problem]:
    """Return why clients refuse leaf and chain at this moment; `roots` in place of Mozilla's."""
    problems = [_problem(fault) for fault in faults_of_path(public.path, files, now)]
    if not problems and not private_ca and (untrusted := trust_problem(public, files.chain, now, roots)):
        problems.append(untrusted)
    return problems


def warnings(public: PublicCertificate, now: datetime) -> Iterator[str]:
    """Yield what is no reason to refuse a certificate, and should be known."""
    yield from warnings_of(public.path, now).texts
    if share_left(public.not_before, public.usable_until, now) < FIRST_ALARM_SHARE:
        days = (public.usable_until - now).days
        yield f"{days} days are left, under a quarter of its lifetime: is it the renewed one?"
    if public.unconfirmed:
        yield public.unconfirmed
