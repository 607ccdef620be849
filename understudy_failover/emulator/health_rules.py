"""How Route 53 determines the status of a health check: rules only, no network, no time.

The source of every rule without another:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.emulator.model import HealthCheck


@dataclass(frozen=True)
class Verdict:
    """The verdict of a health checker about an endpoint.

    `healthy` is None until `failure_threshold` consecutive results are equal; `streak` counts the latest equal results,
    `passing` is their value.
    """

    healthy: bool | None = None
    passing: bool = True
    streak: int = 0

    def after(self, *, success: bool, failure_threshold: int) -> "Verdict":
        """Return the verdict after the next probe.

        The status changes, in either direction, after `failure_threshold` consecutive probes that contradict it. How
        many probes are "enough data" for the first status is not documented: here as many, so that one lost packet
        does not make an inverted check healthy.
        """
        streak = self.streak + 1 if success == self.passing else 1
        healthy = success if streak >= failure_threshold else self.healthy
        return Verdict(healthy, success, streak)


def endpoint_status(check: HealthCheck, verdicts: Sequence[bool | None]) -> bool | None:
    """Return the status of an endpoint from its checkers' verdicts; None while one of them has no verdict.

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
    """Return the status of a CALCULATED check from its children's final statuses; None if it is unknown.

    Without data a child is healthy, an inverted one unhealthy. With a threshold of 0 the check is always healthy, with
    one above the number of children never. A disabled child is healthy (unhealthy if inverted). The status of a child
    that does not exist, or is itself calculated, which Route 53 refuses to monitor, is unknown.
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
    """Return the status that DNS uses: without data a check is healthy, an inverted one unhealthy."""
    return not check.inverted if status is None else status
