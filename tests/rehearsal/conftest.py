"""One deployed test bed for all tests that only look, or that put back what they change."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.shared_bed import SharedBed, assert_restored
from understudy_failover.rehearsal.bed import RehearsalBed

shared = SharedBed()


@pytest.fixture(scope="session")
def fast_settings(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The shipped sample with the quickest timing, beside its certificate."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "certificates").symlink_to(root / "tests/sample/certificates")
    text = (root / "tests/sample/failover.toml").read_text(encoding="utf-8")
    changed, count = re.subn(r'^profile = "standard"$', 'profile = "fast"', text, flags=re.MULTILINE)
    assert count == 1
    (folder / "failover.toml").write_text(changed, encoding="utf-8")
    return folder / "failover.toml"


@pytest.fixture(scope="module")
def shared_bed(fast_settings: Path) -> Iterator[RehearsalBed]:
    """One for all modules that a worker runs. tests/conftest.py puts them in a row."""
    prepared = shared.bed(fast_settings)
    yield prepared
    try:
        assert_restored(prepared)
    except BaseException:
        shared.close()
        raise


@pytest.fixture(scope="module")
def bed(shared_bed: RehearsalBed) -> RehearsalBed:
    """The sample, deployed, every health check reporting. Modules with a bed of their own override this."""
    return shared_bed


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End test beds that no module needs any more, as their health checkers use CPU."""
    if nextitem is None or (nextitem.path != item.path and "shared_bed" not in getattr(nextitem, "fixturenames", ())):
        shared.close()


def pytest_sessionfinish() -> None:
    """End it also where a run was stopped."""
    shared.close()
