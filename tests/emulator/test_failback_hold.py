"""The fail-back hold with real checkers and a clock that the test moves: what DNS goes by, minute by minute.

The checks, alarm and calculated check are those of stacks/: tests/stacks/test_failback_hold.py compares.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.emulator.manual_time import ManualTime
from understudy_failover.emulator import health_checkers
from understudy_failover.emulator.alarm_rules import State
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.health_checkers import HealthCheckers
from understudy_failover.emulator.model import Alarm, HealthCheck, Metric, Sample
from understudy_failover.emulator.monitoring import Monitoring
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.probe import Result

HOLD_MINUTES = 3
START = 600.0
"""The server has been healthy for ten minutes then."""
METRIC = Metric("AWS/Route53", "HealthCheckStatus", frozenset({("HealthCheckId", "web")}))
DOWN = Alarm(
    "down",
    {"m": (METRIC, "Minimum")},
    "m",
    60 * (HOLD_MINUTES + 1),
    1,
    1.0,
    "LessThanThreshold",
    "notBreaching",
)
WEB = HealthCheck("web", "HTTPS", ip_address="203.0.113.10", port=443, request_interval_seconds=10, failure_threshold=1)
SWITCH = HealthCheck(
    "switch", "HTTPS", ip_address="198.51.100.10", port=443, request_interval_seconds=10, failure_threshold=1,
    inverted=True,
)  # fmt: skip
HOLD = HealthCheck("hold", "CLOUDWATCH_METRIC", alarm_name="down", insufficient_data_status="Healthy")
STAGE = HealthCheck("stage", "CALCULATED", child_health_checks=("web", "switch", "hold"), health_threshold=3)

Outcome = Callable[[float], bool]


class Memory:
    """CloudWatch's store; with `deaf` nothing arrives there."""

    def __init__(self) -> None:
        self.kept: dict[Metric, list[Sample]] = {}
        self.states: dict[str, str] = {"down": "INSUFFICIENT_DATA"}
        self.deaf = False

    def publish(self, metric: Metric, value: float, unit: str, at: float) -> None:
        if not self.deaf:
            self.kept.setdefault(metric, []).append(Sample(at, 1, value, value, value))

    def samples(self, metric: Metric) -> list[Sample]:
        return self.kept.get(metric, [])

    def alarms(self) -> tuple[Alarm, ...]:
        return (DOWN,)

    def alarm_state(self, name: str) -> str | None:
        return self.states[name]

    def set_alarm_state(self, name: str, state: str, reason: str) -> None:
        self.states[name] = state


class Lab:
    """`works(now)`: whether the server answers; `switched(now)`: whether the switch object exists."""

    def __init__(self, works: Outcome, switched: Outcome = lambda _: False) -> None:
        self.time = ManualTime()
        self.clock = Clock(1, (0.0, 0.0), source=self.time)
        self.cloudwatch = Memory()
        self._answers = {"web": works, "switch": switched}
        self.checkers = HealthCheckers(
            lambda: [WEB, SWITCH, HOLD, STAGE],
            Network(),
            self.clock,
            metric_status=lambda check: self.monitoring.status(check),  # noqa: PLW0108 (made below)
        )
        self.monitoring = Monitoring(self.cloudwatch, self.clock, self.checkers.readings)

    async def probe(self, check: HealthCheck, network: Network, clock: Clock) -> Result:
        return Result(self._answers[check.id](clock.now()), "as the test decided")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(health_checkers, "probe", self.probe)
            tasks = [asyncio.create_task(part.run()) for part in (self.checkers, self.monitoring)]
            try:
                await self.time.advance(0)
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def changes(self, until: float) -> list[tuple[float, bool]]:
        """(time, whether clients are on the server) from START on whenever that changes, second by second."""

        async def scenario() -> list[tuple[float, bool]]:
            results: list[tuple[float, bool]] = []
            async with self.running():
                await self.time.advance(START)
                while self.clock.now() < until:
                    await self.time.advance(1)
                    healthy = self.checkers.healthy("stage")
                    if not results or results[-1][1] is not healthy:
                        results.append((self.clock.now(), healthy))
            return results

        return asyncio.run(scenario())


