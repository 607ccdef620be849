"""The loop that asks until there is an answer or the time is over."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def poll(
    probe: Callable[[], Value | None],
    *,
    limit_seconds: float,
    interval_seconds: float,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Value | None, float]:
    """Return the first value of `probe` that is not None, or None after the limit, and the seconds until then."""
    began = now()
    while True:
        value = probe()
        seconds = now() - began
        if value is not None or seconds >= limit_seconds:
            return value, seconds
        sleep(min(interval_seconds, limit_seconds - seconds))
