"""The candidates of benchmarks/failover.py: our timing profiles, and the defaults of other products."""

from dataclasses import dataclass

from understudy_failover.contract.health_probe import CONNECT_SECONDS, STATUS_SECONDS
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS
from understudy_failover.settings.tables import TIMING_PROFILES

ROUTE_53_LIMIT_SECONDS = CONNECT_SECONDS + STATUS_SECONDS
"""The longest probe of a server that hangs: it connects at the last moment, and then sends nothing."""
ONE_CHECKER = ("us-east-1",)


@dataclass(frozen=True)
class Candidate:
    """How a product detects an outage, and for how long clients cache DNS answers."""

    name: str
    interval_seconds: int
    failures: int
    """Consecutive, until the server counts as down."""
    successes: int
    """Consecutive, until it counts as up again."""
    limit_seconds: float
    """The time-out of a probe."""
    ttl_seconds: int
    """Of the server's record."""
    back_ttl_seconds: int
    """Of the maintenance page's record."""
    regions: tuple[str, ...] = ()
    """Empty: checkers in all eight regions of Route 53, and its 18 % rule."""
    remark: str = ""

    @property
    def bound_seconds(self) -> float:
        """From the outage to the last client; for our profiles as in understudy_failover/operations/bounds.py."""
        return self.interval_seconds * self.failures + self.limit_seconds + self.ttl_seconds

    @property
    def back_bound_seconds(self) -> float:
        """From the server's return to the last client."""
        return self.interval_seconds * self.successes + self.limit_seconds + self.back_ttl_seconds


OURS = tuple(
    Candidate(
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
    Candidate(
        "Route 53's defaults",
        *(30, 3, 3, ROUTE_53_LIMIT_SECONDS, 60, ALIAS_TTL_SECONDS),
        remark="30 s and 3 are what a health check gets that says nothing else; TTL 60 s is the most that AWS "
        "advises. What our `economy` is, too.",
    ),
    Candidate(
        "gdnsd's defaults",
        *(10, 10, 20, 5, 60, 60, ONE_CHECKER),
        remark="interval 10 s, timeout half of it, down_thresh 10, up_thresh 20 (gdnsd.config(5), 3.8.3). Its TTL is "
        "the owner's choice; 60 s here. One monitor.",
    ),
    Candidate(
        "Cloudflare LB's defaults",
        *(60, 1, 1, 15, 30, 30, ONE_CHECKER),
        remark="interval 60 s; a probe times out after 5 s and is repeated twice at once, so 15 s (API of the "
        "monitors). DNS-only, TTL 30 s; when proxied there is no TTL, and the switch is all there is to wait for.",
    ),
    Candidate(
        "Cloudflare LB, 10 s",
        *(10, 1, 1, 15, 30, 30, ONE_CHECKER),
        remark="the shortest interval (Enterprise), the rest as above.",
    ),
)
CANDIDATES = (*OURS, *OTHERS)
