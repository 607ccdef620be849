"""Time that passes only while somebody waits for something: the handler, its context, botocore and IAM share it."""

import time

START = time.time()
"""The same for all, so that answers repeat."""


class Timeline:
    """Stands for the module `time`, for Lambda's context and for the clock of the emulator."""

    def __init__(self) -> None:
        self._now = START
        self._invocation_ends = self._now

    def time(self) -> float:
        """Unix time."""
        return self._now

    now = monotonic = time

    def sleep(self, seconds: float) -> None:
        """Waits."""
        self._now += max(seconds, 0)

    def begin_invocation(self, limit_seconds: float) -> None:
        """Lambda starts the function."""
        self._invocation_ends = self._now + limit_seconds

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's context."""
        return int((self._invocation_ends - self._now) * 1000)
