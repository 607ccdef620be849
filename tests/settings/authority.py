"""Certificates to judge: proper ones from trustme, odd ones by hand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from understudy_failover.settings.certificate import CertificateError, PublicCertificate, parse
from understudy_failover.settings.certificate_rules import CertificateFault

ROOT = trustme.CA(organization_name="Root")
FIRST = ROOT.create_child_ca()
SECOND = FIRST.create_child_ca()
"""Issues the leaves: leaf, SECOND, FIRST, ROOT is the way up."""


def pem(*authorities: trustme.CA) -> bytes:
    """The certificates of `authorities`, one after the other."""
    return b"".join(authority.cert_pem.bytes() for authority in authorities)


def leaf(*names: str, issuer: trustme.CA = SECOND) -> bytes:
    """A good leaf for `names`; the chain that goes with it is `pem(SECOND, FIRST)`."""
    return issuer.issue_cert(*names).cert_chain_pems[0].bytes()


def odd(
    *names: str,
    key: CertificateIssuerPrivateKeyTypes | None = None,
    subject: str = "Server",
    issuer: str = "Authority",
    extension: x509.ExtensionType | None = None,
) -> bytes:
    """A certificate such as trustme does not make; its own key signs it, whoever is named as the issuer."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=_name(issuer),
        subject_name=_name(subject),
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2027, 1, 1, tzinfo=UTC),
    )
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
    if extension:
        builder = builder.add_extension(extension, critical=True)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.PEM)


def faults(leaf_pem: bytes, chain_pem: bytes = b"") -> tuple[CertificateFault, ...]:
    """Everything that is wrong with a certificate that must not be accepted."""
    with pytest.raises(CertificateError) as refusal:
        parse(leaf_pem, chain_pem)
    refused = refusal.value.faults
    assert str(refusal.value).splitlines() == [f"{fault.file}: {fault.wrong}; {fault.fix}" for fault in refused]
    return refused


def put(folder: Path, leaf_pem: bytes, chain_pem: bytes) -> None:
    """Makes the two files the certificate that the smallest failover.toml in `folder` names."""
    (folder / "certificates" / "example" / "certificate.pem").write_bytes(leaf_pem)
    (folder / "certificates" / "example" / "chain.pem").write_bytes(chain_pem)


def certificate_for(*names: str) -> PublicCertificate:
    """An accepted certificate for `names`."""
    return parse(leaf(*names), pem(SECOND, FIRST))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
