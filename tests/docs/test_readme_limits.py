"""README's sentences on bounds, methods, ports and the gate are what the code does."""

import re
from pathlib import Path

import pytest

from understudy_failover.operations.bounds import (
    HOLD_SLACK_MINUTES,
    METRIC_DELAY_SECONDS,
    SEARCH_LIMIT_SECONDS,
    failback_bound,
    failover_bound,
)
from understudy_failover.operations.preflight.servers import PAGE_METHODS, PAGE_PORTS
from understudy_failover.settings import load


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    """In one line."""
    return " ".join((root / "README.md").read_text(encoding="utf-8").split())


def test_the_bounds_are_those_of_the_sample(root: Path, readme: str) -> None:
    settings = load(root / "tests" / "sample" / "failover.toml")
    web = settings.servers[0].health_check
    assert settings.timing.profile == "standard"
    there, back = failover_bound(web, settings.timing), failback_bound(web, settings.timing)
    found = re.search(
        r"profile `standard` it is (\d+) s \((\d+) s to notice, (\d+) s for the last probe, (\d+) s of TTL\)", readme
    )
    assert found
    total, *parts = map(int, found.groups())
    assert total == sum(parts) == there.total_seconds
    assert parts[-1] == there.caching_seconds
    assert f"and {back.total_seconds} s back" in readme
    assert f"Add {SEARCH_LIMIT_SECONDS} s with a `search_string`" in readme
    assert f"its length plus up to {HOLD_SLACK_MINUTES + METRIC_DELAY_SECONDS // 60} minutes" in readme


def test_the_times_of_the_rehearsal_in_the_readme_lie_within_the_bounds_beside_them(readme: str) -> None:
    spans = re.findall(r"✔ [^✔▶]*? after (\d+) to (\d+) s \(bound (\d+) s\)", readme)
    assert len(spans) >= 4
    for after, within, bound in spans:
        assert int(after) <= int(within) <= int(bound)


def test_the_methods_and_ports_are_those_that_preflight_goes_by(readme: str) -> None:
    found = re.search(r"CloudFront answers ((?:[A-Z]+(?:, | and )?)+), at ports (\d+) and (\d+)", readme)
    assert found
    assert set(re.findall(r"[A-Z]+", found[1])) == PAGE_METHODS
    assert {int(found[2]), int(found[3])} == PAGE_PORTS


def test_the_estimate_calls_the_bound_as_the_readme_does(root: Path, readme: str) -> None:
    words = "resolvers that honor the TTL"
    assert words in readme
    assert words in (root / "docs" / "estimate.md").read_text(encoding="utf-8")
