"""How many users see the maintenance page, and see the server again, how long after: a simulation of many clients.

Each has an outage of its own at a random moment, a resolver whose answer is of a random age, and a browser with a
cache of its own or without. What is left out makes it slower: see docs/estimate.md.
"""

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Literal

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS, PROBE_LIMIT_SECONDS, SEARCH_LIMIT_SECONDS
from understudy_failover.settings import HealthCheck, Timing

FILE = Path(__file__).parent / "habits.toml"
Direction = Literal["page", "server"]


@dataclass(frozen=True)
class Habits:
    """What clients do with DNS answers: habits.toml."""

    overstaying_share: float
    overstay_seconds: tuple[float, float]
    """Shortest and longest time that overstaying resolvers keep an answer, whatever its TTL."""
    browser_cache_seconds: float
    caching_browsers_share: float


ORDERLY = Habits(0.0, (1.0, 1.0), 0.0, 0.0)
"""Everybody goes by the TTL."""


def habits() -> Habits:
    """Those of the file."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Habits(
        found["overstaying_resolvers"]["share"],
        (found["overstay"]["shortest_seconds"], found["overstay"]["longest_seconds"]),
        found["browser_cache"]["seconds"],
        found["caching_browsers"]["share"],
    )


class Arrivals:
    """When clients got where they are to be; whole seconds, rounded up."""

    def __init__(self, seconds: Iterator[float]) -> None:
        counts = Counter(map(ceil, seconds))
        self._by_second = list(accumulate(counts[second] for second in range(max(counts) + 1)))

    def share(self, seconds: int) -> float:
        """Of the clients, that are there `seconds` after the event."""
        return self._by_second[min(seconds, len(self._by_second) - 1)] / self._by_second[-1]

    def within(self, share: float) -> int:
        """The seconds after which at least `share` of the clients are there."""
        wanted = share * self._by_second[-1]
        return next(second for second, count in enumerate(self._by_second) if count >= wanted)

    def mean(self) -> float:
        """Of the rounded seconds."""
        counts = zip(self._by_second, [0, *self._by_second], strict=False)
        total = sum(second * (count - before) for second, (count, before) in enumerate(counts))
        return total / self._by_second[-1]


def arrivals(
    check: HealthCheck, timing: Timing, direction: Direction, *, clients: int, habits: Habits, seed: int = 53
) -> Arrivals:
    """Of as many clients, after the server stops working (`page`) or works again (`server`)."""
    ttl = timing.ttl_seconds if direction == "page" else ALIAS_TTL_SECONDS
    chance = random.Random(seed)  # noqa: S311 (a simulation that gives the same figures every time)
    return Arrivals(_seconds(_detection(check, timing, direction), ttl, clients, habits, chance))


def _seconds(
    detection: tuple[float, float], ttl: int, clients: int, habits: Habits, chance: random.Random
) -> Iterator[float]:
    first, spread = detection
    cached = habits.browser_cache_seconds
    shortest, longest = habits.overstay_seconds
    overstaying = round(clients * habits.overstaying_share)
    now = chance.random  # a look-up less in each of millions of steps
    for resolvers, overstay in ((clients - overstaying, False), (overstaying, True)):
        caching = round(resolvers * habits.caching_browsers_share)
        for count, kept in ((caching, cached), (resolvers - caching, 0.0)):
            if overstay:
                ratio = longest / shortest
                for _ in range(count):
                    yield first + spread * now() + max(shortest * ratio ** now(), ttl) * now() + kept * now()
            elif kept:
                for _ in range(count):
                    yield first + spread * now() + ttl * now() + kept * now()
            else:
                for _ in range(count):
                    yield first + spread * now() + ttl * now()


def _detection(check: HealthCheck, timing: Timing, direction: Direction) -> tuple[float, float]:
    """Shortest time until the check's status changes, and how much longer it may take by chance.

    Checkers are spread evenly over the request interval, one for each region: the one decides with which the share
    of healthy ones falls to 18 % or rises above it. A server that fails hangs for as long as a probe may wait; one
    that works answers at once.
    """
    interval, checkers = timing.request_interval_seconds, len(check.regions or CHECKER_REGIONS)
    healthy = int(HEALTHY_SHARE * checkers)  # at most so many may be when it is down
    earlier = interval * (timing.failure_threshold - 1)
    if direction == "server":
        return earlier + interval * healthy / checkers, interval / checkers
    limit = PROBE_LIMIT_SECONDS[check.type] + (SEARCH_LIMIT_SECONDS if check.search_string else 0)
    return earlier + interval * (checkers - healthy - 1) / checkers + limit, interval / checkers
