"""The same files give the same settings: on any day, in any place, on any machine."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.settings.authority import FIRST, SECOND, pem, put
from tests.settings.samples import load_from, smallest
from understudy_failover.settings import load


def test_the_same_files_give_the_same_settings_in_another_place(root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "tests/sample/failover.toml", tmp_path / "another-name.toml")
    shutil.copytree(root / "tests/sample/certificates", tmp_path / "certificates")
    there, here = load(tmp_path / "another-name.toml"), load(root / "tests/sample/failover.toml")
    assert there == here
    assert repr(there) == repr(here)


@pytest.mark.parametrize(
    ("not_before", "not_after"),
    [(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 4, 1, tzinfo=UTC)), (None, datetime(9000, 1, 1, tzinfo=UTC))],
    ids=["expired", "for ages"],
)
def test_a_certificate_loads_on_any_day(own_folder: Path, not_before: datetime | None, not_after: datetime) -> None:
    """Whether it is time to renew is the business of the operator's commands, not of a synthesis."""
    issued = SECOND.issue_cert("www.example.com", not_before=not_before, not_after=not_after)
    put(own_folder, issued.cert_chain_pems[0].bytes(), pem(SECOND, FIRST))
    assert load_from(own_folder, smallest()).certificate.public.not_after == not_after


def test_neither_environment_nor_working_folder_matters(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = load(root / "tests/sample/failover.toml")
    for name in ("APP", "app", "PROFILE", "TIMING", "CERTIFICATE", "AWS_REGION"):
        monkeypatch.setenv(name, "other")
    monkeypatch.chdir(tmp_path)
    assert load(root / "tests/sample/failover.toml") == expected


def test_loading_reads_the_files_and_writes_none(own_folder: Path) -> None:
    load_from(own_folder, smallest())
    before = {path: path.stat().st_mtime_ns for path in own_folder.rglob("*")}
    load(own_folder / "failover.toml")
    assert {path: path.stat().st_mtime_ns for path in own_folder.rglob("*")} == before
