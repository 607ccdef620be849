"""Each thing is asked for once, errors included."""

import pytest
from botocore.exceptions import ClientError

from understudy_failover.operations.verify.deployment import Known, NotThereError, in_words


def test_an_answer_is_asked_for_once() -> None:
    known, answers = Known(), iter(["first", "second"])
    assert [known.once("key", lambda: next(answers)) for _ in range(2)] == ["first", "first"]
    known.forget("key")
    assert known.once("key", lambda: next(answers)) == "second"


def test_an_error_is_not_waited_for_again() -> None:
    known, times = Known(), []

    def fail() -> str:
        times.append(1)
        raise NotThereError("gone")

    for _ in range(2):
        with pytest.raises(NotThereError, match="gone"):
            known.once("key", fail)
    assert len(times) == 1


def test_a_refusal_is_one_line_with_operation_code_and_message() -> None:
    error = ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "ListHealthChecks")
    assert in_words(error) == "ListHealthChecks: Throttling: Rate exceeded"
