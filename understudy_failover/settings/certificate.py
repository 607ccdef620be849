"""The public half of the owner's certificate: what it is, which names it covers, whether it can be used.

Leaf and chain are committed files; the private key is not, and never passes through here. Everything is
judged from the files alone: no network and no clock, so that a synthesis gives the same answer on any day.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256

from understudy_failover.settings.certificate_rules import (
    CHAIN_FILE,
    LEAF_FILE,
    UNCONFIRMED_KEYS,
    CertificateFault,
    distinguished_name,
    dns_names,
    faults_of_chain,
    faults_of_leaf,
    key_type,
    pem_of,
)

PARSE_ERRORS = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises about a certificate that it cannot take apart."""

BEGIN = b"-----BEGIN CERTIFICATE-----"

PRIVATE_KEY = "PRIVATE KEY-----"
"""Ends the first line of a PEM private key of any kind."""


class CertificateError(Exception):
    """The certificate cannot be used; `faults` holds every reason found."""

    def __init__(self, faults: tuple[CertificateFault, ...]) -> None:
        super().__init__("\n".join(f"{fault.file}: {fault.wrong}; {fault.mend}" for fault in faults))
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

    @property
    def unconfirmed(self) -> str:
        """What nobody has confirmed about a certificate of this kind; empty for the sure ones."""
        if self.key_type not in UNCONFIRMED_KEYS:
            return ""
        return (
            f"The certificate has a key of type {self.key_type}. CloudFront documents it for certificates in ACM; "
            "nothing confirms it for those in IAM, which may accept one that CloudFront then refuses. If it does, "
            "the deploy rolls back and the certificate before stays. RSA 2048 is the sure choice."
        )

    def covers(self, host_name: str) -> bool:
        """Whether a TLS client accepts the certificate for `host_name`.

        A wildcard stands for one label, and a wildcard host needs that very wildcard among the names.
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
        """
        name = host_name.lower()
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


def read(folder: Path) -> PublicCertificate:
    """The certificate in `certificate.pem` and `chain.pem` of `folder`; the second may be missing beside a bundle.

    Raises:
        CertificateError: a file is missing or unreadable, or `parse` refuses what they hold.
    """
    contents: dict[str, bytes] = {}
    faults: list[CertificateFault] = []
    for file, mend in (
        (LEAF_FILE, "put the server's own certificate there"),
        (CHAIN_FILE, "put the intermediate certificates there (an empty file if there really are none)"),
    ):
        try:
            contents[file] = (folder / file).read_bytes()
        except OSError as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
            faults.append(CertificateFault(file, reason, "a readable PEM file", mend))
        if file == LEAF_FILE and contents and contents[file].count(BEGIN) > 1 and not (folder / CHAIN_FILE).exists():
            return parse(contents[file], b"")
    if faults:
        raise CertificateError(tuple(faults))
    return parse(contents[LEAF_FILE], contents[CHAIN_FILE])


def parse(leaf_pem: bytes, chain_pem: bytes) -> PublicCertificate:
    """The certificate of the PEM texts; text around the PEM blocks is dropped.

    A bundle in place of the leaf (certbot's fullchain.pem) is taken apart.

    Raises:
        CertificateError: with every reason why CloudFront or a TLS client would refuse it.
    """
    faults: list[CertificateFault] = []
    leaves = _certificates(LEAF_FILE, leaf_pem, faults)
    chain = _certificates(CHAIN_FILE, chain_pem, faults) if chain_pem.strip() else []
    if faults:
        raise CertificateError(tuple(faults))
    leaf, *bundled = leaves
    if bundled and chain and bundled != chain:
        fault = CertificateFault(
            LEAF_FILE,
            f"holds {len(leaves)} certificates, and those behind the first are others than those of {CHAIN_FILE}",
            "the server's own certificate alone, or with the very chain",
            f"leave the first (the server's own) there and its issuers in {CHAIN_FILE}",
        )
        raise CertificateError((fault,))
    chain = chain or bundled
    faults = [*faults_of_leaf(leaf), *faults_of_chain([leaf, *chain])]
    if faults:
        raise CertificateError(tuple(faults))
    body, rest = pem_of(leaf), "".join(map(pem_of, chain))
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
    )


def files_with_private_keys(folder: Path) -> list[Path]:
    """Files anywhere under `folder` that hold a PEM private key of any kind, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if _holds_private_key(path))


def _holds_private_key(path: Path) -> bool:
    try:
        return path.is_file() and PRIVATE_KEY.encode() in path.read_bytes()
    except OSError:  # what cannot be read is not committed either; `read` reports its own files
        return False


def _certificates(file: str, pem: bytes, faults: list[CertificateFault]) -> list[x509.Certificate]:
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        if len(certificates) != len(re.findall(rb"-----BEGIN [A-Z0-9 ]*CERTIFICATE-----", pem)):
            raise ValueError("a block is cut off")  # the parser passes over it in silence
        for certificate in certificates:  # each is parsed on first use only
            certificate.extensions, certificate.public_key()
            _ = certificate.subject, certificate.issuer, certificate.not_valid_before_utc
        return certificates
    except PARSE_ERRORS:
        fault = CertificateFault(
            file,
            "holds no readable certificate, or one that is cut off",
            "PEM: blocks from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
            "copy the file again from your CA (openssl x509 -inform der -in FILE turns DER into PEM)",
        )
        faults.append(fault)
        return []
