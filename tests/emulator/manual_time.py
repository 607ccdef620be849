"""A source of time for tests of timing, which need not wait."""

import asyncio
import heapq
import itertools


class ManualTime:
    """Time that passes only by `advance`: tests of timing need not wait.

    `advance` wakes sleepers in the order of their deadlines and lets each of them run until it sleeps again.
    """

    _LOOP_TURNS = 20
    """More than any chain of awaits without a sleep between a wake-up and the next sleep."""

    def __init__(self) -> None:
        self._now_seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        return self._now_seconds

    def sleep(self, seconds: float, _wait: object = None) -> None:
        self._now_seconds += max(seconds, 0)

    async def async_sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_seconds + seconds, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move time forward by `seconds`, real ones for the clock that uses this source."""
        target = self._now_seconds + seconds
        await self._run_tasks()
        while self._sleepers and self._sleepers[0][0] <= target:
            deadline, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._now_seconds = deadline
                future.set_result(None)
                await self._run_tasks()
        self._now_seconds = target
        await self._run_tasks()

    async def _run_tasks(self) -> None:
        for _ in range(self._LOOP_TURNS):
            await asyncio.sleep(0)
