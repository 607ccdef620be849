"""When clients of each kind see the maintenance page, and the server again: a simulation of many of them.

Each has an outage of its own at a random moment, a resolver whose answer is of a random age, and on top what clients of
its kind keep: habits.toml.
"""

import random
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil
from pathlib import Path
from typing import Any, Literal

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS, PROBE_LIMIT_SECONDS, SEARCH_LIMIT_SECONDS
from understudy_failover.settings import HealthCheck, Timing

FILE = Path(__file__).parent / "habits.toml"
Direction = Literal["page", "server"]


@dataclass(frozen=True)
class Delay:
    """How much later than its resolver a client connects to the new address: seconds."""

    median: float
    most: float
    """For 95 % of the clients."""
    longest: float

    def of(self, share: float) -> float:
        """Return the delay that `share` of the clients do not exceed; linear between the three known ones."""
        known = ((0.0, 0.0), (0.5, self.median), (0.95, self.most), (1.0, self.longest))
        (low, before), (high, after) = next(pair for pair in pairwise(known) if share <= pair[1][0])
        return before + (after - before) * (share - low) / (high - low)


@dataclass(frozen=True)
class Kind:
    """A kind of client; a delay of None: never, while it is used."""

    name: str
    page: Delay | None
    server: Delay | None
    overstays: tuple[float, float] | None = None
    """Shortest and longest time for which its resolver keeps an answer, whatever the TTL; None: for the TTL."""


ORDERLY = Kind("asks DNS for each connection", Delay(0, 0, 0), Delay(0, 0, 0))


def kinds() -> list[Kind]:
    """Return those of the file."""
    return [_kind(table) for table in tomllib.loads(FILE.read_text(encoding="utf-8"))["clients"]]


def _kind(table: dict[str, Any]) -> Kind:
    def delay(direction: Direction) -> Delay | None:
        return None if table[direction] == "never" else Delay(*table[direction])

    overstays = table.get("overstays")
    return Kind(table["name"], delay("page"), delay("server"), (overstays[0], overstays[1]) if overstays else None)


class Arrivals:
    """When clients got where they are to be; whole seconds, rounded up."""

    def __init__(self, seconds: Iterable[float], worst: float) -> None:
        counts = Counter(map(ceil, seconds))
        self._by_second = list(accumulate(counts[second] for second in range(max(counts) + 1)))
        self.worst = ceil(worst)
        """The latest that any client can be."""

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
    check: HealthCheck, timing: Timing, direction: Direction, *, clients: int, kind: Kind, seed: int = 53
) -> Arrivals | None:
    """Return those of as many clients after the server fails (`page`) or works again (`server`); None: never."""
    delay = kind.page if direction == "page" else kind.server
    if delay is None:
        return None
    ttl = timing.ttl_seconds if direction == "page" else ALIAS_TTL_SECONDS
    first, spread = _detection(check, timing, direction)
    chance = random.Random(seed)  # noqa: S311 (a simulation that gives the same figures every time)
    now = chance.random  # a look-up less in each of many steps
    shortest, longest = kind.overstays or (ttl, ttl)
    ratio = longest / shortest if kind.overstays else 1.0
    seconds = (
        first + spread * now() + max(shortest * ratio ** now(), ttl) * now() + delay.of(now()) for _ in range(clients)
    )
    return Arrivals(seconds, first + spread + max(longest, ttl) + delay.longest)


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
