"""A simulation of clients: when each kind sees the maintenance page, and the server again.

Each client has an outage at a random time, a resolver with an answer of a random age, and the delay of its kind.
"""

import random
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Any, Literal

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS, PROBE_LIMIT_SECONDS, SEARCH_LIMIT_SECONDS
from understudy_failover.settings import HealthCheck, Timing

FILE = Path(__file__).parent / "client_kinds.toml"
Direction = Literal["page", "server"]


@dataclass(frozen=True)
class Delay:
    """The seconds by which a client connects to the new address later than its resolver."""

    median: float
    most: float
    """For 95 % of the clients."""
    longest: float

    def of(self, share: float) -> float:
        """Return the delay that `share` of the clients do not exceed; linear between the three known shares."""
        if share <= 0.5:
            return self.median * share / 0.5
        if share <= 0.95:
            return self.median + (self.most - self.median) * (share - 0.5) / (0.95 - 0.5)
        return self.most + (self.longest - self.most) * (share - 0.95) / (1.0 - 0.95)


@dataclass(frozen=True)
class Kind:
    """A kind of client; a delay of None: never, while in use."""

    name: str
    page: Delay | None
    server: Delay | None
    overstays: tuple[float, float] | None = None
    """The shortest and longest time for which its resolver keeps an answer, whatever the TTL; None: for the TTL."""


def kinds() -> list[Kind]:
    return [_kind(table) for table in tomllib.loads(FILE.read_text(encoding="utf-8"))["clients"]]


def _kind(table: dict[str, Any]) -> Kind:
    def delay(direction: Direction) -> Delay | None:
        return None if table[direction] == "never" else Delay(*table[direction])

    overstays = table.get("overstays")
    return Kind(table["name"], delay("page"), delay("server"), (overstays[0], overstays[1]) if overstays else None)


class Arrivals:
    """The arrival times of clients, in whole seconds, rounded up."""

    def __init__(self, seconds: Iterable[float], worst: float) -> None:
        counts = Counter(map(ceil, seconds))
        self._by_second = list(accumulate(counts[second] for second in range(max(counts) + 1)))
        self.worst = ceil(worst)
        """The latest possible arrival."""

    def share(self, seconds: int) -> float:
        """Return the share of the clients that arrive within `seconds` after the event."""
        return self._by_second[min(seconds, len(self._by_second) - 1)] / self._by_second[-1]

    def within(self, share: float) -> int:
        """Return the seconds within which at least `share` of the clients arrive."""
        needed = share * self._by_second[-1]
        return next(second for second, count in enumerate(self._by_second) if count >= needed)


def arrivals(
    check: HealthCheck, timing: Timing, direction: Direction, *, clients: int, kind: Kind, seed: int = 53
) -> Arrivals | None:
    """Return the arrivals after the server fails (`page`) or works again (`server`); None: never."""
    delay = kind.page if direction == "page" else kind.server
    if delay is None:
        return None
    ttl = timing.ttl_seconds if direction == "page" else ALIAS_TTL_SECONDS
    first, spread = _detection(check, timing, direction)
    chance = random.Random(seed)  # noqa: S311 (a simulation that gives the same figures every time)
    now = chance.random  # a local name is faster in this loop
    shortest, longest = kind.overstays or (ttl, ttl)
    ratio = longest / shortest if kind.overstays else 1.0
    seconds = (
        first + spread * now() + max(shortest * ratio ** now(), ttl) * now() + delay.of(now()) for _ in range(clients)
    )
    return Arrivals(seconds, first + spread + max(longest, ttl) + delay.longest)


def _detection(check: HealthCheck, timing: Timing, direction: Direction) -> tuple[float, float]:
    """Return the shortest time until the check's status changes, and its random part.

    Checkers are spread evenly over the request interval, one for each region. The status changes with the checker that
    takes the share of healthy checkers to 18 % or above it. At a failed server probes time out; a working one answers.
    """
    interval, checkers = timing.request_interval_seconds, len(check.regions or CHECKER_REGIONS)
    healthy = int(HEALTHY_SHARE * checkers)  # at most, while the check is unhealthy
    earlier = interval * (timing.failure_threshold - 1)
    if direction == "server":
        return earlier + interval * healthy / checkers, interval / checkers
    limit = PROBE_LIMIT_SECONDS[check.type] + (SEARCH_LIMIT_SECONDS if check.search_string else 0)
    return earlier + interval * (checkers - healthy - 1) / checkers + limit, interval / checkers
