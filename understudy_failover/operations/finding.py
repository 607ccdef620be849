"""The findings of `preflight` and `verify`: what a check found out about one thing, and the table of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from understudy_failover.contract.printable import printable

LIMIT_CHARACTERS = 4_000
"""Of a text."""
WIDTH = 24
"""Of the column of checks."""
UNSEEN = "try again; if it stays so, see whether the caller may ask this and whether AWS has trouble"


class Verdict(StrEnum):
    """In the order of their severity."""

    PASSED = "passed"
    WARNING = "warning"
    UNKNOWN = "unknown"
    FAILED = "failed"


MARKS = {Verdict.PASSED: "✔", Verdict.WARNING: "!", Verdict.UNKNOWN: "?", Verdict.FAILED: "✘"}


@dataclass(frozen=True)
class Finding:
    """`check` is the name of the check or its area, `subject` a host, a server or a resource."""

    check: str
    subject: str
    verdict: Verdict
    text: str
    advice: str = ""
    """One line; empty where there is nothing to do."""
    id: str = ""
    """Stays when the words change; empty where there is no advice. A test plays every id, with its advice."""

    def __post_init__(self) -> None:
        """Make the texts harmless: what AWS or a server wrote must not act on a terminal or begin a line."""
        for name in ("subject", "text", "advice"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=LIMIT_CHARACTERS))


# The runner of the checks adds the name of the check.
def passed(subject: str, text: str) -> Finding:
    return Finding("", subject, Verdict.PASSED, text)


def noted(identifier: str, subject: str, text: str, advice: str) -> Finding:
    """Return a finding that passed, with a remark."""
    return Finding("", subject, Verdict.PASSED, text, advice, identifier)


def warning(identifier: str, subject: str, text: str, advice: str) -> Finding:
    return Finding("", subject, Verdict.WARNING, text, advice, identifier)


def unknown(identifier: str, subject: str, text: str, advice: str = UNSEEN) -> Finding:
    return Finding("", subject, Verdict.UNKNOWN, text, advice, identifier)


def failed(identifier: str, subject: str, text: str, advice: str) -> Finding:
    return Finding("", subject, Verdict.FAILED, text, advice, identifier)


def table(findings: Iterable[Finding], *, verbose: bool = False) -> str:
    """Return a line for each check that passed, and two for other findings; `verbose`: a line for each finding."""
    return "\n".join(_lines(findings, verbose))


def _lines(findings: Iterable[Finding], verbose: bool) -> Iterator[str]:
    for check, group in groupby(findings, key=lambda finding: finding.check):
        several = list(group)
        # A remark is told below, with its advice.
        others = [finding for finding in several if finding.verdict is not Verdict.PASSED or finding.advice]
        passes = [finding for finding in several if finding.verdict is Verdict.PASSED]
        for finding in passes if verbose or len(passes) == 1 else ():
            if not finding.advice:
                yield f"{MARKS[Verdict.PASSED]} {check:{WIDTH}}{finding.subject}: {finding.text}"
        if len(passes) > 1 and not verbose:
            yield f"{MARKS[Verdict.PASSED]} {check:{WIDTH}}{len(passes)} of {len(several)}"
        for finding in others:
            yield f"{MARKS[finding.verdict]} {check:{WIDTH}}{finding.subject}: {finding.text}"
            yield f"  {'':{WIDTH}}→ {finding.advice}"
