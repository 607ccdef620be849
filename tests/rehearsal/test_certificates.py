"""Throwaway certificates that every rule of the settings takes."""

from pathlib import Path

import pytest

from understudy_failover.rehearsal.certificates import CertificateAuthority
from understudy_failover.settings.certificate import read


@pytest.mark.parametrize("first", ["example.com", "*.example.com", f"{'a' * 60}.{'b' * 60}.example.com"])
def test_whatever_name_comes_first_the_certificate_can_be_deployed(tmp_path: Path, first: str) -> None:
    CertificateAuthority().issue((first, "example.org"), days=90).write_public_half(tmp_path)
    certificate = read(tmp_path)
    assert certificate.names == (first, "example.org")
    assert certificate.chain_pem.count("BEGIN CERTIFICATE") == 1
    assert certificate.key_type == "RSA 2048"
