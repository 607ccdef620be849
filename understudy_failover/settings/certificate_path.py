"""Whether TLS clients accept the path from a server's certificate through its chain.

The path is built by `cryptography.x509.verification`, which follows RFC 5280 and the CA/Browser Forum's rules. It is
relaxed where browsers are: see `_policies`. Without a moment or trusted roots, as at synthesis, the path is judged at
a moment at which all of it is valid, up to its last certificate.
https://cryptography.io/en/latest/x509/verification/
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from understudy_failover.settings.certificate_pem import distinguished_name

MAX_DEPTH = 8
LONGEST_SORTED = 4 * MAX_DEPTH
"""Of the path of certificates in any order: clients refuse longer ones, and sorting takes quadratic time."""

BACKDATING = timedelta(days=1)
"""CAs backdate certificates by minutes or hours, so that a leaf may begin before a new issuer."""

JUDGED = (
    x509.BasicConstraints,
    x509.CertificatePolicies,
    x509.ExtendedKeyUsage,
    x509.InhibitAnyPolicy,
    x509.KeyUsage,
    x509.NameConstraints,
    x509.PolicyConstraints,
    x509.SubjectAlternativeName,
)
"""Extensions that clients understand, and so may be critical."""

Holds = Callable[..., bool]
"""Whether an extension allows the use of a certificate."""

Path = Sequence[x509.Certificate]
"""The server's certificate first, then the issuer of each certificate before."""


@dataclass(frozen=True)
class Reason:
    """Why clients refuse a path: `position` in the path, 0 for the server's certificate, and what is wrong there."""

    position: int
    wrong: str
    allowed: str
    fix: str


@dataclass(frozen=True)
class Warnings:
    """Later faults of a path that clients accept."""

    usable_until: datetime
    """When the first certificate that clients need ends."""
    texts: tuple[str, ...]


def is_root(certificate: x509.Certificate) -> bool:
    """Return whether a certificate signed itself; its issuer's name alone does not count (RFC 5280, 6.1)."""
    return issued(certificate, certificate)


