"""A question that only AWS can answer, and an answer with what was seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from understudy_failover.operations.confirm.context import Context

Verdict = Literal["yes", "no", "measured", "open"]
"""`open`: the question has no answer yet; the evidence says why, and what to do."""


@dataclass(frozen=True)
class Answer:
    """What AWS answered."""

    verdict: Verdict
    evidence: str


@dataclass(frozen=True)
class Question:
    """A question and the function that asks AWS."""

    id: str
    text: str
    ask: Callable[["Context"], Answer]
    minutes: int
    """How long it takes at most, without the shared resources."""
    dollars: float = 0.0
    """What it costs at most beside the shared resources."""


def yes_or_no(yes: bool, evidence: str) -> Answer:
    """Return an answer to a question that is a claim."""
    return Answer("yes" if yes else "no", evidence)
