"""The promise: interval × threshold + time-out, then what resolvers may keep."""

import pytest

from understudy_failover.operations.bounds import (
    HOLD_SLACK_MINUTES,
    METRIC_DELAY_SECONDS,
    failback_bound,
    failover_bound,
    switch_off_bound,
    switch_on_bound,
)
from understudy_failover.settings import HealthCheck, Timing

HTTPS = HealthCheck(host_name="www.example.com")


@pytest.mark.parametrize(
    ("profile", "failover_seconds", "failback_seconds"),
    [("economy", 90 + 6 + 60, 90 + 6 + 60), ("standard", 30 + 6 + 30, 30 + 6 + 60), ("fast", 10 + 6 + 10, 10 + 6 + 60)],
)
def test_the_bounds_of_the_timing_profiles(profile: str, failover_seconds: int, failback_seconds: int) -> None:
    timing = Timing.model_validate({"profile": profile})
    assert failover_bound(HTTPS, timing).total_seconds == failover_seconds
    assert failback_bound(HTTPS, timing).total_seconds == failback_seconds


def test_a_searched_text_may_take_two_seconds_more() -> None:
    searching = HealthCheck(host_name="www.example.com", search_string="ok")
    difference = (
        failover_bound(searching, Timing()).detection_seconds - failover_bound(HTTPS, Timing()).detection_seconds
    )
    assert difference == 2


def test_a_tcp_check_waits_ten_seconds() -> None:
    tcp = HealthCheck(host_name="www.example.com", type="TCP")
    assert failover_bound(tcp, Timing()).detection_seconds == 30 + 10


def test_with_a_cname_coming_back_takes_no_longer_than_going() -> None:
    """An alias to CloudFront is kept for 60 s; a CNAME for as long as the settings say."""
    timing = Timing.model_validate({"profile": "fast"})
    back = failback_bound(HTTPS, timing, cname=True)
    assert back == failover_bound(HTTPS, timing)
    assert back.total_seconds == failback_bound(HTTPS, timing).total_seconds - 50


def test_a_hold_lengthens_the_way_back_and_nothing_else() -> None:
    timing = Timing(failback_hold_minutes=10)
    assert failover_bound(HTTPS, timing) == failover_bound(HTTPS, Timing())
    assert switch_on_bound(timing) == switch_on_bound(Timing())
    assert switch_off_bound(timing) == switch_off_bound(Timing())
    longer = failback_bound(HTTPS, timing).total_seconds - failback_bound(HTTPS, Timing()).total_seconds
    assert longer == (10 + HOLD_SLACK_MINUTES) * 60 + METRIC_DELAY_SECONDS
