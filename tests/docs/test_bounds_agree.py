"""README, benchmarks/failover.md, `estimate` and the rehearsal give the bounds of operations/bounds.py."""

import re
from pathlib import Path

import pytest

from benchmarks.candidates import OURS
from benchmarks.failover import HERE
from understudy_failover.operations.bounds import (
    HOLD_SLACK_MINUTES,
    METRIC_DELAY_SECONDS,
    PROBE_LIMIT_SECONDS,
    SEARCH_LIMIT_SECONDS,
    failback_bound,
    failover_bound,
)
from understudy_failover.operations.drill import OUTAGE, PLACES, SWITCH
from understudy_failover.operations.estimate.candidates import compare
from understudy_failover.operations.estimate.tables import time_rows
from understudy_failover.settings import Settings, Timing, load
from understudy_failover.settings.tables import TIMING_PROFILES

OURS_BY_NAME = {candidate.name: candidate for candidate in OURS}
HONORING = "resolvers that honor the TTL"


@pytest.fixture(scope="module")
def settings(root: Path) -> Settings:
    return load(root / "tests/sample/failover.toml")


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", TIMING_PROFILES)
def test_the_benchmark_and_the_estimate_have_the_bounds_of_the_model(profile: str, settings: Settings) -> None:
    """If the page is old: `python -m benchmarks.failover`."""
    timing = Timing.model_validate({"profile": profile})
    checks = [server.health_check for server in settings.servers]
    bounds = [failover_bound(checks[0], timing).total_seconds, failback_bound(checks[0], timing).total_seconds]
    candidate = OURS_BY_NAME[profile]
    assert [candidate.bound_seconds, candidate.back_bound_seconds] == bounds
    page = (HERE / "failover.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| {profile} \|.* / (\d+) \| (\d+) \| \d+% \|$", page, re.MULTILINE)
    assert [int(bound) for _, bound in rows] == bounds
    assert all(0 < int(worst) <= bound for (worst, _), bound in zip(rows, bounds, strict=True))
    assert int(rows[0][0]) >= 0.9 * bounds[0]
    estimate = next(row for row in compare(settings, clients=1, million_queries=1) if row.name == profile)
    assert estimate.there_seconds == max(failover_bound(check, timing).total_seconds for check in checks)
    assert estimate.back_seconds == max(failback_bound(check, timing).total_seconds for check in checks)


def test_the_sentence_of_the_readme_has_the_bounds_of_the_model(settings: Settings, readme: str) -> None:
    check = settings.servers[0].health_check
    there, back = failover_bound(check, settings.timing), failback_bound(check, settings.timing)
    limit = PROBE_LIMIT_SECONDS["HTTPS"]
    noticed = settings.timing.request_interval_seconds * settings.timing.failure_threshold
    assert there.detection_seconds == noticed + limit
    sentence = (
        f"With profile `{settings.timing.profile}` it is {there.total_seconds} s ({noticed} s to notice, "
        f"{limit} s for the last probe, {there.caching_seconds} s of TTL) and "
        f"{back.total_seconds} s back, as the TTL of an alias to CloudFront is {back.caching_seconds} s. "
        f"A `search_string` adds {SEARCH_LIMIT_SECONDS} s, TCP {PROBE_LIMIT_SECONDS['TCP'] - limit} s. "
        f"A hold adds its length plus up to {HOLD_SLACK_MINUTES + METRIC_DELAY_SECONDS // 60} minutes to the return."
    )
    assert sentence in " ".join(readme.split())


def test_the_rehearsal_in_the_readme_has_the_words_and_bounds_of_the_drill(settings: Settings, readme: str) -> None:
    expected = {
        hypothesis
        for server in settings.servers
        for cause in (OUTAGE, SWITCH)
        for place in PLACES
        for hypothesis in cause.hypotheses(server, place, settings.timing)
    }
    lines = re.findall(r"^✔ +[\d.]+ s  (.+) after (\d+) to (\d+) s \(bound (\d+) s\)$", readme, re.MULTILINE)
    assert len(lines) >= 4
    for words, after, within, bound in lines:
        assert (words, int(bound)) in expected
        assert int(after) <= int(within) <= int(bound)


def test_the_readme_and_the_estimate_say_for_which_resolvers_a_bound_is(settings: Settings, readme: str) -> None:
    assert HONORING in " ".join(readme.split())
    heads = [row[0] for row in time_rows(compare(settings, clients=1, million_queries=1))]
    assert sum(HONORING in head for head in heads) == 2
