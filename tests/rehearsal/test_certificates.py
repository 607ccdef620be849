"""Throwaway certificates that every rule of the settings takes."""

import shutil
from pathlib import Path

import pytest

from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.certificates import CertificateAuthority
from understudy_failover.settings import SettingsError
from understudy_failover.settings.certificate import read


@pytest.mark.parametrize("first", ["example.com", "*.example.com", f"{'a' * 60}.{'b' * 60}.example.com"])
def test_whatever_name_comes_first_the_certificate_can_be_deployed(tmp_path: Path, first: str) -> None:
    CertificateAuthority().issue((first, "example.org"), days=90).write_public_files(tmp_path)
    certificate = read(tmp_path)
    assert certificate.names == (first, "example.org")
    assert certificate.chain_pem.count("BEGIN CERTIFICATE") == 1
    assert certificate.key_type == "RSA 2048"


def test_a_rehearsal_needs_no_certificate_of_the_owner(root: Path, tmp_path: Path) -> None:
    """It uses throwaway certificates, so the owner's need not exist."""
    shutil.copy(root / "tests/sample/failover.toml", tmp_path)
    with (
        Interruption() as interruption,
        RehearsalBed(tmp_path / "failover.toml", rate=1, interruption=interruption) as bed,
    ):
        hosts = {host.name for server in bed.settings.servers for host in server.hosts}
        assert set(bed.settings.certificate.public.names) == hosts
    assert [path.name for path in tmp_path.iterdir()] == ["failover.toml"]


def test_a_certificate_that_is_there_and_wrong_is_an_error_of_a_rehearsal_too(root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "tests/sample/failover.toml", tmp_path)
    (tmp_path / "certificates" / "example").mkdir(parents=True)
    with Interruption() as interruption, pytest.raises(SettingsError, match=r"certificate\.pem"):
        RehearsalBed(tmp_path / "failover.toml", rate=1, interruption=interruption)
