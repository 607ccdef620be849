"""One deployed stage for all tests of a module that only look, or that put back what they change."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId

from operations.interruption import Interruption
from rehearsal.stage import Stage

RATE = 10
HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One after the other, whatever runs beside them: on a machine of two cores, timing is what they test.

    The mark `xdist_group` would do, if pytest-xdist 3.8.0 did not write the group into an attribute that pytest
    9.2.0 no longer reads, and so distribute these tests over all workers without a word.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        if HERE in item.path.parents:
            item._id = NodeId.parse(f"{item.nodeid}@rehearsal")


@pytest.fixture(scope="session")
def fast_settings(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The shipped sample with the quickest timing, beside its certificate."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "certificates").symlink_to(root / "certificates")
    text = (root / "failover.toml").read_text(encoding="utf-8")
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
