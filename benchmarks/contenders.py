"""Who is compared in benchmarks/failover.py: our timing profiles, and what others do by default."""

from dataclasses import dataclass

from understudy_failover.contract.health_probe import CONNECT_SECONDS, STATUS_SECONDS
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS
from understudy_failover.settings.tables import TIMING_PROFILES

ROUTE_53_LIMIT_SECONDS = CONNECT_SECONDS + STATUS_SECONDS
"""A probe of a server that hangs as long as it may: it connects in the last moment and then says nothing."""
ONE_CHECKER = ("us-east-1",)


@dataclass(frozen=True)
class Contender:
    """How somebody notices an outage, and for how long clients keep what DNS has answered."""

    name: str
    interval_seconds: int
    failures: int
    """In a row, until the server counts as down."""
    successes: int
    """In a row, until it counts as up again."""
    limit_seconds: float
    """After which a probe without an answer has failed."""
    ttl_seconds: int
    """Of the server's address."""
    back_ttl_seconds: int
    """Of what stands in for it."""
    regions: tuple[str, ...] = ()
    """Empty: checkers in all eight regions of Route 53, and its 18 % rule."""
    remark: str = ""

    @property
    def bound_seconds(self) -> float:
        """From the outage to the last client; as understudy_failover/operations/bounds.py has it for our profiles."""
        return self.interval_seconds * self.failures + self.limit_seconds + self.ttl_seconds

    @property
    def back_bound_seconds(self) -> float:
        """Likewise from the server's return."""
        return self.interval_seconds * self.successes + self.limit_seconds + self.back_ttl_seconds


OURS = tuple(
    Contender(
        name,
        profile.request_interval_seconds,
        profile.failure_threshold,
        profile.failure_threshold,
        ROUTE_53_LIMIT_SECONDS,
        profile.ttl_seconds,
        ALIAS_TTL_SECONDS,
    )
    for name, profile in TIMING_PROFILES.items()
)
OTHERS = (
    Contender(
        "Route 53's defaults",
        *(30, 3, 3, ROUTE_53_LIMIT_SECONDS, 60, ALIAS_TTL_SECONDS),
        remark="30 s and 3 are what a health check gets that says nothing else; TTL 60 s is the most that AWS "
        "advises. What our `economy` is, too.",
    ),
    Contender(
        "gdnsd's defaults",
        *(10, 10, 20, 5, 60, 60, ONE_CHECKER),
        remark="interval 10 s, timeout half of it, down_thresh 10, up_thresh 20 (gdnsd.config(5), 3.8.3). Its TTL is "
        "the owner's choice; 60 s here. One monitor.",
    ),
    Contender(
        "Cloudflare LB's defaults",
        *(60, 1, 1, 15, 30, 30, ONE_CHECKER),
        remark="interval 60 s; a probe times out after 5 s and is repeated twice at once, so 15 s (API of the "
        "monitors). DNS-only, TTL 30 s; when proxied there is no TTL, and the switch is all there is to wait for.",
    ),
    Contender(
        "Cloudflare LB, 10 s",
        *(10, 1, 1, 15, 30, 30, ONE_CHECKER),
        remark="the shortest interval (Enterprise), the rest as above.",
    ),
)
CONTENDERS = (*OURS, *OTHERS)
