"""What every handler shares: clients of boto3 that retry for a minute while AWS denies access, and time limits.

IAM is eventually consistent: for seconds after a deploy has written the policy of a function, other services may deny
what it allows. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html

Deployed beside every handler: the standard library and the boto3 of the Lambda runtime.
"""

from typing import Any, Protocol

import boto3
from botocore.config import Config

DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException"})
"""403: S3 answers HEAD without a body, so that only the status is known."""
DELAYS_SECONDS = (1, 2, 4, 8, 15, 15, 15)
"""Before each retry: a minute in all, because several denied calls must fit into one invocation."""


ADAPTIVE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "adaptive", "total_max_attempts": 8})
"""Route 53 answers five requests a second for a whole account; `adaptive` adapts to that rate."""


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    def get_remaining_time_in_millis(self) -> int: ...


def left_seconds(context: Context) -> float:
    """Return the time until Lambda ends this invocation."""
    return context.get_remaining_time_in_millis() / 1000


def client(service: str, config: Config | None = None) -> Any:
    """Return a client of boto3 that retries each call while access is denied."""
    retrying = boto3.client(service, config=config)
    retrying.meta.events.register("needs-retry", _delay_seconds)
    return retrying


def is_rolling_back(cloudformation: Any, stack_id: str) -> bool:
    """Return whether the stack rolls back; `cloudformation` is a client."""
    (stack,) = cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stack["StackStatus"]


def _delay_seconds(response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: Any) -> int | None:
    """Return for how long botocore waits before a retry; None leaves the decision to its other rules."""
    code = response[1].get("Error", {}).get("Code") if response else None
    if code not in DENIED or attempts > len(DELAYS_SECONDS):
        return None
    return DELAYS_SECONDS[attempts - 1]
