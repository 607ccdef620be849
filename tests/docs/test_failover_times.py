"""benchmarks/failover.md says how long a failover takes, and what it says is what the emulator plays."""

import pytest

from benchmarks.contenders import OURS, Contender
from benchmarks.failover import measure

GOALS_SECONDS = {"standard": 66, "fast": 30}


@pytest.mark.lengthy
@pytest.mark.parametrize("contender", [one for one in OURS if one.name in GOALS_SECONDS], ids=lambda one: one.name)
def test_no_client_comes_later_than_the_bound_and_the_last_nearly_as_late(contender: Contender) -> None:
    there, back = measure(contender, outages=30)
    assert max(there.seen) <= min(contender.bound_seconds, GOALS_SECONDS[contender.name])
    assert max(there.seen) >= 0.9 * contender.bound_seconds
    assert max(back.seen) <= contender.back_bound_seconds
    assert max(there.detected) <= max(there.switched) < max(there.seen)
