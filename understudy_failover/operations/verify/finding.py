"""What a check found about one thing."""

from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.contract.printable import printable

LIMIT_CHARACTERS = 4_000
"""Of a text."""


class Verdict(StrEnum):
    """Whether a thing is as it should be."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nobody could be asked, or had no answer yet."""


@dataclass(frozen=True)
class Finding:
    """`check` is the name of the check, `subject` what it looked at: a host, a server, a resource."""

    check: str
    subject: str
    verdict: Verdict
    text: str
    """What was seen."""
    advice: str = ""
    """What to do, in a line, where it did not pass, or passed and is told nevertheless."""

    def __post_init__(self) -> None:
        """Lets nothing that AWS or a server said act on a terminal or begin a line."""
        for name in ("subject", "text", "advice"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=LIMIT_CHARACTERS))
