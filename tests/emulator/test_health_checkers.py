"""Health checkers on a clock that stands still until it is moved, with probes whose results the test decides."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import given, settings, strategies as st

from tests.emulator.manual_time import ManualTime
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.emulator import health_checkers
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.health_checkers import NOWHERE, HealthCheckers
from understudy_failover.emulator.model import HealthCheck
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.probe import Result

CHECK = HealthCheck("web", "HTTPS", ip_address="203.0.113.10", port=443, request_interval_seconds=30)
COUNT = len(CHECKER_REGIONS)
PHASE = 30 / COUNT
"""Seconds between two checkers' probes of CHECK."""


class Lab:
    """Checkers, the clock they run on, and a log of their probes.

    `outcome(check, checker, now)` is a probe's result: True or False, or the seconds that a successful one takes.
    """

    def __init__(self, *checks: HealthCheck, outcome: Callable[[HealthCheck, int, float], bool | float]) -> None:
        self.time = ManualTime()
        self.clock = Clock(1, (0.0, 0.0), source=self.time)
        self.checks = list(checks)
        self.outcome = outcome
        self.started: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
        """Per health check when which checker's probe began."""
        self.networks: defaultdict[str, list[Network]] = defaultdict(list)
        """Per health check what each of these probes could reach."""
        self.checkers = HealthCheckers(lambda: self.checks, Network(), self.clock)

    async def probe(self, check: HealthCheck, network: Network, clock: Clock) -> Result:
        now = clock.now()
        count = len(check.regions or CHECKER_REGIONS)
        # The checkers are spread evenly over the interval: the time identifies the checker.
        checker = round(now % check.request_interval_seconds * count / check.request_interval_seconds) % count
        self.started[check.id].append((now, checker))
        self.networks[check.id].append(network)
        outcome = self.outcome(check, checker, now)
        if not isinstance(outcome, bool):
            await clock.async_sleep(outcome)
            outcome = True
        return Result(outcome, "as the test decided")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(health_checkers, "probe", self.probe)
            patch.setattr(health_checkers, "POLL_REAL_SECONDS", 0)
            task = asyncio.create_task(self.checkers.run())
            try:
                await self.time.advance(0)
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def statuses(self, *, until: float, step: float = PHASE) -> list[tuple[float, bool | None]]:
        """(time, status of the first check) whenever the status changed, sampled after every step."""
        changes: list[tuple[float, bool | None]] = [(self.clock.now(), self.checkers.status(self.checks[0].id))]
        while self.clock.now() < until:
            await self.time.advance(step)
            status = self.checkers.status(self.checks[0].id)
            if status is not changes[-1][1]:
                changes.append((self.clock.now(), status))
        return changes


def always(result: bool) -> Callable[[HealthCheck, int, float], bool]:
    return lambda _check, _checker, _now: result


@pytest.mark.parametrize("result", [True, False])
@pytest.mark.parametrize("threshold", [1, 3])
def test_there_is_no_status_until_the_last_checker_has_seen_threshold_equal_results(
    threshold: int, result: bool
) -> None:
    lab = Lab(replace(CHECK, failure_threshold=threshold), outcome=always(result))

    async def scenario() -> None:
        async with lab.running():
            last = (threshold - 1) * 30 + (COUNT - 1) * PHASE
            assert await lab.statuses(until=last + 60) == [(0.0, None), (last, result)]

    asyncio.run(scenario())


@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_the_status_flips_when_the_seventh_of_eight_checkers_has_seen_threshold_failures(threshold: int) -> None:
    """Of eight, two healthy checkers are more than 18 %, one is not."""
    down_from = 300.0
    lab = Lab(replace(CHECK, failure_threshold=threshold), outcome=lambda _check, _checker, now: now < down_from)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(down_from - PHASE)
            seventh = down_from + (threshold - 1) * 30 + 6 * PHASE
            assert await lab.statuses(until=down_from + 300) == [(down_from - PHASE, True), (seventh, False)]

    asyncio.run(scenario())


