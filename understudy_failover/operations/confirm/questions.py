"""Every question, in the order in which a run asks them: the longest last."""

from understudy_failover.operations.confirm import (
    certificate_questions,
    dns_questions,
    edge_questions,
    health_questions,
    stack_questions,
)

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
