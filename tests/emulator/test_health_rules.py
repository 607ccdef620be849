"""Rules of health alone: no network, no time. The share of 18 % is compared as a fraction, not as the code does."""

from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import example, given, strategies as st

from understudy_failover.emulator.health_rules import Verdict, calculated_status, effective_status, endpoint_status
from understudy_failover.emulator.model import HealthCheck

KNOWN = st.lists(st.booleans(), min_size=1, max_size=200)
SOME_UNKNOWN = st.lists(st.none() | st.booleans(), max_size=20).filter(lambda verdicts: None in verdicts)


def endpoint(*, inverted: bool = False, disabled: bool = False) -> HealthCheck:
    return HealthCheck("endpoint", "HTTPS", inverted=inverted, disabled=disabled)


def calculated(
    children: int, threshold: int, *, inverted: bool = False, disabled: bool = False, first: str = "0"
) -> HealthCheck:
    names = (first, *map(str, range(1, children)))[:children]
    return HealthCheck(
        "calculated",
        "CALCULATED",
        child_health_checks=names,
        health_threshold=threshold,
        inverted=inverted,
        disabled=disabled,
    )


def children_of(check: HealthCheck) -> dict[str, HealthCheck]:
    return {name: HealthCheck(name, "HTTPS") for name in check.child_health_checks}


@given(KNOWN)
@example([True] * 9 + [False] * 41)
@example([True] * 10 + [False] * 40)
def test_an_endpoint_is_healthy_if_more_than_18_percent_of_its_checkers_say_so(verdicts: list[bool]) -> None:
    share = Fraction(verdicts.count(True), len(verdicts))
    assert endpoint_status(endpoint(), verdicts) is (share > Fraction(18, 100))


@pytest.mark.parametrize(("healthy", "expected"), [(0, False), (1, False), (2, True), (8, True)])
def test_of_eight_checkers_two_make_an_endpoint_healthy(healthy: int, expected: bool) -> None:
    assert endpoint_status(endpoint(), [True] * healthy + [False] * (8 - healthy)) is expected


@given(KNOWN)
def test_an_inverted_check_says_the_opposite_once_there_is_data(verdicts: list[bool]) -> None:
    assert endpoint_status(endpoint(inverted=True), verdicts) is not endpoint_status(endpoint(), verdicts)


@given(SOME_UNKNOWN, st.booleans())
def test_an_endpoint_has_no_status_while_one_of_its_checkers_has_none(
    verdicts: list[bool | None], inverted: bool
) -> None:
    assert endpoint_status(endpoint(inverted=inverted), verdicts) is None


@pytest.mark.parametrize("inverted", [False, True])
def test_a_check_without_checkers_never_has_data(inverted: bool) -> None:
    assert endpoint_status(HealthCheck("alarm", "CLOUDWATCH_METRIC", inverted=inverted), []) is None


def test_until_there_is_data_dns_takes_a_check_for_healthy() -> None:
    assert effective_status(endpoint(), None) is True


def test_until_there_is_data_dns_takes_an_inverted_check_for_unhealthy() -> None:
    assert effective_status(endpoint(inverted=True), None) is False


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("status", [False, True])
def test_dns_goes_by_the_status_as_soon_as_there_is_one(status: bool, inverted: bool) -> None:
    assert effective_status(endpoint(inverted=inverted), status) is status


@given(st.lists(st.none() | st.booleans(), max_size=8))
def test_a_disabled_check_is_healthy_whatever_its_checkers_say(verdicts: list[bool | None]) -> None:
    assert endpoint_status(endpoint(disabled=True), verdicts) is True


@given(st.lists(st.none() | st.booleans(), max_size=8))
def test_a_disabled_inverted_check_is_unhealthy_whatever_its_checkers_say(verdicts: list[bool | None]) -> None:
    assert endpoint_status(endpoint(disabled=True, inverted=True), verdicts) is False


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10))
def test_a_checkers_verdict_is_its_latest_run_of_threshold_equal_results(results: list[bool], threshold: int) -> None:
    verdict = Verdict()
    for result in results:
        verdict = verdict.after(success=result, failure_threshold=threshold)
    runs = [(result, len(list(run))) for result, run in groupby(results)]
    long_enough = [result for result, length in runs if length >= threshold]
    assert verdict.healthy is (long_enough[-1] if long_enough else None)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("threshold", range(1, 11))
