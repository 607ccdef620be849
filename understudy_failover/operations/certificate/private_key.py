"""The private key on its way from a file to Secrets Manager; it is never shown, nor a text that may quote it."""

import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from understudy_failover.settings.problem import Problem

MEND = "name the file with the certificate's private key: one PEM block, RSA 2048 or larger, or EC P-256"


@dataclass(frozen=True)
class PrivateKey:
    """A key that can be stored."""

    pem: str = field(repr=False)
    """In the traditional form of its kind, which IAM documents: PKCS #1 or SEC 1."""
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""

    @property
    def version_id(self) -> str:
        """The secret's version: SHA-256 of the public key. The same key is the same version, pushed how often ever."""
        return hashlib.sha256(self.public_key).hexdigest()


def load(name: str, pem: bytes) -> PrivateKey | Problem:
    """The one key in a file, or what is wrong with it."""
    if len(re.findall(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----", pem)) > 1:
        return Problem(name, "holds several private keys", MEND)
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        return Problem(
            name,
            "is encrypted",
            "decrypt it (openssl pkey -in FILE -out DECRYPTED_FILE) where nobody else can read the result",
            "an unencrypted private key; Secrets Manager encrypts it",
        )
    except (ValueError, UnsupportedAlgorithm):
        return Problem(name, "holds no readable private key", MEND)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return Problem(name, "is no RSA or EC key", MEND)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode("ascii")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PrivateKey(text, public)
