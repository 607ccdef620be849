"""A check: a name, and a function that looks at a deployment and tells what it found."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.finding import Finding, FindingId, Verdict
from understudy_failover.operations.verify.known import ERRORS, in_words

UNSEEN = "try again; if it stays so, see whether the caller may ask this and whether AWS has trouble"


@dataclass(frozen=True)
class Seen:
    """What a check's function tells of one subject."""

    subject: str
    text: str
    verdict: Verdict
    advice: str = ""
    id: str = ""
    """A `FindingId`; empty where it passed without a note."""


def passed(subject: str, text: str) -> Seen:
    """As it should be."""
    return Seen(subject, text, Verdict.PASSED)


def noted(identifier: FindingId, subject: str, text: str, advice: str) -> Seen:
    """As it should be, and yet worth a word."""
    return Seen(subject, text, Verdict.PASSED, advice, identifier)


def failed(identifier: FindingId, subject: str, text: str, advice: str) -> Seen:
    """Not as it should be."""
    return Seen(subject, text, Verdict.FAILED, advice, identifier)


def unknown(identifier: FindingId, subject: str, text: str, advice: str = UNSEEN) -> Seen:
    """Nobody could tell."""
    return Seen(subject, text, Verdict.UNKNOWN, advice, identifier)


@dataclass(frozen=True)
class Check:
    """`look` may raise one of `known.ERRORS`: then the check could not tell, and the others go on."""

    name: str
    look: Callable[[Deployment], Iterable[Seen]]
    per_certificate: bool = False
    """Whether it looks at what each certificate has (`Deployment.under`), not at the whole installation."""

    def findings(self, deployment: Deployment) -> Iterator[Finding]:
        """What it found; never raises for what AWS and the network do."""
        for part in deployment.parts if self.per_certificate else [deployment]:
            yield from self._findings(part)

    def _findings(self, deployment: Deployment) -> Iterator[Finding]:
        try:
            for seen in self.look(deployment):
                yield Finding(self.name, seen.subject, seen.verdict, seen.text, seen.advice, seen.id)
        except ERRORS as error:
            seen = unknown("not-seen", deployment.settings.app, in_words(error))
            yield Finding(self.name, seen.subject, seen.verdict, seen.text, seen.advice, seen.id)
