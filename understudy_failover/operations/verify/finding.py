"""What a check found about one thing."""

from dataclasses import dataclass
from enum import StrEnum


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