def issued(subject: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether a certificate bears the name and the signature of an issuer."""
    try:
        subject.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def needed(path: Path, at: datetime | None = None) -> list[x509.Certificate]:
    """Return the path without expired cross-signatures at its end, which clients ignore.

    Their subjects are roots meanwhile, like ISRG Root X1 under DST Root CA X3 in 2021. The issuer of the server's
    certificate is no root, and stays. Without `at`: those that ended before the certificates below them began.
    https://letsencrypt.org/docs/dst-root-ca-x3-expiration-september-2021/
    """
    count = len(path)
    while count > 2 and path[count - 1].not_valid_after_utc < (at or _begin(path[: count - 1])):
        count -= 1
    return list(path[:count])


def ordered(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the path from a leaf through certificates in any order, as a server may present them, without its root."""
    path, rest = [leaf], [other for other in others if other != leaf and not is_root(other)]
    while len(path) < LONGEST_SORTED and (
        issuer := next((candidate for candidate in rest if issued(path[-1], candidate)), None)
    ):
        path.append(issuer)
        rest.remove(issuer)
    return path


def reasons(path: Path, at: datetime | None = None) -> list[Reason]:
    """Return why clients refuse the path, whichever root they trust; at a moment at which it is valid without `at`."""
    used = needed(path, at)
    checked_at = at or _begin(used)
    refusal = refusal_of(used, [used[-1]], checked_at)
    if not refusal:
        return []
    if explained := [
        reason for position, certificate in enumerate(used) for reason in _reasons(certificate, position, checked_at)
    ]:
        return explained
    if _has_unjudged_constraints(used):
        return []
    return list(_constraints(used)) or [
        Reason(
            0,
            f"is refused by TLS clients: {refusal}",
            "a path that RFC 5280 and the CA/Browser Forum allow",
            "have it issued again",
        )
    ]


def warnings_of(path: Path, at: datetime | None = None) -> Warnings:
    """Return when the path ends, and what of it does not hold through the validity of the server's certificate.

    With `at`, a moment at which clients accept it, only what is still to come.
    """
    leaf, used = path[0], needed(path, at)
    texts = []
    for position, certificate in enumerate(path[1:], 1):
        name = distinguished_name(certificate.subject)
        if position >= len(used):
            texts.append(
                f"{name} in the chain ended on {certificate.not_valid_after_utc:%Y-%m-%d}. Clients pass over it, but "
                "CloudFront refuses such a chain. Push the certificate again, which leaves it out."
            )
        elif certificate.not_valid_after_utc < leaf.not_valid_after_utc:
            texts.append(
                f"{name} in the chain ends on {certificate.not_valid_after_utc:%Y-%m-%d}, before the server's "
                f"certificate ({leaf.not_valid_after_utc:%Y-%m-%d}). Clients refuse the page from then on; have the "
                "certificate issued again before."
            )
        elif at is None and certificate.not_valid_before_utc > leaf.not_valid_before_utc + BACKDATING:
            texts.append(
                f"{name} in the chain is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on. "
                "Clients refuse the page until then."
            )
    if _has_unjudged_constraints(used) and refusal_of(used, [used[-1]], _begin(used)):
        texts.append("The chain limits names in a form that is not judged here; test the page with a browser.")
    return Warnings(min(certificate.not_valid_after_utc for certificate in used), tuple(texts))


def is_trusted(path: Path, roots: Sequence[x509.Certificate], at: datetime) -> bool:
    """Return whether the path leads to one of `roots`.

    With name constraints in a form that is not judged here, it is enough that a root issued the last certificate.
    """
    if not refusal_of(path, roots, at):
        return True
    return _has_unjudged_constraints(path) and any(issued(path[-1], root) for root in roots)


def refusal_of(path: Path, roots: Sequence[x509.Certificate], at: datetime) -> str:
    """Return why no path leads to one of `roots` at a moment, in the words of `cryptography`; empty if one does."""
    ca_policy, leaf_policy = _policies()
    builder = PolicyBuilder().store(Store(list(roots))).time(at).max_chain_depth(MAX_DEPTH)
    builder = builder.extension_policies(ca_policy=ca_policy, ee_policy=leaf_policy)
    try:
        # Of a client verifier, as that one wants no host name: which names are covered is judged elsewhere.
        builder.build_client_verifier().verify(path[0], list(path[1:]))
    except VerificationError as error:
        return str(error).partition(" (encountered")[0].removeprefix("validation failed: ")
    return ""


def _policies() -> tuple[ExtensionPolicy, ExtensionPolicy]:
    """Return what CAs' and servers' certificates must have: less than the CA/Browser Forum asks of CAs.

    Browsers accept a critical subjectAltName beside a subject, missing key identifiers, a CA without keyUsage, a server
    with keyCertSign and critical policies; private CAs issue such certificates, and Let's Encrypt some of them.
    """
    ca_policy, leaf_policy = ExtensionPolicy.webpki_defaults_ca(), ExtensionPolicy.webpki_defaults_ee()
    for extension in (x509.AuthorityKeyIdentifier, x509.SubjectKeyIdentifier, x509.CertificatePolicies):
        ca_policy = ca_policy.may_be_present(extension, Criticality.AGNOSTIC, None)
        leaf_policy = leaf_policy.may_be_present(extension, Criticality.AGNOSTIC, None)
    return (
        ca_policy.may_be_present(x509.PolicyConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.InhibitAnyPolicy, Criticality.AGNOSTIC, None)
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _requires(_is_ca))
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _requires(_signs_certificates))
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _requires(_serves)),
        leaf_policy.require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _requires(_signs_sessions))
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _requires(_serves)),
    )


def _requires(holds: Callable[..., bool]) -> Callable[[Policy, x509.Certificate, x509.ExtensionType | None], None]:
    return partial(_validate, holds)


def _validate(
    holds: Callable[..., bool], _: Policy, __: x509.Certificate, extension: x509.ExtensionType | None
) -> None:
    if extension is not None and not holds(extension):
        raise ValueError("the extension forbids it")


def _is_ca(extension: x509.BasicConstraints) -> bool:
    return extension.ca


def _signs_certificates(extension: x509.KeyUsage) -> bool:
    return extension.key_cert_sign


def _signs_sessions(extension: x509.KeyUsage) -> bool:
    """Return whether a server may sign with its key: TLS 1.3 and the ciphers of CloudFront have no other use of it."""
    return extension.digital_signature


def _serves(extension: x509.ExtendedKeyUsage) -> bool:
    return ExtendedKeyUsageOID.SERVER_AUTH in extension  # OpenSSL does not count anyExtendedKeyUsage


