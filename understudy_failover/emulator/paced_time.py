"""Time that never runs ahead of the work: a pacemaker grants it piece by piece, other processes read it.

The pacemaker lives in the event loop of the embedded AWS. Each tick it grants about as much time as a tick lasts, and
readers go no further than what is granted. Where the loop is late, or the process that uses the embedded AWS is, time
stands still for everybody. Each wait of a thread for a processor is taken off the next grant.
"""

import asyncio
import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from understudy_failover.emulator.time_page import PAUSE_SECONDS, Page

TICK_SECONDS = 0.02
GRANT_SECONDS = 1.25 * TICK_SECONDS
"""Of a tick on a machine that keeps up; the fourth more is for timers, which are always a little late."""
BEAT_TOLERANCE_SECONDS = 0.005
STALLED_SECONDS = 0.06
"""Since its last beat, after which the other process counts as stalled."""
WINDOW_SECONDS = 20.0
LEAST_SHARE = 0.03
"""Of real time, that has to be granted in every window: with less a rehearsal would take half an hour."""
SURE_SHARE = 0.1
"""With less in some window, a hypothesis that did not hold may be the machine's fault."""


class MachineTooSlowError(RuntimeError):
    """The machine could not keep up: emulated time hardly passed; the text says so to a person."""


class RunQueue:
    """How long threads of this process waited for a processor: Linux tells, other systems do not.

    https://docs.kernel.org/scheduler/sched-stats.html (schedstat of a task, second number, nanoseconds)
    """

    _TASKS = "/proc/self/task"

    def __init__(self) -> None:
        self._known = Path(f"{self._TASKS}/{os.getpid()}/schedstat").exists()
        self._waited: dict[str, int] = {}
        self.seconds()

    def seconds(self, but: int | None = None) -> float:
        """Return the waits of all threads since the last call, in seconds; of the thread `but` none."""
        if not self._known:
            return 0.0
        before, self._waited = self._waited, {}
        with os.scandir(self._TASKS) as threads:
            for thread in threads:
                with contextlib.suppress(OSError):  # it has ended
                    self._waited[thread.name] = _waited_nanoseconds(f"{thread.path}/schedstat")
        return (
            sum(waited - before.get(thread, 0) for thread, waited in self._waited.items() if thread != str(but)) / 1e9
        )


def _waited_nanoseconds(file: str) -> int:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return int(os.read(descriptor, 128).split()[1])
    finally:
        os.close(descriptor)


class Pacemaker:
    """Grants time on `page`; `lag()` answers the seconds that this process lagged since the last call."""

    def __init__(self, page: Page, lag: Callable[[], float], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._page = page
        self._lag = lag
        self._monotonic = monotonic
        self._granted, self._held, self._since, self._allowance = 0.0, 0.0, monotonic(), GRANT_SECONDS
        self._others_lag = 0.0
        self._holders, self._is_held = 0, False
        self.tick()

    async def run(self) -> None:
        """Ticks until it is cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.tick()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Lets time stand still: for work here that takes AWS no time."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1

    def tick(self) -> None:
        """Grants the next piece."""
        now = self._monotonic()
        elapsed = now - self._since
        passed = min(elapsed, self._allowance)
        self._granted += passed
        lag = self._lag()
        beat = self._page.last_beat()
        if beat is not None:
            lag += beat[1] - self._others_lag
            self._others_lag = beat[1]
        # What stood still already is paid. No debt lasts longer than a tick: a stalled machine works it off for ever.
        debt = min(max(lag - (elapsed - passed), 0.0), GRANT_SECONDS)
        stalled = beat is not None and now - beat[0] > STALLED_SECONDS
        if self._is_held:
            self._held += elapsed - passed
        self._is_held = self._holders > 0
        self._allowance = 0.0 if stalled or self._is_held else GRANT_SECONDS - debt
        self._since = now
        self._page.grant(self._granted, now, self._allowance, self._held)


class PacedTime:
    """A `TimeSource`: the time that the pacemaker of `page` has granted."""

    def __init__(
        self, page: Page, monotonic: Callable[[], float] = time.monotonic, check: Callable[[], None] = lambda: None
    ) -> None:
        """`check` is called while somebody sleeps here, and may raise."""
        self._page = page
        self._monotonic = monotonic
        self._check = check

    def monotonic(self) -> float:
        """Return the seconds granted so far."""
        return self._page.seconds(self._monotonic())

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None:
        """Waits by `wait` until as many seconds are granted."""
        end = self.monotonic() + seconds
        wait(0)
        while (left := end - self.monotonic()) > 0:
            self._check()
            wait(max(left, PAUSE_SECONDS))

    async def async_sleep(self, seconds: float) -> None:
        """Likewise, beside others."""
        end = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := end - self.monotonic()) > 0:
            await asyncio.sleep(max(left, PAUSE_SECONDS))


class KeepingUp:
    """Whether the machine keeps up: `note` is told every so often how much time was granted and held."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, float]] = deque()
        self._share = self._least_share = 1.0

    def note(self, now: float, granted: float, held: float) -> None:
        """`now` is monotonic."""
        # While work holds time up, nothing waits for the machine.
        due = now - held
        self._notes.append((due, granted))
        while due - self._notes[0][0] >= WINDOW_SECONDS:
            since, before = self._notes.popleft()
            self._share = (granted - before) / (due - since)
            self._least_share = min(self._least_share, self._share)

    def check(self) -> None:
        """Nothing, where time passes.

        Raises:
            MachineTooSlowError: hardly any passed in the last window.
        """
        self._raise_below(LEAST_SHARE, self._share)

    def check_all(self) -> None:
        """Nothing, where time passed quickly enough in every window for its measurements to count.

        Raises:
            MachineTooSlowError: it did not.
        """
        self._raise_below(SURE_SHARE, self._least_share)

    def _raise_below(self, limit: float, share: float) -> None:
        if share < limit:
            raise MachineTooSlowError(
                f"This machine could not keep up: in {WINDOW_SECONDS:g} s, emulated time passed for "
                f"{share * WINDOW_SECONDS:.1f} s only. This says nothing about the settings. Run it again when less "
                "else is running."
            )


class Heart:
    """The beats of the process that uses the embedded AWS, in a thread, until `stop`."""

    def __init__(self, page: Page, note: Callable[[float, float, float], None]) -> None:
        """`note` is told of every beat: the monotonic time, seconds granted and seconds held."""
        self._page = page
        self._note = note
        self._done = threading.Event()
        self._queue = RunQueue()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        own = threading.get_native_id()
        lag, last = 0.0, time.monotonic()
        while not self._done.wait(TICK_SECONDS):
            now = time.monotonic()
            late = now - last - TICK_SECONDS - BEAT_TOLERANCE_SECONDS
            # This thread's own waits show as its lateness.
            lag += max(late, self._queue.seconds(own), 0.0)
            self._page.beat(now, lag)
            last = now
            granted, _, _, held_seconds = self._page.granted()
            self._note(now, granted, held_seconds)
