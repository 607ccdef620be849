"""Ctrl-C and its relatives, noticed where it is safe to stop."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):  # noqa: N818 (no error)
    """Somebody wants what is under way to end."""


class Interruption:
    """Takes the signals that end a program for the length of a `with` block.

    Not KeyboardInterrupt: raised between any two instructions, it can leave a lock inside a thread pool held
    for ever, and can break off the very clean-up that it is to cause.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._group: int | None = None

    def __enter__(self) -> Self:
        self._earlier = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def sleep(self, seconds: float | None) -> None:
        """Waits, or for ever; raises Interrupted as soon as a signal has come."""
        # What is in the pipe stays there: every later call raises, too.
        if select.select([self._reader], [], [], seconds)[0]:
            raise Interrupted

    @contextmanager
    def of_group(self, group: int) -> Iterator[None]:
        """Lets a signal end this process group as well, and raises Interrupted when that has happened."""
        self._group = group
        try:
            self.sleep(0)
            yield
            self.sleep(0)
        finally:
            self._group = None

    def _note(self, *_: object) -> None:
        os.write(self._writer, b".")
        if self._group is not None:
            with suppress(ProcessLookupError, PermissionError):  # has ended by itself
                os.killpg(self._group, signal.SIGTERM)


class Clock(Protocol):
    """Time, maybe emulated."""

    def now(self) -> float: ...

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None:
        """Waits by `wait`."""
        wait(seconds)


class InterruptibleClock:
    """`clock`, whose sleepers an interruption wakes."""

    def __init__(self, clock: Clock, interruption: Interruption) -> None:
        self._clock = clock
        self._interruption = interruption

    def now(self) -> float:
        """Emulated Unix time in seconds."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Waits for as many emulated seconds; raises Interrupted."""
        self._clock.sleep(seconds, self._interruption.sleep)
