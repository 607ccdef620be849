"""Time that never runs ahead of the work: a pacemaker grants it in small steps, other processes read it.

The pacemaker runs in the event loop of the embedded AWS. Each tick it grants about the duration of a tick, and readers
do not pass what is granted. If the loop, or the process that uses the embedded AWS, is late, time stops for all. Each
wait of a thread for a processor is subtracted from the next grant.
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
"""For a tick on a fast machine; a fourth more than a tick, because timers are always a little late."""
CHECK_SECONDS = 1.0
"""Between two checks during a sleep, which can be emulated hours."""
BEAT_TOLERANCE_SECONDS = 0.005
STALLED_SECONDS = 0.06
"""Since the last heartbeat, after which the other process counts as stalled."""
WINDOW_SECONDS = 20.0
LEAST_SHARE = 0.03
"""The least share of real time that is granted in every window: with less, a rehearsal would take half an hour."""
SURE_SHARE = 0.1
"""With less in a window, the machine may be the reason for a failed hypothesis."""


class MachineTooSlowError(RuntimeError):
    """The machine could not keep up: emulated time hardly passed."""


class RunQueue:
    """The waits of this process's threads for a processor, which Linux records.

    https://docs.kernel.org/scheduler/sched-stats.html (schedstat of a task, second number, nanoseconds)
    """

    _TASKS = "/proc/self/task"

    def __init__(self) -> None:
        self._known = Path(f"{self._TASKS}/{os.getpid()}/schedstat").exists()
        self._waited: dict[str, int] = {}
        self.seconds()

    def seconds(self, but: int | None = None) -> float:
        """Return the waits of all threads except `but` since the last call, in seconds."""
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
    """Grants time on `page`; `lag()` returns the seconds that this process lagged since the last call."""

    def __init__(self, page: Page, lag: Callable[[], float], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._page = page
        self._lag = lag
        self._monotonic = monotonic
        self._granted, self._held_seconds, self._since, self._allowance = 0.0, 0.0, monotonic(), GRANT_SECONDS
        self._others_lag = 0.0
        self._holders, self._is_held = 0, False
        self.tick()

    async def run(self) -> None:
        """Tick until it is cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.tick()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Stop time for the duration of the block: for work that takes AWS no time."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1

    def tick(self) -> None:
        """Grant the time of the next tick."""
        now = self._monotonic()
        elapsed = now - self._since
        passed = min(elapsed, self._allowance)
        self._granted += passed
        lag = self._lag()
        beat = self._page.last_beat()
        if beat is not None:
            lag += beat[1] - self._others_lag
            self._others_lag = beat[1]
        # Time that was stopped counts as paid. No debt outlasts a tick: a stalled machine could never pay it.
        debt = min(max(lag - (elapsed - passed), 0.0), GRANT_SECONDS)
        stalled = beat is not None and now - beat[0] > STALLED_SECONDS
        if self._is_held:
            self._held_seconds += elapsed - passed
        self._is_held = self._holders > 0
        self._allowance = 0.0 if stalled or self._is_held else GRANT_SECONDS - debt
        self._since = now
        self._page.grant(self._granted, now, self._allowance, self._held_seconds)


class PacedTime:
    """A `TimeSource`: the time that the pacemaker of `page` has granted."""

    def __init__(
        self, page: Page, monotonic: Callable[[], float] = time.monotonic, check: Callable[[], None] = lambda: None
    ) -> None:
        """`check` is called every `CHECK_SECONDS` of a sleep, and may raise."""
        self._page = page
        self._monotonic = monotonic
        self._check = check

    def monotonic(self) -> float:
        """Return the seconds granted so far."""
        return self._page.seconds(self._monotonic())

    def sleep(self, seconds: float, wait: Callable[[float], None]) -> None:
        end = self.monotonic() + seconds
        wait(0)
        while (left := end - self.monotonic()) > 0:
            self._check()
            wait(min(max(left, PAUSE_SECONDS), CHECK_SECONDS))

    async def async_sleep(self, seconds: float) -> None:
        """Wait until `seconds` more are granted, without blocking the event loop."""
        end = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := end - self.monotonic()) > 0:
            await asyncio.sleep(max(left, PAUSE_SECONDS))


class Pace:
    """Whether the machine keeps up, by the time that was granted and held, which `note` gets regularly."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, float]] = deque()
        self._share = self._least_share = 1.0

    def note(self, now: float, granted: float, held_seconds: float) -> None:
        """Record the state at `now`, which is monotonic."""
        # Held time does not depend on the machine.
        due = now - held_seconds
        self._notes.append((due, granted))
        while due - self._notes[0][0] >= WINDOW_SECONDS:
            since, before = self._notes.popleft()
            self._share = (granted - before) / (due - since)
            self._least_share = min(self._least_share, self._share)

    def check(self) -> None:
        """Check that time passes. Raise MachineTooSlowError: hardly any passed in the last window."""
        self._raise_below(LEAST_SHARE, self._share)

    def check_all(self) -> None:
        """Check that time passed fast enough in every window for measurements to be valid.

        Raise MachineTooSlowError: it did not.
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
    """The heartbeats of the process that uses the embedded AWS, from a thread, until `stop`."""

    def __init__(self, page: Page, note: Callable[[float, float, float], None]) -> None:
        """`note` is called at every heartbeat with the monotonic time, seconds granted and seconds held."""
        self._page = page
        self._note = note
        self._done = threading.Event()
        self._queue = RunQueue()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        own = threading.get_native_id()
        lag, last = 0.0, time.monotonic()
        while not self._done.wait(TICK_SECONDS):
            now = time.monotonic()
            late = now - last - TICK_SECONDS - BEAT_TOLERANCE_SECONDS
            # The waits of this thread are part of its lateness.
            lag += max(late, self._queue.seconds(own), 0.0)
            self._page.beat(now, lag)
            last = now
            granted, _, _, held_seconds = self._page.granted()
            self._note(now, granted, held_seconds)
