"""The pacemaker with a lag that the test decides, on real time that the test moves; nothing here waits."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.paced_time import (
    CHECK_SECONDS,
    GRANT_SECONDS,
    LEAST_SHARE,
    STALLED_SECONDS,
    SURE_SHARE,
    TICK_SECONDS,
    WINDOW_SECONDS,
    MachineTooSlowError,
    Pace,
    PacedTime,
    Pacemaker,
    RunQueue,
)
from understudy_failover.emulator.time_page import Page


class World:
    """A pacemaker, a reader in another process (with its own mapping of the page), and real time."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000.0
        self.lag = 0.0
        self.page = Page(folder / "clock")
        self.pacemaker = Pacemaker(self.page, self._lag, lambda: self.now)
        self.other = Page(folder / "clock")
        self.time = PacedTime(self.other, lambda: self.now)
        self.began_at = self.time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds that readers have seen pass."""
        return self.time.monotonic() - self.began_at

    def tick(self, seconds: float = TICK_SECONDS, *, lag: float = 0.0) -> None:
        """Real time passes, in which this process lagged; then the pacemaker ticks."""
        self.now += seconds
        self.lag = lag
        self.pacemaker.tick()

    def _lag(self) -> float:
        lag, self.lag = self.lag, 0.0
        return lag


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_on_a_machine_that_keeps_up_it_is_real_time(world: World) -> None:
    for _ in range(50):
        world.tick()
    assert world.passed == pytest.approx(50 * TICK_SECONDS)


def test_between_ticks_it_passes_as_real_time_does(world: World) -> None:
    world.now += TICK_SECONDS / 2
    assert world.passed == pytest.approx(TICK_SECONDS / 2)


def test_a_pacemaker_that_stalls_stops_time_for_everybody(world: World) -> None:
    world.now += 3_600
    assert world.passed == pytest.approx(GRANT_SECONDS)
    world.tick(0)
    assert world.passed == pytest.approx(GRANT_SECONDS), "what was not granted is never made up for"
    world.tick()
    assert world.passed == pytest.approx(GRANT_SECONDS + TICK_SECONDS)


def test_what_threads_waited_for_a_processor_is_taken_off_the_next_tick(world: World) -> None:
    world.tick(lag=TICK_SECONDS / 2)
    world.tick()
    assert world.passed == pytest.approx(TICK_SECONDS + GRANT_SECONDS - TICK_SECONDS / 2)


def test_a_wait_that_already_made_the_pacemaker_late_counts_once(world: World) -> None:
    world.tick(10 * TICK_SECONDS, lag=10 * TICK_SECONDS - GRANT_SECONDS)
    world.tick()
    assert world.passed == pytest.approx(GRANT_SECONDS + TICK_SECONDS)


def test_waits_beyond_a_tick_are_no_debt_for_later(world: World) -> None:
    world.tick(lag=3_600)
    world.tick()
    world.tick()
    assert world.passed == pytest.approx(2 * TICK_SECONDS)


def test_the_other_process_is_part_of_it_from_its_first_beat(world: World) -> None:
    world.other.beat(world.now, 0.0)
    world.tick(STALLED_SECONDS * 1.1)
    before = world.passed
    for _ in range(10):
        world.tick()
    assert world.passed == before, "it does not beat"
    world.other.beat(world.now, 0.0)
    world.tick()
    world.tick()
    assert world.passed == pytest.approx(before + TICK_SECONDS)


def test_the_lag_of_the_other_process_counts_once(world: World) -> None:
    world.other.beat(world.now, 5.0)
    world.tick()
    for _ in range(3):
        world.other.beat(world.now, 5.0)
        world.tick()
    assert world.passed == pytest.approx(3 * TICK_SECONDS)


def test_time_stands_still_while_it_is_held(world: World) -> None:
    with world.pacemaker.hold():
        world.tick()
        before = world.passed
        world.tick()
        assert world.passed == before
    world.tick()
    world.tick()
    assert world.passed == pytest.approx(before + TICK_SECONDS)
    assert world.page.granted()[3] == pytest.approx(2 * TICK_SECONDS)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2), st.booleans()), max_size=50))
def test_it_never_goes_back_and_never_faster_than_real_time(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, float, bool]]
) -> None:
    world = World(tmp_path_factory.mktemp("page"))
    observations = world.passed
    for seconds, lag, beats in steps:
        before = world.now
        world.now += seconds
        now = world.passed
        assert observations <= now <= observations + world.now - before + 1e-9
        world.tick(0, lag=lag)
        assert world.passed == pytest.approx(now)
        observations = now
        if beats:
            world.other.beat(world.now, 0.0)


def test_a_sleeper_waits_until_so_much_is_granted_however_long_that_takes(world: World) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        world.tick(max(seconds, TICK_SECONDS), lag=TICK_SECONDS)

    Clock(10, source=world.time).sleep(5, wait)
    assert world.passed == pytest.approx(0.5, abs=2 * GRANT_SECONDS)
    assert len(waits) > 10, "half of each tick is not granted"


def test_a_sleeper_beside_others_does_so_too(world: World) -> None:
    async def scenario() -> None:
        sleeper = asyncio.create_task(world.time.async_sleep(0.05))
        world.now += 3_600
        await asyncio.sleep(0.1)
        assert not sleeper.done(), "the pacemaker stalls"
        while not sleeper.done():
            world.tick()
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)

    asyncio.run(scenario())


def test_a_sleeper_asks_whether_time_can_pass_at_all(world: World) -> None:
    def stop() -> None:
        raise MachineTooSlowError("too slow")

    with pytest.raises(MachineTooSlowError):
        PacedTime(world.other, lambda: world.now, stop).sleep(1, lambda _: None)


def test_a_sleeper_asks_again_every_second_of_a_long_sleep(world: World) -> None:
    waits: list[float] = []

    def stop_after_three() -> None:
        if len(waits) > 3:
            raise MachineTooSlowError

    with pytest.raises(MachineTooSlowError):
        PacedTime(world.other, lambda: world.now, stop_after_three).sleep(3_600, waits.append)
    assert max(waits) <= CHECK_SECONDS


def test_a_reader_never_sees_half_a_grant(world: World) -> None:
    """As when the pacemaker is at work while the reader reads: it reads again."""
    reads = iter([1, 2, 2, 4, 4, 4])
    sequence = world.other.granted.__globals__["_SEQUENCE"]

    class Changing:
        size = sequence.size

        def unpack_from(self, *_: object) -> tuple[int]:
            return (next(reads),)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(world.other.granted.__globals__, "_SEQUENCE", Changing())
        world.other.granted()
    assert list(reads) == [], "odd: being written; 2 and 4: written meanwhile"


def _noted(share: float, seconds: float, hold: Callable[[float], float] = lambda _: 0.0) -> Pace:
    pace = Pace()
    for tick in range(int(seconds / TICK_SECONDS)):
        now = tick * TICK_SECONDS
        pace.note(now, now * share, hold(now))
    return pace


def test_a_window_in_which_hardly_any_time_passes_is_too_slow() -> None:
    pace = _noted(LEAST_SHARE * 0.9, WINDOW_SECONDS * 1.5)
    with pytest.raises(MachineTooSlowError, match="could not keep up"):
        pace.check()


def test_less_than_a_window_decides_nothing() -> None:
    _noted(0.0, WINDOW_SECONDS * 0.9).check()


def test_between_the_two_it_goes_on_and_failures_do_not_count() -> None:
    pace = _noted((LEAST_SHARE + SURE_SHARE) / 2, WINDOW_SECONDS * 1.5)
    pace.check()
    with pytest.raises(MachineTooSlowError):
        pace.check_all()


def test_a_slow_window_is_not_forgotten_where_failures_are_judged() -> None:
    pace = _noted(0.0, WINDOW_SECONDS * 1.1)
    for tick in range(int(2 * WINDOW_SECONDS / TICK_SECONDS)):
        passed = tick * TICK_SECONDS
        pace.note(2 * WINDOW_SECONDS + passed, passed, 0.0)
    pace.check()
    with pytest.raises(MachineTooSlowError):
        pace.check_all()


def test_time_that_is_held_is_no_sign_of_a_slow_machine() -> None:
    pace = _noted(0.5, WINDOW_SECONDS * 5, lambda now: now / 2)
    pace.check_all()


def test_the_run_queue_answers_seconds_of_this_process() -> None:
    queue = RunQueue()
    assert 0 <= queue.seconds() < 3_600
