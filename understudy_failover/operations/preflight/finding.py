"""What a check found out about one thing, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.contract.printable import printable

LIMIT_CHARACTERS = 4_000
"""Of a text."""


class Verdict(StrEnum):
    """From harmless to not."""

    PASSED = "passed"
    WARNING = "warning"
    UNKNOWN = "unknown"
    """It could not be told."""
    FAILED = "failed"


MARKS = {Verdict.PASSED: "✔", Verdict.WARNING: "!", Verdict.UNKNOWN: "?", Verdict.FAILED: "✘"}


@dataclass(frozen=True)
class Finding:
    """`advice` is one line, and empty where there is nothing to do."""

    area: str
    subject: str
    verdict: Verdict
    text: str
    advice: str = ""

    def __post_init__(self) -> None:
        """Lets nothing that AWS or a server said act on a terminal or begin a line."""
        for name in ("subject", "text", "advice"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=LIMIT_CHARACTERS))


@dataclass(frozen=True)
class Area:
    """Makes the findings of one area."""

    name: str

    def passed(self, subject: str, text: str) -> Finding:
        """As it should be."""
        return Finding(self.name, subject, Verdict.PASSED, text)

    def warning(self, subject: str, text: str, advice: str) -> Finding:
        """Deploys, and may surprise somebody."""
        return Finding(self.name, subject, Verdict.WARNING, text, advice)

    def unknown(self, subject: str, text: str, advice: str) -> Finding:
        """Could not be told."""
        return Finding(self.name, subject, Verdict.UNKNOWN, text, advice)

    def failed(self, subject: str, text: str, advice: str) -> Finding:
        """The deploy would fail, or people would be sent to the wrong place."""
        return Finding(self.name, subject, Verdict.FAILED, text, advice)
