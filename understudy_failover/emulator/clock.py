"""Emulated time: health checkers, TTLs and waits of the embedded AWS can run faster than real time.

A clock maps the time of a source to emulated Unix time: `rate` emulated seconds pass per second of the source. In the
embedded AWS, and in the process that uses it, the source is `paced_time.PacedTime`, which slows down with the machine.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol


class TimeSource(Protocol):
    """The source of a clock's real time; `sleep` blocks by `wait`."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class SystemTime:
    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None:
        wait(max(seconds, 0))

    async def async_sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))


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
            raise ValueError(f"the clock's rate is {rate}; write a number above 0, such as 1 or 10")
        self.rate = rate
        self._source: TimeSource = source or SystemTime()
        self.origin = origin or (time.time(), self._source.monotonic())

    def now(self) -> float:
        started_at, monotonic_then = self.origin
        return started_at + (self._source.monotonic() - monotonic_then) * self.rate

    def real(self, seconds: float) -> float:
        """Return the real seconds that `seconds` emulated ones take at least."""
        return seconds / self.rate

    def sleep(self, seconds: float, wait: Callable[[float], None] = time.sleep) -> None:
        """Block the calling thread; `wait` blocks it for real seconds."""
        self._source.sleep(self.real(seconds), wait)

    async def async_sleep(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        await self._source.async_sleep(self.real(seconds))

    @contextlib.asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """Limit the duration of the `async with` block. Raise TimeoutError: it took longer."""
        async with asyncio.timeout(None) as scope:
            timer = asyncio.create_task(self._expire(scope, seconds))
            try:
                yield
            finally:
                timer.cancel()

    async def _expire(self, scope: asyncio.Timeout, seconds: float) -> None:
        await self.async_sleep(seconds)
        scope.reschedule(asyncio.get_running_loop().time())
