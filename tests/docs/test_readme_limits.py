"""README's sentences on methods, ports and the gate are what the code does."""

import re
from pathlib import Path

import pytest

from understudy_failover.operations.preflight.servers import PAGE_METHODS, PAGE_PORTS


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    """In one line."""
    return " ".join((root / "README.md").read_text(encoding="utf-8").split())


def test_the_methods_and_ports_are_those_that_preflight_goes_by(readme: str) -> None:
    found = re.search(r"CloudFront answers ((?:[A-Z]+(?:, | and )?)+), at ports (\d+) and (\d+)", readme)
    assert found
    assert set(re.findall(r"[A-Z]+", found[1])) == PAGE_METHODS
    assert {int(found[2]), int(found[3])} == PAGE_PORTS
