"""benchmarks/failover.md says how long a failover takes, and what it says is what the emulator plays."""

import re
from pathlib import Path

import pytest

from benchmarks.contenders import OURS, Contender
from benchmarks.failover import HERE, measure
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.settings import Settings, Timing, load

GOALS_SECONDS = {"standard": 66, "fast": 30}
ours = pytest.mark.parametrize("contender", OURS, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def settings(root: Path) -> Settings:
    return load(root / "tests/sample/failover.toml")


@ours
def test_the_bounds_are_those_that_the_commands_promise(contender: Contender, settings: Settings) -> None:
    timing = Timing.model_validate({"profile": contender.name})
    check = settings.servers[0].health_check
    assert contender.bound_seconds == failover_bound(check, timing).total_seconds
    assert contender.back_bound_seconds == failback_bound(check, timing).total_seconds


@pytest.mark.lengthy
@pytest.mark.parametrize("contender", [one for one in OURS if one.name in GOALS_SECONDS], ids=lambda one: one.name)
def test_no_client_comes_later_than_the_bound_and_the_last_nearly_as_late(contender: Contender) -> None:
    there, back = measure(contender, outages=30)
    assert max(there.seen) <= min(contender.bound_seconds, GOALS_SECONDS[contender.name])
    assert max(there.seen) >= 0.9 * contender.bound_seconds
    assert max(back.seen) <= contender.back_bound_seconds
    assert max(there.detected) <= max(there.switched) < max(there.seen)


@ours
def test_the_page_holds_every_profile_with_its_bound_and_a_worst_within_it(contender: Contender) -> None:
    """If not: `python -m benchmarks.failover`."""
    text = (HERE / "failover.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| {contender.name} \|.* / (\d+) \| (\d+) \| \d+% \|$", text, re.MULTILINE)
    bounds = [contender.bound_seconds, contender.back_bound_seconds]
    assert [float(bound) for _, bound in rows] == bounds
    assert all(0 < float(worst) <= bound for (worst, _), bound in zip(rows, bounds, strict=True))
    assert float(rows[0][0]) >= 0.9 * bounds[0]
