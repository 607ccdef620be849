"""How Route 53 determines whether something is healthy: rules only, no network, no time.

The source of every rule, unless another is named:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.emulator.model import HealthCheck


@dataclass(frozen=True)
class Verdict:
    """What one health checker thinks of an endpoint.

    `healthy` is None until the checker has seen `failure_threshold` equal results in a row; `streak` counts
    the latest equal results, `passing` says which they were.
    """

    healthy: bool | None = None
    passing: bool = True
    streak: int = 0

    def after(self, *, success: bool, failure_threshold: int) -> "Verdict":
        """The verdict after one more probe.

        The status changes, in either direction, after `failure_threshold` consecutive probes that contradict
        it. AWS does not say how many probes make "enough data" for the first status: here as many, so that an
        inverted check is not called healthy on the strength of one lost packet.
        """
        streak = self.streak + 1 if success == self.passing else 1
        healthy = success if streak >= failure_threshold else self.healthy
        return Verdict(healthy, success, streak)


def endpoint_status(check: HealthCheck, verdicts: Sequence[bool | None]) -> bool | None:
    """Status of an endpoint from its checkers' verdicts; None while any of them has none yet.

    A disabled check is healthy, before it is inverted.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html (Disabled, Inverted)
    """
    if check.disabled:
        return not check.inverted
    known = [verdict for verdict in verdicts if verdict is not None]
    if not known or len(known) < len(verdicts):
        return None
    return (sum(known) > HEALTHY_SHARE * len(known)) != check.inverted


def calculated_status(
    check: HealthCheck, children: Mapping[str, HealthCheck], statuses: Mapping[str, bool | None]
) -> bool | None:
    """Status of a CALCULATED check from its children's final statuses; None while it cannot be told.

    Children count as what Route 53 considers them to be: until there is data healthy, an inverted one
    unhealthy. A threshold of 0 is always healthy, one above the number of children never. A disabled child is
    healthy (unhealthy if inverted). Of a child that does not exist, or is itself calculated, which Route 53
    refuses to monitor, nothing can be told.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    """
    count = len(check.child_health_checks)
    if check.disabled or check.health_threshold <= 0:
        return not check.inverted
    if check.health_threshold > count:
        return check.inverted
    known = [
        None
        if child not in children or children[child].type == "CALCULATED"
        else effective_status(children[child], statuses.get(child))
        for child in check.child_health_checks
    ]
    if None in known:
        return None
    return (known.count(True) >= check.health_threshold) != check.inverted


def effective_status(check: HealthCheck, status: bool | None) -> bool:
    """What DNS goes by: until there is data a check is healthy, an inverted one unhealthy."""
    return not check.inverted if status is None else status
