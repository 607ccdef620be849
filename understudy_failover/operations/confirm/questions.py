"""Every question, in the order in which a run asks them: what needs no shared resource first, the longest last."""

from understudy_failover.operations.confirm import (
    certificate_questions,
    deployment_questions,
    dns_questions,
    edge_questions,
    health_questions,
    stack_questions,
)

_IN_FILES = {
    question.id: question
    for module in (
        deployment_questions,
        stack_questions,
        dns_questions,
        edge_questions,
        health_questions,
        certificate_questions,
    )
    for question in module.QUESTIONS
}
_LAST = ("certificate-in-use", "switch-requests", "log-delivery")
QUESTIONS = {id_: _IN_FILES[id_] for id_ in (*(id_ for id_ in _IN_FILES if id_ not in _LAST), *_LAST)}
"""By id."""