def outage(begin: float, end: float) -> Outcome:
    return lambda now: not begin <= now < end


@pytest.mark.parametrize("offset", [0, 1, 17, 30, 59])
def test_after_an_outage_the_page_stays_until_the_server_has_been_healthy_for_the_hold(offset: int) -> None:
    begin = START + 60 + offset
    end = begin + 150
    (_, first), (left, _), (back, last) = Lab(outage(begin, end)).changes(until=end + 600)
    assert (first, last) == (True, True)
    assert left - begin <= 11, "detection is as fast as without a hold"
    recovered = end + 10  # the second of the checkers has noticed by then
    assert recovered + 60 * HOLD_MINUTES - 10 <= back <= recovered + 60 * (HOLD_MINUTES + 2)


def test_a_server_that_comes_and_goes_moves_dns_once_and_not_back_while_it_does() -> None:
    """Up 20 s, down 20 s for twenty minutes. In the first minute the hold has no data yet, and DNS follows."""
    begin, end = START + 60, START + 60 + 1_200
    lab = Lab(lambda now: not (begin <= now < end and (now - begin) % 40 < 20))
    changes = lab.changes(until=end + 600)
    while_flapping = [at for at, _ in changes if begin + 90 < at <= end]
    assert while_flapping == []
    assert changes[-1][1], "in the end it is back"
    assert end + 60 * HOLD_MINUTES - 60 <= changes[-1][0] <= end + 60 * (HOLD_MINUTES + 2) + 20


def test_without_a_hold_such_a_server_takes_its_clients_to_and_fro(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = HealthCheck("stage", "CALCULATED", child_health_checks=("web", "switch"), health_threshold=2)
    monkeypatch.setitem(globals(), "STAGE", bare)
    begin, end = START + 60, START + 60 + 1_200
    changes = Lab(lambda now: not (begin <= now < end and (now - begin) % 40 < 20)).changes(until=end + 60)
    assert len(changes) > 50


def test_turning_a_switch_off_is_not_held_while_the_server_works() -> None:
    on, off = START + 60, START + 360
    changes = Lab(lambda _: True, lambda now: on <= now < off).changes(until=off + 600)
    (_, first), (left, _), (back, last) = changes
    assert (first, last) == (True, True)
    assert left - on <= 11
    assert back - off <= 11


def test_turning_it_off_is_held_where_the_server_was_down_meanwhile() -> None:
    on, off = START + 60, START + 360
    lab = Lab(outage(off - 120, off - 30), lambda now: on <= now < off)
    (_, _), (_, _), (back, _) = lab.changes(until=off + 600)
    assert back >= off - 30 + 60 * HOLD_MINUTES


def test_without_data_nobody_is_held() -> None:
    begin, end = START + 60, START + 240
    lab = Lab(outage(begin, end))
    lab.cloudwatch.deaf = True
    (_, _), (left, _), (back, _) = lab.changes(until=end + 300)
    assert left - begin <= 11
    assert back - end <= 11


def test_data_that_cease_to_come_let_go_when_the_window_has_passed() -> None:
    begin, end = START + 60, START + 240
    lab = Lab(outage(begin, end))

    def works(now: float) -> bool:
        lab.cloudwatch.deaf = now >= end
        return not begin <= now < end

    lab._answers["web"] = works
    (_, _), (_, _), (back, last) = lab.changes(until=end + 900)
    assert last
    assert back <= end + 60 * (HOLD_MINUTES + 2)


def test_the_alarm_says_what_the_check_says() -> None:
    lab = Lab(outage(START + 60, START + 240))
    states: list[State | str] = []

    async def scenario() -> None:
        async with lab.running():
            await lab.time.advance(START)
            for _ in range(15):
                await lab.time.advance(60)
                states.append(lab.cloudwatch.states["down"])
                assert (lab.cloudwatch.states["down"] == "OK") == lab.checkers.healthy("hold")

    asyncio.run(scenario())
    assert states[0] == states[-1] == "OK"
    assert "ALARM" in states
