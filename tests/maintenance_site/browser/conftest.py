"""One Chromium for each module; screenshots are kept in test-results/screenshots."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.maintenance_site.browser.chromium import chromium, skip_if_unwanted
from tests.maintenance_site.deployment import Deployment


@pytest.fixture(scope="module")
def browser(deployed: Deployment) -> Iterator[Browser]:
    """Chromium, before the deployed page.

    Not for the session: as long as Playwright is there, asyncio counts as running in this process.
    """
    skip_if_unwanted()
    with chromium(deployed.stage) as running:
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
