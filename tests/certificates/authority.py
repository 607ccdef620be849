"""A certificate authority that issues what real ones issue, and what they must not; every key is new in each run."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Extensions = Sequence[tuple[x509.ExtensionType, bool]]

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
NAMES = ("example.com", "*.example.com", "*.example.org")
"""Cover every host of the shipped failover.toml."""
POOLS = {2048: 6}
"""RSA keys of a size that are used in turn, as a new one takes long; no input needs more, or two of another size."""

_turn = count()


@cache
def _rsa(bits: int, exponent: int, _: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


def rsa_key(bits: int = 2048, exponent: int = 65_537) -> rsa.RSAPrivateKey:
    """An RSA key; those that follow are others, up to a limit."""
    return _rsa(bits, exponent, next(_turn) % POOLS.get(bits, 2))


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """An EC key, of P-256 if no curve is given."""
    return ec.generate_private_key(curve or ec.SECP256R1())


def name(common_name: str | None = None, **more: str) -> x509.Name:
    """A name; further parts by the constants of NameOID."""
    parts = [x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in more.items()]
    return x509.Name(parts + ([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []))


@dataclass(frozen=True)
class Authority:
    """A CA with its certificate."""

    subject: x509.Name
    key: Key
    certificate: x509.Certificate

    @classmethod
    def make(
        cls,
        subject: str | x509.Name,
        parent: "Authority | None" = None,
        *,
        key: Key | None = None,
        days: tuple[float, float] = (-400, 3000),
        extensions: Extensions = (),
        ca: bool = True,
        path_length: int | None = None,
        key_usage: bool = True,
        signs: bool = True,
        critical_constraints: bool = True,
    ) -> "Authority":
        """A CA below `parent`, or a root; valid between two days from now."""
        key = key or rsa_key()
        own = subject if isinstance(subject, x509.Name) else name(subject)
        signer = parent.key if parent else key
        builder = x509.CertificateBuilder(
            parent.subject if parent else own,
            own,
            key.public_key(),
            x509.random_serial_number(),
            NOW + days[0] * DAY,
            NOW + days[1] * DAY,
        ).add_extension(x509.BasicConstraints(ca, path_length), critical_constraints)
        if key_usage:
            builder = builder.add_extension(
                _usage("digital_signature" + signs * " key_cert_sign crl_sign"), critical=True
            )
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if parent:
            builder = builder.add_extension(_issuer_identifier(parent.key), critical=False)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return cls(own, key, builder.sign(signer, _hash(signer)))

    def leaf(
        self,
        key: Key,
        names: Sequence[str] = NAMES,
        *,
        subject: x509.Name | None = None,
        days: float = 90,
        age: float = 1,
        usage: str = "digital_signature",
        usages: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
        subject_identifier: bool = True,
        issuer_identifier: bool = True,
        alternative: Sequence[x509.GeneralName] | None = None,
        critical_names: bool = False,
        extensions: Extensions = (),
        pss: bool = False,
    ) -> x509.Certificate:
        """A server's certificate that began `age` days ago and is valid for `days` in all."""
        general = alternative if alternative is not None else [x509.DNSName(name) for name in names]
        builder = x509.CertificateBuilder(
            self.subject,
            name(names[0]) if subject is None else subject,
            key.public_key(),
            x509.random_serial_number(),
            NOW - age * DAY,
            NOW + (days - age) * DAY - timedelta(seconds=1),
        )
        if general:
            builder = builder.add_extension(x509.SubjectAlternativeName(general), critical_names)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(usage), critical=True)
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
        if issuer_identifier:
            builder = builder.add_extension(_issuer_identifier(self.key), critical=False)
        if subject_identifier:
            identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
            builder = builder.add_extension(identifier, critical=False)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        if pss:
            assert isinstance(self.key, rsa.RSAPrivateKey)
            algorithm = padding.PSS(padding.MGF1(SHA256()), 32)
            return builder.sign(self.key, SHA256(), rsa_padding=algorithm)
        return builder.sign(self.key, _hash(self.key))


def pem(*certificates: x509.Certificate) -> str:
    """PEM blocks."""
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)


def pkcs_8(key: Key) -> str:
    """A key in PEM, as most tools write it today."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def traditional(key: Key) -> str:
    """A key in PEM, in PKCS #1 or SEC 1."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def _issuer_identifier(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(allowed: str) -> x509.KeyUsage:
    """The uses of a key: words that are parameters of x509.KeyUsage."""
    every = inspect.signature(x509.KeyUsage).parameters
    return x509.KeyUsage(**{use: use in allowed.split() for use in every})


def _hash(key: Key) -> SHA256 | SHA384 | None:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return SHA384() if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size > 256 else SHA256()
