"""A run: ask the questions, then remove everything, also after Ctrl-C."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from understudy_failover.operations.confirm import (
    certificate_questions,
    dns_questions,
    edge_questions,
    health_questions,
    stack_questions,
)
from understudy_failover.operations.confirm.context import FAULTS, Answer, Context, Question
from understudy_failover.operations.confirm.ledger import LedgerError
from understudy_failover.operations.confirm.removal import Pause, remove_all
from understudy_failover.operations.interruption import Interrupted


@dataclass(frozen=True)
class Played:
    answers: dict[str, Answer]
    """By question, in the order in which they were asked."""
    left: Sequence[str]
    interrupted: bool


def play(
    context: Context,
    questions: Sequence[Question],
    *,
    pause: Pause,
    say: Callable[[str], None],
    report: Callable[[Question, Answer], None],
) -> Played:
    """Return the answers, never raise for AWS's; `report` gets each at once, `pause` waits between removals."""
    answers: dict[str, Answer] = {}
    interrupted = False
    try:
        for question in questions:
            say(f"{question.id}: up to {question.minutes} min …")
            answers[question.id] = _ask(context, question)
            report(question, answers[question.id])
    except Interrupted:
        interrupted = True
        say("interrupted; removing what was created, which takes some minutes")
    finally:
        # `pause` does not raise Interrupted: another Ctrl-C stops nothing.
        left = remove_all(context.ledger, context.client, pause, say)
    return Played(answers, left, interrupted)


def _ask(context: Context, question: Question) -> Answer:
    try:
        answer = question.ask(context)
    except (*FAULTS, LedgerError, KeyError, ValueError) as error:
        answer = Answer("open", f"{type(error).__name__}: {error}")
    # A report can be sent in: it names no account.
    return Answer(answer.verdict, answer.evidence.replace(context.account, "ACCOUNT"))


QUESTIONS = {
    question.id: question
    for module in (
        stack_questions,
        dns_questions,
        edge_questions,
        health_questions,
        certificate_questions,
    )
    for question in module.QUESTIONS
}
"""By id."""
