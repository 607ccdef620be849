"""One Chromium for each module, or a browser for each test; screenshots are kept in test-results/screenshots."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.maintenance_site.browser.chromium import chromium, skip_if_unwanted
from tests.maintenance_site.browser.engines import Engine, engine as engine_named
from tests.maintenance_site.browser.outage import Outage, outage as running_outage
from tests.maintenance_site.deployment import Deployment
from tests.maintenance_site.edge import Edge
from understudy_failover.settings import Settings


@pytest.fixture
def outage(node: Edge, sample_settings: Settings, tmp_path: Path) -> Iterator[Outage]:
    """A site that is up."""
    with running_outage(node, sample_settings, tmp_path) as state:
        yield state


@pytest.fixture(
    params=[
        "chromium",
        pytest.param("firefox", marks=pytest.mark.release),
        pytest.param("webkit", marks=pytest.mark.release),
    ]
)
def engine(request: pytest.FixtureRequest, outage: Outage) -> Engine:
    """Each engine in turn, before the site of `outage`."""
    skip_if_unwanted()
    return engine_named(request.param, ("127.0.0.1", outage.port), outage.certificate_pem)


@pytest.fixture(scope="module")
def browser(deployed: Deployment) -> Iterator[Browser]:
    """Chromium, before the deployed page.

    Not for the session: as long as Playwright is there, asyncio counts as running in this process.
    """
    skip_if_unwanted()
    with chromium(deployed.bed) as running:
        yield running


@pytest.fixture(scope="session")
def screenshots(root: Path) -> Path:
    """Where screenshots go: test artefacts, not part of the repository."""
    folder = root / "test-results" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def axe(root: Path) -> str:
    """axe-core, to be run in a page. https://github.com/dequelabs/axe-core"""
    return (root / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
