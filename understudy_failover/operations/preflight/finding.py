"""What a check found out about one thing, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from understudy_failover.contract.printable import printable
from understudy_failover.operations.delegation import Outcome
from understudy_failover.operations.preflight.probe import Fault
from understudy_failover.operations.zone_rules import RefusalId

LIMIT_CHARACTERS = 4_000
"""Of a text."""

_Own = Literal[
    "alert-lost",
    "alias-in-other-account",
    "alias-more-specific-elsewhere",
    "alias-taken",
    "api-denied",
    "api-fails",
    "api-unreachable",
    "assembly-missing",
    "beside-cname",
    "bootstrap-missing",
    "bootstrap-old",
    "caller-not-simulated",
    "certificate-ends-soon",
    "certificate-refused",
    "check-only-connects",
    "check-redirected",
    "check-without-search",
    "delegated-away",
    "dependent-name",
    "deploy-would-fail",
    "failover-record-in-the-way",
    "hsts-differs",
    "https-bypass",
    "https-promise",
    "ipv6-bypass",
    "ipv6-unreachable",
    "long-ttl",
    "method-without-page",
    "no-ipv6-here",
    "other-installation",
    "pair-changed",
    "permission-missing",
    "port-without-page",
    "quota-exceeded",
    "quota-maybe-exceeded",
    "quota-unread",
    "record-in-the-way",
    "recovery-failed",
    "routing-policy-in-the-way",
    "secret-being-deleted",
    "secret-missing",
    "secret-not-read",
    "secret-of-other-certificate",
    "secret-without-key",
    "server-certificate-expired",
    "server-cipher-undocumented",
    "server-tls-old",
    "stack-too-large",
    "zone-missing",
    "zone-of-other-name",
    "zone-private",
    "zone-rules-unread",
]
FindingId = _Own | Fault | Outcome | RefusalId
"""Names what was found, whatever its words are. Every one is played by a test, with its advice."""


class Verdict(StrEnum):
    """From harmless to not."""

    PASSED = "passed"
    WARNING = "warning"
    UNKNOWN = "unknown"
    """It could not be checked."""
    FAILED = "failed"


MARKS = {Verdict.PASSED: "✔", Verdict.WARNING: "!", Verdict.UNKNOWN: "?", Verdict.FAILED: "✘"}


@dataclass(frozen=True)
class Finding:
    """`advice` is one line, and empty where there is nothing to do; so is `id`."""

    area: str
    subject: str
    verdict: Verdict
    text: str
    advice: str = ""
    id: str = ""
    """A `FindingId`."""

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

    def warning(self, identifier: FindingId, subject: str, text: str, advice: str) -> Finding:
        """Deploys, and may surprise somebody."""
        return Finding(self.name, subject, Verdict.WARNING, text, advice, identifier)

    def unknown(self, identifier: FindingId, subject: str, text: str, advice: str) -> Finding:
        """Could not be told."""
        return Finding(self.name, subject, Verdict.UNKNOWN, text, advice, identifier)

    def failed(self, identifier: FindingId, subject: str, text: str, advice: str) -> Finding:
        """The deploy would fail, or people would be sent to the wrong place."""
        return Finding(self.name, subject, Verdict.FAILED, text, advice, identifier)