@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_the_status_recovers_when_the_second_of_eight_checkers_has_seen_threshold_successes(threshold: int) -> None:
    up_from = 300.0
    lab = Lab(replace(CHECK, failure_threshold=threshold), outcome=lambda _check, _checker, now: now >= up_from)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(up_from - PHASE)
            second = up_from + (threshold - 1) * 30 + PHASE
            assert await lab.statuses(until=up_from + 300) == [(up_from - PHASE, False), (second, True)]

    asyncio.run(scenario())


def test_failures_that_are_not_consecutive_flip_nothing() -> None:
    """Two of three fail, for ever."""
    lab = Lab(CHECK, outcome=lambda _check, _checker, now: now < 90 or now // 30 % 3 == 2)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(90)
            assert await lab.statuses(until=1_000) == [(90.0, True)]

    asyncio.run(scenario())


def test_failures_of_six_of_eight_checkers_flip_nothing() -> None:
    lab = Lab(CHECK, outcome=lambda _check, checker, _now: checker >= 6)

    async def scenario() -> None:
        async with lab.running():
            assert [status for _, status in await lab.statuses(until=600)] == [None, True]

    asyncio.run(scenario())


@given(st.data(), st.sampled_from([10, 30]), st.integers(1, 4))
@settings(max_examples=20)
def test_the_status_is_what_the_documented_rules_make_of_all_probes_so_far(
    data: st.DataObject, interval: int, threshold: int
) -> None:
    results: defaultdict[int, list[bool]] = defaultdict(list)
    outcomes = iter(data.draw(st.lists(st.booleans(), min_size=COUNT * 10, max_size=COUNT * 10)))

    def outcome(_check: HealthCheck, checker: int, _now: float) -> bool:
        results[checker].append(next(outcomes))
        return results[checker][-1]

    def verdict(of_one: list[bool]) -> bool | None:
        runs = [(result, len(list(run))) for result, run in groupby(of_one)]
        return next((result for result, length in reversed(runs) if length >= threshold), None)

    def expected() -> bool | None:
        verdicts = [verdict(results[checker]) for checker in range(COUNT)]
        if None in verdicts:
            return None
        return Fraction(verdicts.count(True), COUNT) > Fraction(18, 100)

    lab = Lab(replace(CHECK, request_interval_seconds=interval, failure_threshold=threshold), outcome=outcome)

    async def scenario() -> None:
        async with lab.running():
            for _ in range(COUNT * 10 - 1):
                assert lab.checkers.status("web") is expected()
                await lab.time.advance(interval / COUNT)

    asyncio.run(scenario())


def test_the_checkers_of_all_regions_ask_once_per_interval_evenly_spread() -> None:
    lab = Lab(CHECK, outcome=always(True))

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(59.999)

    asyncio.run(scenario())
    assert lab.started["web"] == [(turn * 30 + number * PHASE, number) for turn in range(2) for number in range(COUNT)]


def test_only_the_regions_that_are_named_ask() -> None:
    regions = ("us-east-1", "eu-west-1", "sa-east-1")
    lab = Lab(replace(CHECK, regions=regions), outcome=always(True))

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(29)
            observations = lab.checkers.observations("web")
            assert observations is not None
            assert tuple(observation.region for observation in observations) == regions

    asyncio.run(scenario())
    assert len(lab.started["web"]) == len(regions)


def test_the_checkers_of_a_region_that_is_cut_off_meet_an_empty_network_until_it_is_fixed() -> None:
    lab = Lab(CHECK, outcome=always(True))
    lab.checkers.cut_region(CHECKER_REGIONS[2])

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(30)
            lab.checkers.restore_regions()
            await lab.time.advance(30)

    asyncio.run(scenario())
    assert [
        number for number, network in zip(range(COUNT), lab.networks["web"], strict=False) if network is NOWHERE
    ] == [2]
    assert NOWHERE not in lab.networks["web"][COUNT:]


def test_a_region_without_checkers_cannot_be_cut_off() -> None:
    with pytest.raises(ValueError, match=r"'eu-central-1' has no health checkers; regions that have some: us-east-1"):
        Lab(CHECK, outcome=always(True)).checkers.cut_region("eu-central-1")


def test_an_observation_shows_who_saw_what_and_when() -> None:
    lab = Lab(CHECK, outcome=lambda _check, checker, _now: checker != 1)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(30)
            observations = lab.checkers.observations("web")
            assert observations is not None
            assert [observation.region for observation in observations] == list(CHECKER_REGIONS)
            assert [observation.healthy for observation in observations] == [True, False] + [True] * 6
            assert [observation.checked_at for observation in observations] == [
                30,
                *(number * PHASE for number in range(1, COUNT)),
            ]
            assert {observation.reason for observation in observations} == {"as the test decided"}
            assert len({observation.checker for observation in observations}) == COUNT

    asyncio.run(scenario())


def test_a_checker_that_hangs_delays_no_other() -> None:
    lab = Lab(CHECK, outcome=lambda _check, checker, _now: 1e9 if checker == 2 else True)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(89.999)

    asyncio.run(scenario())
    others = [number for number in range(COUNT) if number != 2]
    assert [start for start in lab.started["web"] if start[1] != 2] == [
        (turn * 30 + other * PHASE, other) for turn in range(3) for other in others
    ]
    assert [start for start in lab.started["web"] if start[1] == 2] == [(2 * PHASE, 2)]


def test_a_health_check_that_hangs_delays_no_other() -> None:
    other = replace(CHECK, id="api")
    lab = Lab(CHECK, other, outcome=lambda check, _checker, _now: 1e9 if check.id == "web" else True)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(89.999)
            assert lab.checkers.status("web") is None
            assert lab.checkers.status("api") is True

    asyncio.run(scenario())
    assert len(lab.started["api"]) == 3 * COUNT


def test_a_checker_that_was_held_up_goes_on_at_its_pace_without_a_burst() -> None:
    lab = Lab(replace(CHECK, regions=("us-east-1",)), outcome=lambda _check, _checker, now: 95.0 if now == 0 else True)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(200)

    asyncio.run(scenario())
    assert [start for start, _ in lab.started["web"]] == [0, 95, 125, 155, 185]


def test_a_changed_configuration_begins_anew() -> None:
    lab = Lab(replace(CHECK, failure_threshold=1), outcome=lambda check, _checker, _now: check.resource_path == "/")

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(30)
            assert lab.checkers.status("web") is True
            lab.checks[0] = replace(lab.checks[0], resource_path="/health")
            await lab.time.advance(0)
            assert lab.checkers.status("web") is None
            await lab.time.advance(30)
            assert lab.checkers.status("web") is False

    asyncio.run(scenario())


def test_nobody_asks_with_the_old_configuration_any_more() -> None:
    queries: list[str] = []

    def outcome(check: HealthCheck, _checker: int, _now: float) -> bool:
        queries.append(check.resource_path)
        return True

    lab = Lab(CHECK, outcome=outcome)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(30)
            lab.checks[0] = replace(CHECK, resource_path="/health")
            await lab.time.advance(0)
            queries.clear()
            await lab.time.advance(60)

    asyncio.run(scenario())
    assert set(queries) == {"/health"}


def test_an_unchanged_configuration_goes_on_though_others_change() -> None:
    lab = Lab(replace(CHECK, failure_threshold=1), replace(CHECK, id="api"), outcome=always(True))

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(30)
            lab.checks[1] = replace(CHECK, id="api", resource_path="/health")
            lab.checks.append(replace(CHECK, id="mail"))
            lab.checks[0] = replace(lab.checks[0])
            await lab.time.advance(0)
            assert lab.checkers.status("web") is True
            assert [check["id"] for check in lab.checkers.describe()] == ["api", "mail", "web"]

    asyncio.run(scenario())


def test_a_deleted_health_check_is_asked_no_more_and_fails_nothing_over() -> None:
    lab = Lab(CHECK, outcome=always(False))

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(100)
            assert lab.checkers.healthy("web") is False
            lab.checks.clear()
            await lab.time.advance(0)
            lab.started.clear()
            await lab.time.advance(60)
            assert lab.checkers.describe() == []
            assert lab.checkers.status("web") is None
            assert lab.checkers.observations("web") is None
            assert lab.checkers.healthy("web") is True
            assert not lab.started

    asyncio.run(scenario())


def test_dns_takes_a_check_without_data_for_healthy_and_an_inverted_one_for_unhealthy() -> None:
    lab = Lab(CHECK, replace(CHECK, id="switch", inverted=True), outcome=always(True))

    async def scenario() -> None:
        async with lab.running():
            assert lab.checkers.healthy("web") is True
            assert lab.checkers.healthy("switch") is False

    asyncio.run(scenario())


def test_an_inverted_check_is_unhealthy_even_before_it_is_watched() -> None:
    lab = Lab(replace(CHECK, id="switch", inverted=True), CHECK, outcome=always(True))
    assert lab.checkers.healthy("switch") is False
    assert lab.checkers.healthy("web") is True


def test_an_inverted_check_is_unhealthy_while_its_endpoint_answers() -> None:
    lab = Lab(replace(CHECK, inverted=True), outcome=lambda _check, _checker, now: now < 300)

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(299)
            assert lab.checkers.healthy("web") is False
            await lab.time.advance(100)
            assert lab.checkers.healthy("web") is True

    asyncio.run(scenario())


def test_a_disabled_check_is_healthy_and_asks_nobody() -> None:
    lab = Lab(replace(CHECK, disabled=True), outcome=always(False))

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(300)
            assert lab.checkers.status("web") is True
            assert not lab.started

    asyncio.run(scenario())


def test_a_calculated_check_follows_its_children() -> None:
    both = HealthCheck("both", "CALCULATED", child_health_checks=("web", "switch"), health_threshold=2)
    switch = replace(CHECK, id="switch", inverted=True)
    pulled_at, fixed_at = 300, 600
    lab = Lab(
        both,
        CHECK,
        switch,
        outcome=lambda check, _checker, now: check.id == "web" or pulled_at <= now < fixed_at,
    )

    async def scenario() -> None:
        async with lab.running():
            statuses = await lab.statuses(until=900)
            assert [status for _, status in statuses][-3:] == [True, False, True]
            at = [when for when, _ in statuses][-3:]
            assert at[1] == pulled_at + 60 + PHASE, "inverted: two of eight that find it are enough"
            assert at[2] == fixed_at + 60 + 6 * PHASE

    asyncio.run(scenario())


def test_a_calculated_check_of_a_calculated_check_has_no_data() -> None:
    inner = HealthCheck("inner", "CALCULATED", child_health_checks=("web",), health_threshold=1)
    outer = HealthCheck("outer", "CALCULATED", child_health_checks=("inner",), health_threshold=1)
    lab = Lab(outer, inner, replace(CHECK, failure_threshold=1), outcome=always(True))

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(300)
            assert lab.checkers.status("inner") is True
            assert lab.checkers.status("outer") is None

    asyncio.run(scenario())


def test_a_calculated_check_that_names_itself_has_no_data() -> None:
    lab = Lab(
        HealthCheck("self", "CALCULATED", child_health_checks=("self",), health_threshold=1), outcome=always(True)
    )

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(60)
            assert lab.checkers.status("self") is None

    asyncio.run(scenario())


def test_nothing_is_left_running_after_cancel() -> None:
    lab = Lab(
        CHECK,
        replace(CHECK, id="hanging"),
        outcome=lambda check, _checker, _now: 1e9 if check.id == "hanging" else True,
    )

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(60)
            assert len(asyncio.all_tasks()) > 2 * COUNT
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())
