"""A question that only AWS can answer, and its answer with the evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from understudy_failover.operations.confirm.context import Context

Verdict = Literal["yes", "no", "measured", "open"]
"""`open`: there is no answer yet; the evidence says why, and what to do."""


@dataclass(frozen=True)
class Answer:
    verdict: Verdict
    evidence: str


@dataclass(frozen=True)
class Question:
    id: str
    text: str
    ask: Callable[["Context"], Answer]
    minutes: int
    """Time limit, without the shared resources."""
    dollars: float = 0.0
    """Cost at most, without the shared resources."""


def yes_or_no(yes: bool, evidence: str) -> Answer:
    return Answer("yes" if yes else "no", evidence)
