"""The sample's page, a running Node, and the whole maintenance stack deployed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.maintenance_site.deployment import Deployment, deployment, write_settings
from tests.maintenance_site.edge import Edge, edge
from understudy_failover.settings import Page, Settings, load


@pytest.fixture(scope="session")
def sample_settings(root: Path) -> Settings:
    """The shipped failover.toml."""
    return load(root / "tests/sample/failover.toml")


@pytest.fixture(scope="session")
def page(sample_settings: Settings) -> Page:
    """The page of the shipped failover.toml."""
    return sample_settings.page


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with several pages."""
    return load(write_settings(tmp_path_factory.mktemp("several")))


@pytest.fixture(scope="session")
def node(processes: None) -> Iterator[Edge]:
    """One Node process that runs edge functions."""
    with edge() as running:
        yield running


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[Deployment]:
    """Several pages on the embedded AWS."""
    with deployment(write_settings(tmp_path_factory.mktemp("pages"))) as running:
        yield running
