"""A throwaway certificate authority, and the certificates that it issues."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import trustme


@dataclass(frozen=True)
class IssuedCertificate:
    """A leaf with its key and intermediates, in PEM; the key exists in memory alone."""

    body_pem: str
    chain_pem: str
    private_key_pem: str

    def write_public_files(self, folder: Path) -> None:
        """Write `certificate.pem` and `chain.pem` to a certificate folder of failover.toml."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "certificate.pem").write_text(self.body_pem, encoding="ascii")
        (folder / "chain.pem").write_text(self.chain_pem, encoding="ascii")


class Authority(Protocol):
    """The certificate authority that the clients of a test bed trust."""

    @property
    def root_pem(self) -> str: ...

    def issue(self, names: tuple[str, ...], *, days: int, age_days: int = 0) -> IssuedCertificate:
        """Return a certificate with its key for these DNS names."""


class CertificateAuthority:
    """A root that only this rehearsal trusts, with an intermediate, as real CAs have."""

    def __init__(self) -> None:
        self._root = trustme.CA(organization_name="Understudy rehearsal (trusted by nobody)")
        self._intermediate = self._root.create_child_ca()
        self.root_pem = self._root.cert_pem.bytes().decode()

    def issue(self, names: tuple[str, ...], *, days: int, age_days: int = 0) -> IssuedCertificate:
        """Return a new RSA 2048 certificate for these DNS names, valid since `age_days` and for `days` more."""
        now = datetime.now(UTC)
        leaf = self._intermediate.issue_cert(
            *names,
            key_type=trustme.KeyType.RSA,
            not_before=now - timedelta(days=age_days, hours=1),
            not_after=now + timedelta(days=days),
        )
        body, *chain = (blob.bytes().decode() for blob in leaf.cert_chain_pems)
        return IssuedCertificate(body, "".join(chain), leaf.private_key_pem.bytes().decode())
