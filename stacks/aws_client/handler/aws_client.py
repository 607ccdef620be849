"""boto3's clients, which ask again for a minute where AWS denies access.

IAM is eventually consistent: for seconds after a deploy has written the policy of a function, other services may deny
what it allows. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html

Deployed beside every handler: the standard library and the boto3 of the Lambda runtime.
"""

from typing import Any

import boto3
from botocore.config import Config

DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException"})
"""S3 answers HEAD without a body, so that its status is all that is known."""
DELAYS_SECONDS = (1, 2, 4, 8, 15, 15, 15)
"""Before each further attempt: a minute in all, as several denied calls must fit into one invocation."""


def client(service: str, config: Config | None = None) -> Any:
    """Return a client of boto3, each of whose calls is made again while access is denied."""
    made = boto3.client(service, config=config)
    made.meta.events.register("needs-retry", _delay_seconds)
    return made


def _delay_seconds(response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: Any) -> int | None:
    """Return how long botocore waits before it asks again; None where this is for its other rules to say."""
    code = response[1].get("Error", {}).get("Code") if response else None
    if code not in DENIED or attempts > len(DELAYS_SECONDS):
        return None
    return DELAYS_SECONDS[attempts - 1]
