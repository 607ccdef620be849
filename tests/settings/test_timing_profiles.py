"""Three named timings, and each of their values on its own."""

from pathlib import Path

import pytest

from tests.settings.samples import changed, load_from, smallest

VALUES = {
    "economy": {"request_interval_seconds": 30, "failure_threshold": 3, "ttl_seconds": 60},
    "standard": {"request_interval_seconds": 10, "failure_threshold": 3, "ttl_seconds": 30},
    "fast": {"request_interval_seconds": 10, "failure_threshold": 1, "ttl_seconds": 10},
}
FIXED = {"failback_hold_minutes": 0}
"""What no profile sets."""
OTHER = {"request_interval_seconds": {10: 30, 30: 10}, "failure_threshold": {1: 7, 3: 7}, "ttl_seconds": {}}


@pytest.mark.parametrize("profile", VALUES)
def test_a_profile_sets_all_three_values(folder: Path, profile: str) -> None:
    timing = load_from(folder, changed("timing.profile", profile)).timing
    assert timing.model_dump() == {"profile": profile, **VALUES[profile], **FIXED}


def test_the_profile_is_standard_where_none_is_named(folder: Path) -> None:
    assert load_from(folder, smallest()).timing.model_dump() == {"profile": "standard", **VALUES["standard"], **FIXED}


@pytest.mark.parametrize("profile", VALUES)
@pytest.mark.parametrize("key", OTHER)
def test_a_value_of_its_own_replaces_that_of_the_profile_and_no_other(folder: Path, profile: str, key: str) -> None:
    own = OTHER[key].get(VALUES[profile][key], 0)
    timing = load_from(folder, changed("timing", {"profile": profile, key: own})).timing
    assert timing.model_dump() == {"profile": profile, **VALUES[profile], **FIXED, key: own}
