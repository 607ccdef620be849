"""The certificates of stored releases: always the same bytes, valid for a hundred years, with public keys.

A stored assembly has a public certificate, and the upgrade test needs its key. The key is derived from the names, so it
need not be stored. It protects nothing, and nobody trusts its root.
"""

import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from understudy_failover.rehearsal.certificates import IssuedCertificate

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC)
ROOT, INTERMEDIATE = "Understudy kept releases (trusted by nobody)", "Understudy kept releases, intermediate"


class StoredAuthority:
    """A `rehearsal.certificates.Authority`."""

    def __init__(self) -> None:
        self._root = _certificate(ROOT, issuer=ROOT, authority=True)
        self._intermediate = _certificate(INTERMEDIATE, issuer=ROOT, authority=True)
        self.root_pem = _pem(self._root)

    def issue(self, names: tuple[str, ...], *, days: int = 0, age_days: int = 0) -> IssuedCertificate:  # noqa: ARG002
        """Return the EC P-256 certificate for these DNS names; it ends in 2126 whatever the arguments."""
        ordered = sorted(names)
        leaf = _certificate(", ".join(ordered), issuer=INTERMEDIATE, names=ordered)
        key = _key(", ".join(ordered)).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return IssuedCertificate(_pem(leaf), _pem(self._intermediate), key.decode())


def _key(of: str) -> ec.EllipticCurvePrivateKey:
    """Return the key that is derived from a name."""
    # At most a quarter of the curve's order, so that every digest is a key.
    number = int.from_bytes(hashlib.sha256(of.encode()).digest()) >> 2
    return ec.derive_private_key(number, ec.SECP256R1())


def _certificate(
    subject: str, *, issuer: str, authority: bool = False, names: list[str] | None = None
) -> x509.Certificate:
    key, issuer_key = _key(subject).public_key(), _key(issuer)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject if authority else "Understudy kept release"))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(int.from_bytes(hashlib.sha256(subject.encode()).digest()[:16]) >> 1)
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_usage(authority), critical=True)
    )
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(issuer_key, SHA256(), ecdsa_deterministic=True)


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
