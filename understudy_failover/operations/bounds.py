"""The longest duration of a failover and a fail-back, from the settings alone.

Not included, as nobody publishes them: the seconds until Route 53's name servers have a new status, and clients that
keep answers beyond their TTL.
"""

from dataclasses import dataclass

from understudy_failover.contract.switch import INTERVAL_SECONDS
from understudy_failover.settings import HealthCheck, Timing

PROBE_LIMIT_SECONDS = {"HTTPS": 6, "HTTP": 6, "TCP": 10}
"""Until a probe without an answer has failed: 4 s to connect and 2 s for the status; TCP 10 s.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""
SEARCH_LIMIT_SECONDS = 2
"""For the searched text, in addition. Same page."""
ALIAS_TTL_SECONDS = 60
"""TTL of an alias to CloudFront; it cannot be chosen.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
"""


ERROR_CACHE_SECONDS = 10
"""The time for which CloudFront may go on answering that there is no switch object.

The distribution's error caching minimum TTL (stacks/distribution.py); a test compares the two.
"""
SWITCH_SECONDS = INTERVAL_SECONDS + PROBE_LIMIT_SECONDS["HTTP"]
"""Until the check of a switch has the new status, whatever the timing of the servers' checks.

Its threshold is 1, and it gets an answer, not a time-out; the last checker may take its whole time.
"""
HOLD_SLACK_MINUTES = 2
"""A hold lasts up to this much longer than configured: its window and its samples are of whole minutes.

stacks/failback_hold.py makes the window; a test compares the two.
"""
METRIC_DELAY_SECONDS = 120
"""Until CloudWatch has a minute's data of a health check. Nobody publishes it (docs/unconfirmed.md)."""


@dataclass(frozen=True)
class Bound:
    """The longest time until DNS answers differently, and from then until the last client follows."""

    detection_seconds: int
    caching_seconds: int

    @property
    def total_seconds(self) -> int:
        return self.detection_seconds + self.caching_seconds


def failover_bound(check: HealthCheck, timing: Timing) -> Bound:
    """Return the time from a server's failure until its last client is on the maintenance page."""
    return Bound(_detection_seconds(check, timing), timing.ttl_seconds)


def failback_bound(check: HealthCheck, timing: Timing, *, cname: bool = False) -> Bound:
    """Return the time from a server's recovery until its last client is back on it, a hold included.

    With `cname`, the secondary record set is no alias, and has the TTL of the settings.
    """
    detection_seconds = _detection_seconds(check, timing) + _hold_seconds(timing)
    return Bound(detection_seconds, timing.ttl_seconds if cname else ALIAS_TTL_SECONDS)


def switch_on_bound(timing: Timing) -> Bound:
    """Return the time from switching on until the last client is on the maintenance page."""
    return Bound(ERROR_CACHE_SECONDS + SWITCH_SECONDS, timing.ttl_seconds)


def switch_off_bound(timing: Timing, *, cname: bool = False) -> Bound:
    """Return the time from switching off until the last client is on the server; `cname` as above."""
    return Bound(SWITCH_SECONDS, timing.ttl_seconds if cname else ALIAS_TTL_SECONDS)


def _hold_seconds(timing: Timing) -> int:
    if not timing.failback_hold_minutes:
        return 0
    return 60 * (timing.failback_hold_minutes + HOLD_SLACK_MINUTES) + METRIC_DELAY_SECONDS


def _detection_seconds(check: HealthCheck, timing: Timing) -> int:
    # The event came just after a probe: the next probe begins an interval later, the one that reaches the threshold
    # threshold - 1 intervals after that, and it takes its whole time-out.
    limit = PROBE_LIMIT_SECONDS[check.type] + (SEARCH_LIMIT_SECONDS if check.search_string else 0)
    return timing.request_interval_seconds * timing.failure_threshold + limit
