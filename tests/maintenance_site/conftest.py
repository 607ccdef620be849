"""The sample's page, and a running edge."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import Page, load
from tests.maintenance_site.edge import Edge, edge


@pytest.fixture(scope="session")
def page(root: Path) -> Page:
    """The texts of the shipped failover.toml."""
    return load(root / "failover.toml").page


@pytest.fixture(scope="session")
def node() -> Iterator[Edge]:
    """One Node process that runs edge functions."""
    with edge() as running:
        yield running
