"""What CloudFront, IAM and TLS clients refuse in a server certificate, found before anything is deployed.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from understudy_failover.contract.printable import printable
from understudy_failover.settings.resolved import RESOLVED

LEAF_FILE = "certificate.pem"
CHAIN_FILE = "chain.pem"

ALLOWED_KEYS = ("RSA 2048", "RSA 3072", "RSA 4096", "EC P-256")
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""

UNCONFIRMED_KEYS = ("RSA 3072", "RSA 4096", "EC P-256")
"""Documented for certificates in ACM alone: see docs/unconfirmed.md."""

MAX_CERTIFICATES = 5
"""Leaf and chain together; CloudFront refuses more (InvalidViewerCertificate)."""

MAX_BODY_CHARACTERS = 16_384
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html"""


@dataclass(frozen=True)
class CertificateFault:
    """One thing wrong with a file of a certificate folder, what is allowed instead, and how to mend it."""

    file: str
    wrong: str
    allowed: str
    mend: str


def faults_of_leaf(leaf: x509.Certificate) -> Iterator[CertificateFault]:
    """What is wrong with the server's own certificate."""
    if _is_ca(leaf):
        yield CertificateFault(
            LEAF_FILE,
            f"is the certificate of a CA ({distinguished_name(leaf.subject)})",
            "the server's own certificate",
            f"put the server's own certificate there; are {LEAF_FILE} and {CHAIN_FILE} swapped?",
        )
    elif leaf.issuer == leaf.subject:
        yield CertificateFault(
            LEAF_FILE,
            "is self-signed",
            "a certificate issued by a CA that browsers trust; CloudFront refuses host names otherwise",
            "have one issued, for example by Let's Encrypt",
        )
    if not dns_names(leaf):
        yield CertificateFault(
            LEAF_FILE,
            "names no host",
            "host names as DNS entries of the subject alternative name extension",
            "have it issued again with every host name of this file",
        )
    if RESOLVED.search("\n".join([distinguished_name(leaf.issuer), *dns_names(leaf)])):
        yield CertificateFault(
            LEAF_FILE,
            "has a name with a reference that CloudFormation puts a value in the place of",
            "names without {{resolve:…}}",
            "have it issued again; who has asked for this one?",
        )
    if (key := key_type(leaf)) not in ALLOWED_KEYS:
        yield CertificateFault(
            LEAF_FILE,
            f"has a key of type {key}, which CloudFront does not accept",
            ", ".join(ALLOWED_KEYS),
            "have it issued again for a new key; RSA 2048 is the safest choice",
        )
    if len(pem_of(leaf)) > MAX_BODY_CHARACTERS:
        yield CertificateFault(
            LEAF_FILE,
            f"is {len(pem_of(leaf)):,} characters long",
            f"at most {MAX_BODY_CHARACTERS:,} (a limit of IAM)",
            "have it issued with fewer host names, or with wildcards",
        )


def faults_of_chain(path: Sequence[x509.Certificate]) -> Iterator[CertificateFault]:
    """What is wrong with the way from the leaf, first in `path`, through its intermediates."""
    if len(path) > MAX_CERTIFICATES:
        yield CertificateFault(
            CHAIN_FILE,
            f"holds {len(path) - 1} certificates",
            f"at most {MAX_CERTIFICATES - 1} (CloudFront accepts {MAX_CERTIFICATES} with the server's own)",
            "remove those that do not lead from the server's certificate to its root",
        )
    for position, (subject, issuer) in enumerate(pairwise(path), 1):
        where = f"certificate {position} ({distinguished_name(issuer.subject)})"
        if issuer.issuer == issuer.subject:
            yield CertificateFault(
                CHAIN_FILE,
                f"{where} is a root certificate",
                "intermediate certificates alone; browsers have the root themselves",
                "remove it from the file",
            )
        if not _issued(subject, issuer):
            yield CertificateFault(
                CHAIN_FILE,
                f"{where} did not issue the one before it ({distinguished_name(subject.subject)})",
                "the issuer of the server's certificate first, then the issuer of each one before",
                f"put first the certificate of {distinguished_name(path[0].issuer)}, then its issuer, and so on",
            )


def _issued(subject: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        subject.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_ca(leaf: x509.Certificate) -> bool:
    try:
        return leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def dns_names(leaf: x509.Certificate) -> tuple[str, ...]:
    """DNS names of the subject alternative name extension, lower case, in its order."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(printable(name.lower()) for name in names.get_values_for_type(x509.DNSName))


def distinguished_name(name: x509.Name) -> str:
    """As RFC 4514 writes it, and printable: whoever requests a certificate chooses parts of it."""
    return printable(name.rfc4514_string())


def key_type(leaf: x509.Certificate) -> str:
    """Kind and size of the public key: `RSA 2048`, `EC P-256`, `EC secp384r1`, `Ed25519`."""
    match leaf.public_key():
        case rsa.RSAPublicKey() as key:
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            return "EC P-256"
        case ec.EllipticCurvePublicKey() as key:
            return f"EC {key.curve.name}"
        case other:
            return type(other).__name__.removesuffix("PublicKey")


def pem_of(certificate: x509.Certificate) -> str:
    """The PEM block, with LF line ends and one at the end."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
