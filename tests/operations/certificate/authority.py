"""A certificate authority whose every name and date is fixed, so that what is said about its work is as well."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
NAMES = ("example.com", "*.example.com", "*.example.org")
"""Cover every host of the shipped failover.toml."""


@dataclass(frozen=True)
class Authority:
    """Issues certificates below itself."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def root(cls) -> "Authority":
        """Trusted by nobody."""
        key = ec.generate_private_key(ec.SECP256R1())
        return cls("Example Root", key, _certificate("Example Root", key, "Example Root", key, ca=True))

    def below(self, name: str, *, ca: bool = True, end: datetime = datetime(2060, 1, 1, tzinfo=UTC)) -> "Authority":
        """An intermediate; with `ca` false one that must not issue certificates, and does."""
        key = ec.generate_private_key(ec.SECP256R1())
        valid = (datetime(2020, 1, 1, tzinfo=UTC), end)
        return Authority(name, key, _certificate(name, key, self.name, self.key, ca=ca, valid=valid))

    def issue(
        self,
        *names: str,
        key: Key | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> "Leaf":
        """A leaf; valid from yesterday for 90 days if nothing else is said."""
        key = key or rsa.generate_private_key(65_537, 2048)
        start = start or datetime.now(UTC) - timedelta(days=1)
        end = end or start + timedelta(days=90)
        certificate = _certificate("example.com", key, self.name, self.key, names=names, valid=(start, end))
        return Leaf(key, certificate)

    @property
    def pem(self) -> bytes:
        """Of its certificate."""
        return pem(self.certificate)


@dataclass(frozen=True)
class Leaf:
    """A server's certificate with its key."""

    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """Of the certificate."""
        return pem(self.certificate)

    def key_pem(self, password: bytes | None = None) -> bytes:
        """Of the key."""
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def pem(certificate: x509.Certificate) -> bytes:
    """One PEM block."""
    return certificate.public_bytes(Encoding.PEM)


def _certificate(
    subject: str,
    key: Key,
    issuer: str,
    issuer_key: Key,
    *,
    names: tuple[str, ...] = (),
    ca: bool = False,
    valid: tuple[datetime, datetime] = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)),
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        issuer_name=_name(issuer),
        subject_name=_name(subject),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=valid[0],
        not_valid_after=valid[1],
    ).add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
    return builder.sign(issuer_key, SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
