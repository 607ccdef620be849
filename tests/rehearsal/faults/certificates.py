"""Faults of certificates: in IAM, at the distribution, on their way to their end."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.certificates.authority import Authority, ec_key, pem, rsa_key, traditional
from tests.rehearsal.faults.case import FAILED, NO_PAGE, REPAIR, Case, changed
from tests.rehearsal.verifying import configured
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.certificates import CertificateAuthority, IssuedCertificate
from understudy_failover.settings import load


@contextmanager
def _uploaded(bed: RehearsalBed, issued: IssuedCertificate, *names: str, path: str = "") -> Iterator[list[str]]:
    """Yield the ids of more certificates in IAM."""
    iam = bed.aws.client("iam")
    more = {"CertificateChain": issued.chain_pem} if issued.chain_pem else {}
    identifiers = [
        iam.upload_server_certificate(
            ServerCertificateName=name,
            Path=path or f"/cloudfront/{bed.settings.app}/",
            CertificateBody=issued.body_pem,
            PrivateKey=issued.private_key_pem,
            **more,
        )["ServerCertificateMetadata"]["ServerCertificateId"]
        for name in names
    ]
    try:
        yield identifiers
    finally:
        for name in names:
            with suppress(iam.exceptions.NoSuchEntityException):
                iam.delete_server_certificate(ServerCertificateName=name)


def _use(identifier: str) -> Callable[[dict[str, Any]], None]:
    return lambda config: config["ViewerCertificate"].update(IAMCertificateId=identifier)


@contextmanager
def _attached(bed: RehearsalBed, issued: IssuedCertificate) -> Iterator[None]:
    with _uploaded(bed, issued, "by-hand") as (identifier,), configured(bed, _use(identifier)):
        yield


def _foreign(bed: RehearsalBed) -> AbstractContextManager[None]:
    return _attached(bed, CertificateAuthority().issue(bed.settings.certificate.public.names, days=90))


def _other(bed: RehearsalBed) -> AbstractContextManager[None]:
    return _attached(bed, bed.authority.issue(bed.settings.certificate.public.names, days=90))


@contextmanager
def _short(bed: RehearsalBed) -> Iterator[None]:
    """A certificate that ends soon, declared and in use."""
    issued = bed.authority.issue(bed.settings.certificate.public.names, days=5, age_days=85)
    issued.write_public_files(_renewed(bed).parent / "certificates" / bed.settings.certificate.name)
    with _attached(bed, issued):
        yield


@contextmanager
def _with_ended_chain(bed: RehearsalBed) -> Iterator[None]:
    """An intermediate that has expired, declared and in use: past push, and attached by hand."""
    issued = ended_chain(bed.settings.certificate.public.names)
    issued.write_public_files(_renewed(bed).parent / "certificates" / bed.settings.certificate.name)
    with _attached(bed, issued):
        yield


def ended_chain(names: tuple[str, ...]) -> IssuedCertificate:
    """Return a certificate that is valid for 60 days more, by an intermediate that ended yesterday."""
    root = Authority.make("Root", key=ec_key())
    issuer = Authority.make("Ended Intermediate", root, key=ec_key(), days=(-400, -1))
    key = rsa_key()
    leaf = issuer.leaf(key, names, age=30)
    return IssuedCertificate(pem(leaf), pem(issuer.certificate), traditional(key))


def _renewed(bed: RehearsalBed) -> Path:
    folder = bed.settings_path.parent / "renewed"
    folder.mkdir(exist_ok=True)
    shutil.copy(bed.settings_path, folder)
    return folder / bed.settings_path.name


@contextmanager
def _without_chain(bed: RehearsalBed) -> Iterator[None]:
    secret = bed.aws.client("secretsmanager").get_secret_value(SecretId=bed.settings.certificate.private_key_secret)
    with _attached(bed, IssuedCertificate(bed.settings.certificate.public.body_pem, "", secret["SecretString"])):
        yield


def _delete_others(bed: RehearsalBed) -> None:
    iam = bed.aws.client("iam")
    for certificate in iam.list_server_certificates(PathPrefix="/other/")["ServerCertificateMetadataList"]:
        iam.delete_server_certificate(ServerCertificateName=certificate["ServerCertificateName"])


def _issued(bed: RehearsalBed) -> IssuedCertificate:
    return bed.authority.issue(("elsewhere.example",), days=90)


CASES: dict[str, Case] = {
    "foreign certificate attached": Case(
        _foreign,
        {"viewer certificate": FAILED, **NO_PAGE},
        "by-hand",
        advice=REPAIR,
        plays=(
            "certificate-not-declared",
            "page-behind-refused-tls",
            "tls-refused",
        ),
    ),
    "another certificate of the same CA attached": Case(
        _other,
        {"viewer certificate": FAILED, "TLS": FAILED},
        "not the declared",
        advice=REPAIR,
        plays=("tls-other-certificate",),
    ),
    "certificate attached that IAM does not have": Case(
        changed(_use("ASCAGONE")),
        {"viewer certificate": FAILED, **NO_PAGE},
        "ASCAGONE",
        advice=REPAIR,
        plays=("certificate-not-in-iam",),
    ),
    "chain incomplete": Case(
        _without_chain,
        {"viewer certificate": FAILED, **NO_PAGE},
        "whose chain is not the declared one",
        advice=REPAIR,
        plays=("chain-not-declared",),
    ),
    "certificate expiring": Case(
        _short,
        {"certificate lifetime": FAILED, "orphaned certificates": FAILED},
        "expires in",
        settings=lambda bed: load(_renewed(bed)),
    ),
    "intermediate expired": Case(
        _with_ended_chain,
        {"certificate lifetime": FAILED, "orphaned certificates": FAILED, **NO_PAGE},
        "certificate 1 (CN=Ended Intermediate) expired on ",
        settings=lambda bed: load(_renewed(bed)),
    ),
    "orphaned server certificate": Case(
        lambda bed: _uploaded(bed, _issued(bed), "left-over"),
        {"orphaned certificates": FAILED},
        "left-over",
        advice="aws iam delete-server-certificate --server-certificate-name left-over",
        plays=("certificate-orphaned",),
    ),
    "certificate quota nearly used": Case(
        lambda bed: _uploaded(bed, _issued(bed), *(f"other-{number}" for number in range(16)), path="/other/"),
        {"certificate quota": FAILED},
        "of 20",
        by_hand=_delete_others,
        plays=("quota-nearly-used",),
    ),
}
