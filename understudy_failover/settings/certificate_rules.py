"""Finds what CloudFront, IAM and TLS clients refuse in a server certificate, before a deploy.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID

from understudy_failover.contract.printable import printable
from understudy_failover.settings.certificate_path import is_root, issued, reasons
from understudy_failover.settings.certificate_pem import distinguished_name, is_ca
from understudy_failover.settings.resolved import RESOLVED

LEAF_FILE = "certificate.pem"
CHAIN_FILE = "chain.pem"

ALLOWED_KEYS = ("RSA 2048", "RSA 3072", "RSA 4096", "EC P-256")
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""

UNCONFIRMED_KEYS = ("RSA 3072", "RSA 4096", "EC P-256")
"""Documented for certificates in ACM only: see docs/unconfirmed.md."""

MAX_CERTIFICATES = 5
"""Leaf and chain together; CloudFront refuses more (InvalidViewerCertificate)."""

MAX_BODY_CHARACTERS = 16_384
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html"""


@dataclass(frozen=True)
class CertificateFault:
    """A fault of a file of a certificate, the allowed values, and the fix."""

    file: str
    wrong: str
    allowed: str
    fix: str


@dataclass(frozen=True)
class Sources:
    """The names of the files of leaf and chain, for messages; equal for a file with both."""

    leaf: str = LEAF_FILE
    chain: str = CHAIN_FILE

    def number(self, position: int) -> int:
        """Return the place in its file of the certificate at `position` of the path, which begins with the leaf."""
        return position + (self.chain == self.leaf)


IN_FOLDER = Sources()
"""The two files of a folder in `certificates/`."""


def faults_of_leaf(leaf: x509.Certificate, sources: Sources) -> Iterator[CertificateFault]:
    """Yield the faults of the server's certificate."""
    if is_ca(leaf):
        together = sources.chain == sources.leaf
        fix = "put it first" if together else f"put it there; are {sources.leaf} and {sources.chain} swapped?"
        yield CertificateFault(
            sources.leaf,
            f"is the certificate of a CA ({distinguished_name(leaf.subject)})",
            "the server's own certificate",
            fix,
        )
    elif is_root(leaf):
        yield CertificateFault(
            sources.leaf,
            "is self-signed",
            "a certificate issued by a CA that browsers trust; CloudFront refuses host names otherwise",
            "have one issued, for example by Let's Encrypt",
        )
    if not dns_names(leaf):
        yield CertificateFault(
            sources.leaf,
            "names no host",
            "host names as DNS entries of the subject alternative name extension",
            "have it issued again with every host name",
        )
    if RESOLVED.search("\n".join([distinguished_name(leaf.issuer), *dns_names(leaf)])):
        yield CertificateFault(
            sources.leaf,
            "has a name with a reference that CloudFormation puts a value in the place of",
            "names without {{resolve:…}}",
            "have it issued again; who has asked for this one?",
        )
    if (key := key_type(leaf)) not in ALLOWED_KEYS:
        yield CertificateFault(
            sources.leaf,
            f"has a key of type {key}, which CloudFront does not accept",
            ", ".join(ALLOWED_KEYS),
            "have it issued again for a new key; RSA 2048 is the safest choice",
        )
    elif not _has_plain_key(leaf):
        yield CertificateFault(
            sources.leaf,
            f"has its {key} key in a form that clients refuse: RSA-PSS, or a curve with explicit parameters",
            "a plain RSA key, or an EC key of a named curve",
            "have it issued again for a new key (openssl genrsa -out privkey.pem 2048)",
        )
    if len(pem_of(leaf)) > MAX_BODY_CHARACTERS:
        yield CertificateFault(
            sources.leaf,
            f"is {len(pem_of(leaf)):,} characters long",
            f"at most {MAX_BODY_CHARACTERS:,} (a limit of IAM)",
            "have it issued with fewer host names, or with wildcards",
        )


def faults_of_chain(path: Sequence[x509.Certificate], sources: Sources) -> Iterator[CertificateFault]:
    """Yield the faults of the chain, behind the leaf in `path`: missing, too long, or in a wrong order."""
    if len(path) == 1 and not is_root(path[0]) and (url := issuer_url(path[0])):
        yield CertificateFault(
            sources.chain,
            f"holds no certificate, but {distinguished_name(path[0].issuer)} issued the server's, and is at {url}",
            "the intermediate certificates, without which clients do not trust the server's",
            "put the chain there that your CA gave with the certificate",
        )
    if len(path) > MAX_CERTIFICATES:
        yield CertificateFault(
            sources.chain,
            f"holds {len(path) - 1} certificates of CAs",
            f"at most {MAX_CERTIFICATES - 1} (CloudFront accepts {MAX_CERTIFICATES} with the server's own)",
            "remove those that do not lead from the server's certificate to its root",
        )
    for position, (subject, issuer) in enumerate(pairwise(path), 1):
        where = f"certificate {sources.number(position)} ({distinguished_name(issuer.subject)})"
        if not issued(subject, issuer):
            yield CertificateFault(
                sources.chain,
                f"{where} did not issue the one before it ({distinguished_name(subject.subject)})",
                "the issuer of the server's certificate first, then the issuer of each one before",
                f"put first the certificate of {distinguished_name(path[0].issuer)}, then its issuer, and so on",
            )


def issuer_url(certificate: x509.Certificate) -> str:
    """Return the URL of the issuer's certificate; empty without one.

    Public CAs set it for intermediates, and issue no server certificate from their roots.
    https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.2.1
    """
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    places = (
        description.access_location
        for description in access
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    )
    names = (place.value for place in places if isinstance(place, x509.UniformResourceIdentifier))
    return printable(next(names, ""), limit=200)


def faults_of_path(
    path: Sequence[x509.Certificate], sources: Sources, at: datetime | None = None
) -> Iterator[CertificateFault]:
    """Yield why TLS clients refuse the path, at a time or, without `at`, at every time."""
    for reason in reasons(path, at):
        where = ""
        if reason.position:
            subject = distinguished_name(path[reason.position].subject)
            where = f"certificate {sources.number(reason.position)} ({subject}) "
        file = sources.chain if reason.position else sources.leaf
        yield CertificateFault(file, where + reason.wrong, reason.allowed, reason.fix)


def _has_plain_key(leaf: x509.Certificate) -> bool:
    """Return whether `cryptography`, and so `push`, writes the key as in the certificate."""
    public = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public in leaf.tbs_certificate_bytes


def dns_names(leaf: x509.Certificate) -> tuple[str, ...]:
    """Return the DNS names of the subject alternative name extension, lower case, in its order."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(printable(name.lower()) for name in names.get_values_for_type(x509.DNSName))


def key_type(leaf: x509.Certificate) -> str:
    """Return kind and size of the public key: `RSA 2048`, `EC P-256`, `EC secp384r1`, `Ed25519`."""
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
    """Return the PEM block, with LF line ends and one at the end."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
