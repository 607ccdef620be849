"""One deployed stage for all tests of a module that only look, or that put back what they change."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.stage import Stage

RATE = 10


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
def stage(fast_settings: Path) -> Iterator[Stage]:
    """Deployed by the real CDK, every health check reporting."""
    with Interruption() as interruption, Stage(fast_settings, rate=RATE, interruption=interruption) as prepared:
        prepared.cdk.bootstrap(print)
        prepared.cdk.deploy(print)
        prepared.wait_for_health_checks()
        yield prepared
