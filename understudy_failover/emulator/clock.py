"""Emulated time: health checkers, TTLs and waits of the embedded AWS can run faster than real time.

A clock maps the machine's monotonic time to emulated Unix time: `rate` emulated seconds pass per real
second. Its `origin` lets another process of the same machine read the same emulated time, because the
monotonic clock is the machine's own (Linux CLOCK_MONOTONIC, macOS mach_absolute_time).
"""

import asyncio
import heapq
import itertools
import math
import time
from typing import Protocol

MINIMUM_LIMIT_SECONDS = 0.5
"""Real seconds that a network limit lasts at least, at any rate.

At rate 10 AWS's two seconds for an answer are 0.2 real seconds. On two cores that also run a deploy, a
healthy server misses that now and then, and a rehearsal would see a failover that nobody caused. Half a
second is well beyond what the scheduler delays a runnable process, and at rate 10 still within the
4 s + 2 s that AWS gives connection and answer together. At rates up to 4 nothing is stretched.
"""


class TimeSource(Protocol):
    """Where a clock takes real time from."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class SystemTime:
    """The machine's own time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0))

    async def async_sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))


class ManualTime:
    """Time that stands still until it is moved: tests of timing need not wait.

    `advance` wakes sleepers in the order of their deadlines and lets each of them run until it sleeps again.
    """

    _TURNS_OF_THE_LOOP = 20
    """More than any chain of awaits without a sleep between a wake-up and the next sleep."""

    def __init__(self) -> None:
        self._now_seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        return self._now_seconds

    def sleep(self, seconds: float) -> None:
        self._now_seconds += max(seconds, 0)

    async def async_sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_seconds + seconds, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Moves time by `seconds` (real ones, in the sense of the clock that uses this source)."""
        target = self._now_seconds + seconds
        await self._let_everybody_run()
        while self._sleepers and self._sleepers[0][0] <= target:
            deadline, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._now_seconds = deadline
                future.set_result(None)
                await self._let_everybody_run()
        self._now_seconds = target
        await self._let_everybody_run()

    async def _let_everybody_run(self) -> None:
        for _ in range(self._TURNS_OF_THE_LOOP):
            await asyncio.sleep(0)


class Clock:
    """Emulated time at `rate` emulated seconds per real second.

    `origin` is (emulated Unix seconds, monotonic seconds of the same instant), JSON-able; without it the
    clock starts now. Every argument of a method is in emulated seconds.
    """

    def __init__(
        self,
        rate: float = 1.0,
        origin: tuple[float, float] | None = None,
        *,
        source: TimeSource | None = None,
    ) -> None:
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"the clock's rate is {rate}; it has to be a number above 0, such as 1 or 10")
        self.rate = rate
        self._source: TimeSource = source or SystemTime()
        self.origin = origin or (time.time(), self._source.monotonic())

    def now(self) -> float:
        """Emulated Unix time in seconds."""
        started_at, monotonic_then = self.origin
        return started_at + (self._source.monotonic() - monotonic_then) * self.rate

    def real(self, seconds: float) -> float:
        """Real seconds that `seconds` emulated ones last."""
        return seconds / self.rate

    def limit(self, seconds: float) -> float:
        """Real seconds after which a network operation has timed out: never below MINIMUM_LIMIT_SECONDS."""
        return max(self.real(seconds), min(seconds, MINIMUM_LIMIT_SECONDS))

    def sleep(self, seconds: float) -> None:
        """Blocks the calling thread."""
        self._source.sleep(self.real(seconds))

    async def async_sleep(self, seconds: float) -> None:
        await self._source.async_sleep(self.real(seconds))
