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
    match = re.search(r"CloudFront answers ((?:[A-Z]+(?:, | and )?)+), at ports (\d+) and (\d+)", readme)
    assert match
    assert set(re.findall(r"[A-Z]+", match[1])) == PAGE_METHODS
    assert {int(match[2]), int(match[3])} == PAGE_PORTS