def _reasons(certificate: x509.Certificate, position: int, at: datetime) -> Iterator[Reason]:
    """Yield the reasons in a certificate of a refused path."""
    extensions = {type(extension.value): extension.value for extension in certificate.extensions}
    constraints, usage = extensions.get(x509.BasicConstraints), extensions.get(x509.KeyUsage)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        yield _out_of_date(certificate, position, at)
    if x509.PrecertPoison in extensions:
        yield Reason(
            position, "is a precertificate", "the certificate itself", "name the certificate that the CA issued for it"
        )
    elif unknown := sorted(_unknown(certificate)):
        yield Reason(
            position,
            f"has critical extensions that TLS clients do not know: {', '.join(unknown)}",
            "extensions of RFC 5280, others not critical",
            "have it issued again without them",
        )
    if (purposes := extensions.get(x509.ExtendedKeyUsage)) and not _serves(purposes):
        yield Reason(
            position,
            "is not for servers: its extended key usage lacks serverAuth",
            "serverAuth among the extended key usages, or none",
            "have it issued again for server authentication",
        )
    if position == 0 and usage and not _signs_sessions(usage):
        yield Reason(
            position,
            "must not sign TLS sessions: its key usage lacks digitalSignature",
            "digitalSignature in keyUsage, or no keyUsage",
            "have it issued again for server authentication",
        )
    if not _has_accepted_key(certificate):
        yield Reason(
            position,
            "has a key of a kind, size or form that TLS clients do not accept",
            "RSA 2048 or larger (not RSA-PSS), or EC P-256, P-384 or P-521 (by name)",
            "have the certificate issued by a CA with such a key",
        )
    if isinstance(certificate.signature_hash_algorithm, SHA1 | MD5):
        yield Reason(
            position,
            f"is signed with {certificate.signature_hash_algorithm.name.upper()}",
            "signatures with SHA-256, SHA-384 or SHA-512",
            "have it issued again with SHA-256",
        )
    if position == 0:
        return
    if not constraints or not constraints.ca or (usage and not usage.key_cert_sign):
        yield Reason(
            position,
            "is no certificate of a CA, and must not issue others",
            "basicConstraints CA:TRUE, and keyCertSign in keyUsage",
            "put the certificate of the real issuer there",
        )
    elif constraints.path_length is not None and constraints.path_length < position - 1:
        yield Reason(
            position,
            f"allows {constraints.path_length} CAs below it, and the chain has {position - 1}",
            "chains no longer than the CA's path length",
            "have the certificate issued by a CA that may",
        )


def has_plain_key(certificate: x509.Certificate) -> bool:
    """Return whether `cryptography`, and so `push`, writes the key as in the certificate."""
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public in certificate.tbs_certificate_bytes


def _has_accepted_key(certificate: x509.Certificate) -> bool:
    if not has_plain_key(certificate):
        return False
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            return key.key_size >= 2048
        case ec.EllipticCurvePublicKey() as key:
            return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1)
    return False


def _constraints(path: Path) -> Iterator[Reason]:
    for position, certificate in enumerate(path):
        for extension in certificate.extensions:
            if isinstance(extension.value, x509.NameConstraints):
                yield Reason(
                    position,
                    f"does not allow every name of the certificate ({_described(extension.value)})",
                    "names within the CA's name constraints",
                    "have it issued by another CA, or without the other names",
                )


def _out_of_date(certificate: x509.Certificate, position: int, at: datetime) -> Reason:
    if at > certificate.not_valid_after_utc:
        wrong = f"expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
        fix = "have it renewed" if position == 0 else "take the chain that your CA gave with the certificate"
    else:
        wrong = f"is valid only from {certificate.not_valid_before_utc:%Y-%m-%d} on"
        fix = "push it then; is this machine's clock right?"
    return Reason(position, wrong, "certificates that are valid now: CloudFront and clients refuse others", fix)


def _unknown(certificate: x509.Certificate) -> Iterator[str]:
    for extension in certificate.extensions:
        if extension.critical and not isinstance(extension.value, JUDGED):
            yield _name(extension.oid)


def _name(oid: ObjectIdentifier) -> str:
    return oid.dotted_string if oid._name == "Unknown OID" else oid._name


def _described(names: x509.NameConstraints) -> str:
    parts = []
    for label, subtrees in (("permitted", names.permitted_subtrees), ("excluded", names.excluded_subtrees)):
        if subtrees:
            parts.append(f"{label}: {', '.join(str(subtree.value) for subtree in subtrees)}")
    return "; ".join(parts)


def _has_unjudged_constraints(path: Path) -> bool:
    values = (extension.value for certificate in path for extension in certificate.extensions)
    return any(isinstance(value, x509.NameConstraints) and _unjudged(value) for value in values)


def _unjudged(names: x509.NameConstraints) -> bool:
    """Return whether `cryptography` refuses the constraints: for directory names, or with a leading dot."""
    subtrees = (*(names.permitted_subtrees or ()), *(names.excluded_subtrees or ()))
    known = (x509.DNSName, x509.IPAddress, x509.RFC822Name)
    return any(
        not isinstance(subtree, known) or (isinstance(subtree, x509.DNSName) and subtree.value.startswith("."))
        for subtree in subtrees
    )


def _begin(path: Path) -> datetime:
    """Return when the last certificate of a path becomes valid."""
    return max(certificate.not_valid_before_utc for certificate in path)
