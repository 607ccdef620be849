"""Signals that end a program, handled where it is safe to stop."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):  # noqa: N818 (no error)
    """A signal asks the program to end."""


class Interruption:
    """The signals that end a program, caught for the length of a `with` block.

    KeyboardInterrupt, raised between any two instructions, can leave the lock of a thread pool locked for ever, and can
    interrupt the clean-up.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._group: int | None = None

    def __enter__(self) -> Self:
        # Any thread can get a signal; Python's handler then waits for the main thread, which may wait for ever.
        os.set_blocking(self._writer, False)
        self._earlier_fd = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._earlier = {number: signal.signal(number, self._pass_on) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._earlier_fd)
        os.close(self._reader)
        os.close(self._writer)

    def sleep(self, seconds: float | None) -> None:
        """Wait, or for ever; raise Interrupted as soon as a signal has come."""
        # The byte stays in the pipe: every later call raises, too.
        if select.select([self._reader], [], [], seconds)[0]:
            raise Interrupted

    @contextmanager
    def of_group(self, group: int) -> Iterator[None]:
        """Pass signals on to this process group; raise Interrupted after a signal."""
        self._group = group
        try:
            self.sleep(0)
            yield
            self.sleep(0)
        finally:
            self._group = None

    def _pass_on(self, *_: object) -> None:
        if self._group is not None:
            with suppress(ProcessLookupError, PermissionError):  # has ended by itself
                os.killpg(self._group, signal.SIGTERM)


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None: ...


class SystemClock:
    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None:
        wait(seconds)


class InterruptibleClock:
    """A `clock` whose sleeps end with an interruption."""

    def __init__(self, clock: Clock, interruption: Interruption) -> None:
        self._clock = clock
        self._interruption = interruption

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait for as many seconds of the clock; raise Interrupted."""
        self._clock.sleep(seconds, self._interruption.sleep)
