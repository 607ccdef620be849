"""The private key on its way from a file to Secrets Manager; it is never shown, nor a text that may quote it."""

import base64
import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from understudy_failover.settings.certificate_pem import (
    ESCAPED,
    SEQUENCE,
    UTF_16,
    UTF_16_MARKS,
    Form,
    conversion,
    has_pkcs_12_version,
    json_form,
)
from understudy_failover.settings.problem import Problem

FIX = "name the file with the certificate's private key: one PEM block, RSA 2048 or larger, or EC P-256"
BLOCK = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----((?:[^-]|-(?!----BEGIN ))*?)-----END \1-----")
BEGIN = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----")
P_256 = bytes.fromhex("06082a8648ce3d030107")
"""The object identifier of the curve, 1.2.840.10045.3.1.7."""
EC_PRIVATE_KEY = re.compile(rb"\x02\x01\x01\x04([\x01-\x7f])")
"""Version 1 and the begin of the octets of an EC key. https://datatracker.ietf.org/doc/html/rfc5915#section-3"""

ENCRYPTED = Form("an encrypted private key", "openssl pkey -in {source} -out {target}")
DER = Form("a private key in DER", "openssl pkey -inform der -in {source} -out {target}")
PKCS_12 = Form("PKCS #12", "openssl pkcs12 -nocerts -nodes -in {source} -out {target}")
BASE64 = Form("base64 without BEGIN and END lines", "base64 -d {source} | openssl pkey -inform der -out {target}")


@dataclass(frozen=True)
class PrivateKey:
    pem: str = field(repr=False)
    """In the traditional form of its kind, which IAM documents: PKCS #1 or SEC 1."""
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""

    @property
    def version_id(self) -> str:
        """The secret's version: SHA-256 of the public key. The same key is the same version, pushed how often ever."""
        return hashlib.sha256(self.public_key).hexdigest()


def load(name: str, content: bytes) -> PrivateKey | Problem:
    """Return the one key in a file, whatever else of PEM is in it, or what is wrong with it."""
    text = content.decode("latin-1")
    blocks = BLOCK.findall(text)
    if len(BEGIN.findall(text)) > 1:
        return Problem(name, "holds several private keys", FIX)
    if not blocks:
        return _other_form(name, content)
    ((label, body),) = blocks
    if label == "ENCRYPTED PRIVATE KEY" or "ENCRYPTED" in body:  # Proc-Type: 4,ENCRYPTED
        return Problem(
            name,
            "is encrypted",
            f"where nobody else can read the result, {conversion(name, ENCRYPTED)}",
            "an unencrypted private key; Secrets Manager encrypts it",
        )
    der = _decoded(body)
    key = _key(der) or _repaired(der)
    if key is None:
        return _other_form(name, content)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return Problem(name, "is no RSA or EC key", FIX)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode("ascii")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PrivateKey(pem, public)


def _key(der: bytes) -> PrivateKeyTypes | None:
    try:
        return load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _repaired(der: bytes) -> ec.EllipticCurvePrivateKey | None:
    """An EC key of P-256 whose number is not written in 32 octets, as RFC 5915 has it: GnuTLS writes 31 or 33."""
    match = EC_PRIVATE_KEY.search(der)
    if P_256 not in der or not match:
        return None
    octets = der[match.end() : match.end() + match[1][0]]
    try:
        return ec.derive_private_key(int.from_bytes(octets, "big"), ec.SECP256R1())
    except ValueError:
        return None


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except ValueError:  # binascii.Error is one
        return b""


def _other_form(name: str, content: bytes) -> Problem:
    text = content.decode("latin-1").strip()
    form: Form | None = None
    if content.startswith(UTF_16_MARKS):
        form = UTF_16
    elif content[:1] == bytes([SEQUENCE]):
        form = PKCS_12 if has_pkcs_12_version(content) else DER if _key(content) or _repaired(content) else None
    elif known_form := json_form(text, BEGIN):
        form = known_form
    elif "\\n" in text and BEGIN.search(text):
        form = ESCAPED
    elif _key(_decoded(text)) or _repaired(_decoded(text)):
        form = BASE64
    if form is None:
        return Problem(name, "holds no readable private key", FIX)
    return Problem(name, f"holds {form.name}, not PEM", conversion(name, form), "a private key in PEM, not encrypted")
