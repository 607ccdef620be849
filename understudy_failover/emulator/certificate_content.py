"""IAM's checks of a server certificate at the upload: format, key, chain, validity.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
"""

import re
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from understudy_failover.emulator.model import ServerCertificate

LIMITS_CHARACTERS = {"certificateBody": 16_384, "privateKey": 16_384, "certificateChain": 2_097_152}
BLOCKS = re.compile(r"(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+")
KEY_BLOCK = re.compile(r"\s*-----BEGIN ([A-Z]+ )?PRIVATE KEY-----.+-----END ([A-Z]+ )?PRIVATE KEY-----\s*", re.DOTALL)
PEM = {"certificateBody": BLOCKS, "certificateChain": BLOCKS, "privateKey": KEY_BLOCK}
"""Blocks without other text; of the key only its first and last line, as it is parsed later."""
UNPARSABLE = {
    "certificateBody": "Unable to parse certificate. Please ensure it is in PEM format.",
    "certificateChain": "Unable to parse certificate chain. Please ensure it is in PEM format.",
    "privateKey": "Unable to parse key. Please ensure it is in PEM format and not encrypted.",
}
ALLOWED = re.compile(r"[\u0009\u000A\u000D\u0020-\u00FF]+")


class CertificateContentError(Exception):
    """IAM refuses the content; `code` is the error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def expiration(certificate: ServerCertificate) -> datetime:
    """Return the end of the leaf's validity."""
    return _leaf(certificate).not_valid_after_utc


def check_content(certificate: ServerCertificate, now: datetime) -> None:
    """Raise CertificateContentError if IAM refuses the content."""
    fields = {
        "certificateBody": certificate.body_pem,
        "privateKey": certificate.private_key_pem,
        "certificateChain": certificate.chain_pem,
    }
    for name, text in fields.items():
        if text is None:
            continue
        if not ALLOWED.fullmatch(text) or len(text) > LIMITS_CHARACTERS[name]:
            raise CertificateContentError("ValidationError", f"The specified value for {name} is invalid.")
        if not PEM[name].fullmatch(text):
            raise CertificateContentError("MalformedCertificate", UNPARSABLE[name])
    leaf = _leaf(certificate)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise CertificateContentError(
            "MalformedCertificate",
            "Certificate is not valid at this time: it has expired, or is not yet valid.",
        )
    if _public(leaf.public_key()) != _public(_private_key(certificate).public_key()):
        raise CertificateContentError("KeyPairMismatch", "The public key certificate and the private key do not match.")
    for index, (subject, issuer) in enumerate(pairwise([leaf, *_chain(certificate)]), -1):
        try:
            subject.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            raise CertificateContentError(
                "MalformedCertificate",
                "Unable to validate certificate chain. The certificate chain must start with the immediate "
                "signing certificate, followed by any intermediaries in order. The index within the chain of the "
                f"invalid certificate is: {index}",
            ) from None


def _leaf(certificate: ServerCertificate) -> x509.Certificate:
    certificates = _certificates(certificate.body_pem, UNPARSABLE["certificateBody"])
    if len(certificates) != 1:
        raise CertificateContentError("MalformedCertificate", "The certificate body must be one certificate.")
    return certificates[0]


def _chain(certificate: ServerCertificate) -> list[x509.Certificate]:
    if certificate.chain_pem is None:
        return []
    return _certificates(certificate.chain_pem, UNPARSABLE["certificateChain"])


def _certificates(pem: str, message: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode("latin-1"))
    except ValueError:
        raise CertificateContentError("MalformedCertificate", message) from None


# Any kind of key: CloudFront checks the kind, not IAM.
def _private_key(certificate: ServerCertificate):  # type: ignore[no-untyped-def]
    try:
        return load_pem_private_key(certificate.private_key_pem.encode("latin-1"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateContentError("MalformedCertificate", UNPARSABLE["privateKey"]) from None


def _public(key) -> bytes:  # type: ignore[no-untyped-def]
    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
