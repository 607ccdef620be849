"""Virtual time that passes only in waits: an event loop for simulations without sockets."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


class _Selector(selectors.SelectSelector):
    """Moves the loop's time forward instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("deadlock: every task waits for another")
            self.now_seconds += max(timeout, 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers expire at once, in order."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_seconds


class VirtualTime:
    """A `TimeSource` of the emulator's clock: the time of the running loop."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def sleep(self, seconds: float, _wait: object = None) -> None:
        raise RuntimeError(f"a call blocks the loop for {seconds} s")

    async def async_sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))


def run(main: Coroutine[Any, Any, Value]) -> Value:
    """Run `main` in virtual time; return its result."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