def test_a_checker_changes_its_mind_at_the_threshold_and_not_one_probe_earlier(threshold: int, before: bool) -> None:
    verdict = Verdict(healthy=before, passing=before, streak=100)
    minds = []
    for _ in range(threshold):
        verdict = verdict.after(success=not before, failure_threshold=threshold)
        minds.append(verdict.healthy)
    assert minds == [before] * (threshold - 1) + [not before]


@given(st.data(), st.integers(1, 20))
def test_a_calculated_check_is_healthy_from_its_threshold_of_healthy_children_on(
    data: st.DataObject, count: int
) -> None:
    check = calculated(count, data.draw(st.integers(1, count)))
    statuses = {name: data.draw(st.booleans()) for name in check.child_health_checks}
    healthy = len([status for status in statuses.values() if status])
    assert calculated_status(check, children_of(check), statuses) is (healthy >= check.health_threshold)


@given(st.data(), st.integers(1, 20))
def test_an_inverted_calculated_check_says_the_opposite(data: st.DataObject, count: int) -> None:
    threshold = data.draw(st.integers(0, count + 1))
    plain, inverted = calculated(count, threshold), calculated(count, threshold, inverted=True)
    statuses = {name: data.draw(st.booleans()) for name in plain.child_health_checks}
    opposite = calculated_status(inverted, children_of(inverted), statuses)
    assert opposite is not None
    assert opposite is not calculated_status(plain, children_of(plain), statuses)


@given(st.lists(st.none() | st.booleans(), max_size=10))
def test_a_calculated_check_with_threshold_0_is_always_healthy(statuses: list[bool | None]) -> None:
    check = calculated(len(statuses), 0)
    assert (
        calculated_status(check, children_of(check), dict(zip(check.child_health_checks, statuses, strict=True)))
        is True
    )


@given(st.lists(st.none() | st.booleans(), max_size=10), st.integers(1, 5))
def test_a_calculated_check_with_a_threshold_above_its_children_is_never_healthy(
    statuses: list[bool | None], more: int
) -> None:
    check = calculated(len(statuses), len(statuses) + more)
    assert (
        calculated_status(check, children_of(check), dict(zip(check.child_health_checks, statuses, strict=True)))
        is False
    )


def test_a_disabled_calculated_check_is_healthy_though_all_its_children_are_not() -> None:
    check = calculated(2, 2, disabled=True)
    assert calculated_status(check, children_of(check), {"0": False, "1": False}) is True


def test_a_child_without_data_counts_as_route_53_considers_it_healthy_and_inverted_unhealthy() -> None:
    check = calculated(2, 2)
    plain = {"0": HealthCheck("0", "HTTPS"), "1": HealthCheck("1", "HTTPS")}
    inverted = {"0": HealthCheck("0", "HTTPS"), "1": HealthCheck("1", "HTTPS", inverted=True)}
    assert calculated_status(check, plain, {"0": True, "1": None}) is True
    assert calculated_status(check, inverted, {"0": True, "1": None}) is False


def test_a_calculated_check_has_no_data_while_one_child_does_not_exist() -> None:
    check = calculated(2, 1)
    children = {"1": HealthCheck("1", "HTTPS")}
    assert calculated_status(check, children, {"0": True, "1": True}) is None


def test_a_calculated_check_of_a_calculated_check_never_has_data() -> None:
    check = calculated(2, 1, first="nested")
    children = {"nested": HealthCheck("nested", "CALCULATED"), "1": HealthCheck("1", "HTTPS")}
    assert calculated_status(check, children, {"nested": True, "1": True}) is None


def test_a_disabled_child_counts_as_healthy() -> None:
    check = calculated(2, 2)
    disabled = endpoint_status(endpoint(disabled=True), [False])
    assert calculated_status(check, children_of(check), {"0": disabled, "1": True}) is True
