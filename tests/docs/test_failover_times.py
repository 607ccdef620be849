"""benchmarks/failover.md says how long a failover takes, and what it says is what the emulator plays."""

import pytest

from benchmarks.candidates import OURS, Candidate
from benchmarks.failover import measure

GOALS_SECONDS = {"standard": 66, "fast": 30}


@pytest.mark.lengthy
@pytest.mark.parametrize("candidate", [ours for ours in OURS if ours.name in GOALS_SECONDS], ids=lambda ours: ours.name)
def test_no_client_comes_later_than_the_bound_and_the_last_nearly_as_late(candidate: Candidate) -> None:
    there, back = measure(candidate, outages=30)
    assert max(there.followed) <= min(candidate.bound_seconds, GOALS_SECONDS[candidate.name])
    assert max(there.followed) >= 0.9 * candidate.bound_seconds
    assert max(back.followed) <= candidate.back_bound_seconds
    assert max(there.detected) <= max(there.switched) < max(there.followed)
