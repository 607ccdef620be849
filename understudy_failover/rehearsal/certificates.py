"""A throwaway certificate authority, and certificates of the owner's kind issued by it."""

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

    def write_public_half(self, folder: Path) -> None:
        """Writes `certificate.pem` and `chain.pem`, as failover.toml's certificate folder holds them."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "certificate.pem").write_text(self.body_pem, encoding="ascii")
        (folder / "chain.pem").write_text(self.chain_pem, encoding="ascii")


class Authority(Protocol):
    """Whoever the clients of a stage trust."""

    @property
    def root_pem(self) -> str:
        """The root."""

    def issue(self, names: tuple[str, ...], *, days: int, age_days: int = 0) -> IssuedCertificate:
        """A certificate with its key for these DNS names."""


class CertificateAuthority:
    """A root that only this rehearsal trusts, with an intermediate below it as real CAs have one."""

    def __init__(self) -> None:
        self._root = trustme.CA(organization_name="Understudy rehearsal (trusted by nobody)")
        self._intermediate = self._root.create_child_ca()
        self.root_pem = self._root.cert_pem.bytes().decode()

    def issue(self, names: tuple[str, ...], *, days: int, age_days: int = 0) -> IssuedCertificate:
        """A new RSA 2048 certificate with a new key for these DNS names, wildcards included, valid for `days`.

        `age_days` ago it began to be valid.
        """
        now = datetime.now(UTC)
        leaf = self._intermediate.issue_cert(
            *names,
            key_type=trustme.KeyType.RSA,
            not_before=now - timedelta(days=age_days, hours=1),
            not_after=now + timedelta(days=days),
        )
        body, *chain = (blob.bytes().decode() for blob in leaf.cert_chain_pems)
        return IssuedCertificate(body, "".join(chain), leaf.private_key_pem.bytes().decode())
