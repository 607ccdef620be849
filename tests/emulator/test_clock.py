import asyncio
import time

import pytest
from hypothesis import given, strategies as st

from tests.emulator.manual_time import ManualTime
from understudy_failover.emulator.clock import Clock

RATES = st.floats(0.01, 1_000)
STARTED_AT = 1_800_000_000.0


@given(RATES, st.integers(0, 100_000))
def test_rate_emulated_seconds_pass_per_real_second(rate: float, seconds: int) -> None:
    source = ManualTime()
    clock = Clock(rate, (STARTED_AT, 0.0), source=source)
    source.sleep(seconds)
    assert clock.now() == pytest.approx(STARTED_AT + seconds * rate)


def test_a_clock_starts_at_the_present() -> None:
    before = time.time()
    now = Clock(source=ManualTime()).now()
    assert before <= now <= time.time()


def test_a_clock_with_anothers_origin_reads_the_same_time() -> None:
    source = ManualTime()
    instance = Clock(10, source=source)
    source.sleep(7)
    other = Clock(10, instance.origin, source=source)
    source.sleep(5)
    assert other.now() == instance.now()


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_no_number_above_0_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="write a number above 0"):
        Clock(rate)


def test_a_limit_ends_its_block_when_so_many_emulated_seconds_have_passed() -> None:
    async def scenario() -> list[str]:
        source = ManualTime()
        clock = Clock(10, source=source)
        results: list[str] = []

        async def limited(name: str, work_seconds: float) -> None:
            try:
                async with clock.limit(4):
                    await clock.async_sleep(work_seconds)
                results.append(f"{name} done")
            except TimeoutError:
                results.append(f"{name} timed out")

        tasks = [asyncio.create_task(limited("quick", 3.9)), asyncio.create_task(limited("slow", 4.1))]
        await source.advance(0.39)
        assert results == ["quick done"]
        await source.advance(0.01)
        await asyncio.gather(*tasks)
        return results

    assert asyncio.run(scenario()) == ["quick done", "slow timed out"]


def test_a_limit_leaves_no_task_behind() -> None:
    async def scenario() -> int:
        async with Clock(source=ManualTime()).limit(4):
            pass
        await asyncio.sleep(0)
        return len(asyncio.all_tasks())

    assert asyncio.run(scenario()) == 1


def test_a_blocking_sleep_lasts_its_emulated_seconds() -> None:
    clock = Clock(10, source=ManualTime())
    before = clock.now()
    clock.sleep(30)
    assert clock.now() - before == pytest.approx(30)


def test_manual_time_wakes_sleepers_in_the_order_of_their_deadlines_each_at_its_own() -> None:
    async def scenario() -> list[tuple[str, float]]:
        source = ManualTime()
        clock = Clock(1, (0.0, 0.0), source=source)
        woken: list[tuple[str, float]] = []

        async def sleeper(name: str, seconds: float) -> None:
            while True:
                await clock.async_sleep(seconds)
                woken.append((name, clock.now()))

        tasks = [asyncio.create_task(sleeper("three", 3)), asyncio.create_task(sleeper("two", 2))]
        await source.advance(6)
        for task in tasks:
            task.cancel()
        return woken

    assert asyncio.run(scenario()) == [("two", 2), ("three", 3), ("two", 4), ("three", 6), ("two", 6)]


def test_manual_time_stands_still_until_it_is_moved() -> None:
    async def scenario() -> None:
        source = ManualTime()
        task = asyncio.create_task(source.async_sleep(1))
        await source.advance(0.999)
        assert not task.done()
        await source.advance(0.001)
        assert task.done()

    asyncio.run(scenario())
