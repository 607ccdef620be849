"""What a check found about one thing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from understudy_failover.contract.printable import printable
from understudy_failover.operations.delegation import Outcome

LIMIT_CHARACTERS = 4_000
"""Of a text."""

_Own = Literal[
    "alias-elsewhere",
    "alias-missing",
    "alias-not-wanted",
    "bypass",
    "calculated-check-wrong",
    "certificate-ends-soon",
    "certificate-not-declared",
    "certificate-not-in-iam",
    "certificate-orphaned",
    "certificate-refused",
    "chain-not-declared",
    "check-deleted",
    "check-differs",
    "check-missing",
    "clock-off",
    "clock-unknown",
    "dependent-name",
    "distribution-disabled",
    "distribution-in-progress",
    "edge-unreachable",
    "error-responses-missing",
    "flat-rate-plan",
    "function-changed",
    "function-detached",
    "headers-policy-missing",
    "held-back",
    "http2-agreed",
    "https-promise",
    "led-nowhere",
    "log-bucket-missing",
    "log-retention-differs",
    "logs-missing",
    "left-behind",
    "logs-not-wanted",
    "name-server-wrong",
    "nobody-notified",
    "not-seen",
    "object-not-a-switch",
    "objects-differ",
    "objects-missing",
    "objects-planned",
    "on-page",
    "page-behind-refused-tls",
    "page-check-wrong",
    "page-denied",
    "page-not-reached",
    "page-not-reported",
    "page-still-asked",
    "page-unreachable",
    "page-unreachable-over-ipv6",
    "page-wrong",
    "pair-wrong",
    "plain-http-unreachable",
    "plain-http-wrong",
    "primary-missing",
    "quota-nearly-used",
    "resolver-keeps-failure",
    "resolver-silent",
    "resolver-strange",
    "schedule-differs",
    "schedule-stray",
    "server-down",
    "server-not-reported",
    "setting-differs",
    "stack-missing",
    "stack-not-complete",
    "stack-orphaned",
    "subscription-missing",
    "subscription-not-confirmed",
    "switch-not-reported",
    "switch-on",
    "switch-seen-on",
    "switch-with-body",
    "switches-unread",
    "tls-other-certificate",
    "tls-refused",
    "ttl-differs",
    "window-overdue",
]
FindingId = _Own | Outcome
"""Names what was found, whatever its words are. Every one is played by a test, with its advice."""


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
    id: str = ""
    """A `FindingId`; empty where there is no advice."""

    def __post_init__(self) -> None:
        """Lets nothing that AWS or a server said act on a terminal or begin a line."""
        for name in ("subject", "text", "advice"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=LIMIT_CHARACTERS))
