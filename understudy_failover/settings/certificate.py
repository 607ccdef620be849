"""The owner's public certificate: its names, and whether CloudFront and clients accept it.

Leaf and chain are committed files; no private key is read here. All checks use the files alone, without network and
clock, so that every synthesis has the same result.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from understudy_failover.settings.certificate_path import is_root, needed, ordered, warnings_of
from understudy_failover.settings.certificate_pem import (
    PEM_ONLY,
    PemError,
    distinguished_name,
    is_ca,
    read_certificates,
)
from understudy_failover.settings.certificate_rules import (
    CHAIN_FILE,
    IN_FOLDER,
    LEAF_FILE,
    UNCONFIRMED_KEYS,
    CertificateFault,
    Sources,
    dns_names,
    faults_of_chain,
    faults_of_leaf,
    faults_of_path,
    key_type,
    pem_of,
)

BEGIN = b"-----BEGIN CERTIFICATE-----"

AWS_SAMPLE = "for those in IAM an AWS sample does it, in China. "
"""github.com/aws-samples/sample-China-CloudFront-SSL-Plugin-V2, 2026-01-08"""
PRIVATE_KEY = "PRIVATE KEY-----"
"""Ends the first line of a PEM private key of any kind."""


class CertificateError(Exception):
    """The certificate is not usable; `faults` are all reasons."""

    def __init__(self, faults: tuple[CertificateFault, ...]) -> None:
        super().__init__("\n".join(f"{fault.file}: {fault.wrong}; {fault.fix}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class PublicCertificate:
    """Leaf and chain, normalised: parsed and written again, so that line ends and notes do not matter."""

    body_pem: str
    """The leaf; LF line ends, one at the end."""
    chain_pem: str
    """The intermediates, the leaf's issuer first; empty where a root issued the leaf directly."""
    names: tuple[str, ...]
    """DNS names of the subject alternative name extension, lower case, in its order."""
    fingerprint: str
    """SHA-256 of the leaf: `AB:CD:…`."""
    content_digest: str
    """SHA-256 of body and chain, 64 hexadecimal digits: the same exactly when both are the same."""
    issuer: str
    """Distinguished name as RFC 4514 writes it."""
    not_before: datetime
    not_after: datetime
    key_type: str
    """One of `ALLOWED_KEYS`."""
    usable_until: datetime
    """When the first certificate of leaf and chain ends; `not_after` unless the chain ends before the leaf."""
    warnings: tuple[str, ...] = field(default=(), compare=False)
    """Sentences about times within the leaf's validity at which clients refuse the chain."""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """Sentences about certificates of the files that were omitted or sorted."""

    @property
    def path(self) -> tuple[x509.Certificate, ...]:
        """The leaf, then the issuer of each certificate."""
        return tuple(x509.load_pem_x509_certificates((self.body_pem + self.chain_pem).encode()))

    @property
    def unconfirmed(self) -> str:
        """A sentence if no source confirms that CloudFront accepts the key type; empty otherwise."""
        if self.key_type not in UNCONFIRMED_KEYS:
            return ""
        return (
            f"The certificate has a key of type {self.key_type}. CloudFront documents it for certificates in ACM; "
            + (AWS_SAMPLE if self.key_type == "EC P-256" else "nothing confirms it for those in IAM. ")
            + "If CloudFront refuses it, the deploy rolls back and the certificate before stays. "
            "RSA 2048 is the sure choice."
        )

    def covers(self, host_name: str) -> bool:
        """Whether a TLS client accepts the certificate for `host_name`.

        A wildcard stands for one label, and a wildcard host needs that very wildcard among the names.
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
        """
        name = host_name.lower()
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


def read(folder: Path, *, shown: str = "") -> PublicCertificate:
    """Return the certificate in `certificate.pem` and `chain.pem` of `folder`, which messages call `shown`.

    `chain.pem` may be missing beside a bundle. Raise CertificateError if a file is unreadable, or as `parse`.
    """
    contents: dict[str, bytes] = {}
    faults: list[CertificateFault] = []
    sources = Sources(str(PurePosixPath(shown, LEAF_FILE)), str(PurePosixPath(shown, CHAIN_FILE)))
    for file, name, fix in (
        (LEAF_FILE, sources.leaf, "put the server's own certificate there"),
        (CHAIN_FILE, sources.chain, "put the intermediate certificates there (an empty file if there really are none)"),
    ):
        try:
            contents[file] = (folder / file).read_bytes()
        except OSError as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
            faults.append(CertificateFault(name, reason, "a readable PEM file", fix))
        if file == LEAF_FILE and contents and contents[file].count(BEGIN) > 1 and not (folder / CHAIN_FILE).exists():
            return parse(contents[file], b"", Sources(sources.leaf, sources.leaf))
    if faults:
        raise CertificateError(tuple(faults))
    return parse(contents[LEAF_FILE], contents[CHAIN_FILE], sources)


