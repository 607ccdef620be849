"""What `repair` does in place, and what it cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field

Key = tuple[str, str]
"""A kind and an identifier, by which a finding of `verify` looks its repair up: see the functions below."""
COMMAND = "`understudy repair --apply`"
REBUILD = (
    "`cdk destroy 'Failover*'`, then `cdk deploy --all`: hosts are answered with their server's address meanwhile, "
    "and do not fail over; every subscription must be confirmed again"
)
"""The cure for a deleted health check: nothing else creates one again."""


def name_key(host_name: str) -> Key:
    return "name", host_name


def check_key(identifier: str) -> Key:
    return "check", identifier


def distribution_key(identifier: str) -> Key:
    return "distribution", identifier


def function_key(name: str) -> Key:
    return "function", name


def bucket_key(name: str) -> Key:
    return "bucket", name


def objects_key(bucket: str) -> Key:
    return "objects", bucket


def endpoint_key(endpoint: str) -> Key:
    return "endpoint", endpoint


def leftover_key(physical_id: str) -> Key:
    return "leftover", physical_id


@dataclass(frozen=True)
class Action:
    """One change in place; `apply` makes it. Every action leaves a working deployment behind, also alone."""

    key: Key
    subject: str
    text: str
    apply: Callable[[], None] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Lost:
    """Drift that no change in place can repair; `advice` is what can."""

    key: Key
    subject: str
    text: str
    advice: str


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    lost: tuple[Lost, ...] = ()
    unseen: tuple[str, ...] = ()
    """Why some of it could not be compared."""

    def advice(self, *keys: Key) -> str:
        """How to cure drift of one of the resources; empty where none of them has drifted."""
        for lost in self.lost:
            if lost.key in keys:
                return lost.advice
        return f"somebody changed it: {COMMAND}" if any(action.key in keys for action in self.actions) else ""