def parse(
    leaf_pem: bytes, chain_pem: bytes, sources: Sources = IN_FOLDER, at: datetime | None = None
) -> PublicCertificate:
    """Return the certificate of the PEM texts; text around the PEM blocks is dropped.

    A bundle in place of the leaf (certbot's fullchain.pem) is split, and a chain in the wrong order sorted. Left out of
    the chain are the leaf, roots, and at its end cross-signatures that have expired: at `at`, or else before the
    certificates below them began.

    Raise CertificateError with every reason why CloudFront or a TLS client would always refuse the certificate.
    """
    faults: list[CertificateFault] = []
    leaves = _certificates(sources.leaf, leaf_pem, faults)
    chain = _certificates(sources.chain, chain_pem, faults) if chain_pem.strip() else []
    if faults:
        raise CertificateError(tuple(faults))
    leaf, *bundled = sorted(leaves, key=is_ca)
    notes: list[str] = []
    bundled = _intermediates(leaf, bundled, sources.leaf, notes)
    chain = _intermediates(leaf, chain, sources.chain, notes)
    if bundled and chain and bundled != chain:
        fault = CertificateFault(
            sources.leaf,
            f"holds {len(leaves)} certificates, and those behind the first are others than those of {sources.chain}",
            "the server's own certificate alone, or with the very chain",
            f"leave the first (the server's own) there and its issuers in {sources.chain}",
        )
        raise CertificateError((fault,))
    if bundled and not chain:
        chain, sources = bundled, Sources(sources.leaf, sources.leaf)
    path = needed([leaf, *chain], at)
    for expired in chain[len(path) - 1 :]:
        name, ended = distinguished_name(expired.subject), f"{expired.not_valid_after_utc:%Y-%m-%d}"
        notes.append(f"{sources.chain} ends with a cross-signature ({name}) that expired on {ended}; it was left out.")
    chain = path[1:]
    faults = [*faults_of_leaf(leaf, sources), *faults_of_chain(path, sources)]
    # Of a chain in the wrong order clients would refuse much that is right.
    if faults or (faults := list(faults_of_path(path, sources))):
        raise CertificateError(tuple(faults))
    body, rest = pem_of(leaf), "".join(map(pem_of, chain))
    later = warnings_of(path)
    return PublicCertificate(
        body_pem=body,
        chain_pem=rest,
        names=dns_names(leaf),
        fingerprint=leaf.fingerprint(SHA256()).hex(":").upper(),
        content_digest=hashlib.sha256((body + rest).encode()).hexdigest(),
        issuer=distinguished_name(leaf.issuer),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        key_type=key_type(leaf),
        usable_until=later.usable_until,
        warnings=later.texts,
        notes=tuple(notes),
    )


def _certificates(file: str, pem: bytes, faults: list[CertificateFault]) -> list[x509.Certificate]:
    try:
        return read_certificates(file, pem)
    except PemError as error:
        faults.append(CertificateFault(file, error.wrong, PEM_ONLY, error.fix))
        return []


def _intermediates(
    leaf: x509.Certificate, certificates: list[x509.Certificate], file: str, notes: list[str]
) -> list[x509.Certificate]:
    """Return `certificates` in the order of the path, without leaf and roots; append a sentence for each to `notes`."""
    if leaf in certificates:
        notes.append(f"{file} repeats the server's own certificate; it was left out of the chain.")
    chain = []
    for certificate in certificates:
        if is_root(certificate):
            name = distinguished_name(certificate.subject)
            notes.append(f"{file} holds a root certificate ({name}); it was left out, as clients have their own.")
        elif certificate != leaf:
            chain.append(certificate)
    path = ordered(leaf, chain)[1:]
    if len(path) == len(chain) and path != chain:  # PKCS #7 keeps no order
        notes.append(f"{file} holds the chain in another order than from issuer to issuer; it was sorted.")
        return path
    return chain
