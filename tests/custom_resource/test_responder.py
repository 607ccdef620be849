"""The answer to CloudFormation: one document, whatever the handler does, and nothing confidential in it or the log."""

import gc
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.custom_resource.answers import SIGNATURE, Answers
from tests.server_certificate.fake_aws import handler_module

RESPONDER: Any = handler_module("responder")

SECRET = "a value that is nobody's business"
CONTEXT = SimpleNamespace(log_stream_name="2026/11/29/[$LATEST]0123")
IDENTITY = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Resource"}

Handle = Callable[[dict[str, Any], Any], dict[str, Any]]


class ReportedError(Exception):
    """Its text is for CloudFormation."""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.setattr(RESPONDER.time, "sleep", lambda _: None)
    with Answers() as server:
        yield server
    # urllib leaves sockets of refused answers to the garbage collector; another test would be told of them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def send(answers: Answers, handle: Handle, request: str = "Create", **more: str) -> None:
    event = {"RequestType": request, "ResponseURL": answers.url, "ResourceProperties": {}, **IDENTITY, **more}
    RESPONDER.responder(handle, expected=ReportedError)(event, CONTEXT)


def raises(error: Exception) -> Handle:
    def handle(_: dict[str, Any], __: object) -> dict[str, Any]:
        raise error

    return handle


def test_success_carries_identity_physical_id_and_data(answers: Answers) -> None:
    send(answers, lambda *_: {"PhysicalResourceId": "id", "Data": {"Name": "value"}})
    assert answers.taken == [{"Status": "SUCCESS", "PhysicalResourceId": "id", "Data": {"Name": "value"}, **IDENTITY}]
    # Any other would break the signature of the pre-signed address.
    assert answers.types == [""]


def test_the_handler_never_sees_the_answer_address(answers: Answers) -> None:
    calls: list[tuple[dict[str, Any], Any]] = []

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        calls.append((event, context))
        return {}

    send(answers, handle)
    assert calls == [({"RequestType": "Create", "ResourceProperties": {}, **IDENTITY}, CONTEXT)]


def test_an_error_that_is_reported_fails_with_its_text(answers: Answers) -> None:
    send(answers, raises(ReportedError("the secret has no key")), "Update", PhysicalResourceId="before")
    assert answers.taken == [
        {"Status": "FAILED", "Reason": "the secret has no key", "PhysicalResourceId": "before", **IDENTITY}
    ]


def test_of_any_other_error_neither_answer_nor_log_has_the_text(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    send(answers, raises(ValueError(SECRET)))
    reason = f"unexpected ValueError; see log stream {CONTEXT.log_stream_name}"
    assert answers.taken == [
        {"Status": "FAILED", "Reason": reason, "PhysicalResourceId": RESPONDER.CREATE_FAILED, **IDENTITY}
    ]
    printed = "".join(capsys.readouterr())
    frames = [line for line in printed.splitlines() if line.startswith("  File ")]
    assert frames[-1].endswith("in handle")
    assert printed.splitlines()[-1].strip() == "ValueError"
    assert SECRET not in printed


def test_the_delete_after_a_failed_create_touches_nothing(answers: Answers) -> None:
    send(answers, raises(ReportedError("no")))
    assert answers.taken[0]["PhysicalResourceId"] == RESPONDER.CREATE_FAILED
    send(
        answers, raises(AssertionError("the handler was called")), "Delete", PhysicalResourceId=RESPONDER.CREATE_FAILED
    )
    assert answers.taken[1] == {"Status": "SUCCESS", "PhysicalResourceId": RESPONDER.CREATE_FAILED, **IDENTITY}


def test_a_delete_keeps_its_physical_id_whatever_the_handler_returns(answers: Answers) -> None:
    send(answers, lambda *_: {}, "Delete", PhysicalResourceId="id")
    assert answers.taken[0]["PhysicalResourceId"] == "id"


@pytest.mark.parametrize("refuses", [[503], [0], [500, 0, 503]])
def test_a_lost_answer_is_sent_again_as_it_was(answers: Answers, refuses: list[int]) -> None:
    answers.refuses = list(refuses)
    calls: list[dict[str, Any]] = []

    def handle(event: dict[str, Any], _: object) -> dict[str, Any]:
        calls.append(event)
        return {"PhysicalResourceId": "id"}

    send(answers, handle)
    assert (len(answers.taken), len(calls)) == (1, 1)
    assert len(set(answers.bodies)) == 1


@pytest.mark.parametrize("status", [400, 403, 499])
def test_an_answer_that_is_refused_for_good_is_not_sent_again(answers: Answers, status: int) -> None:
    answers.refuses = [status] * 10
    with pytest.raises(OSError, match=str(status)):
        send(answers, lambda *_: {})
    assert len(answers.bodies) == 1


def test_lambda_hears_that_no_answer_went_out(answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    answers.refuses = [503] * 10
    with pytest.raises(OSError, match="refused the answer") as caught:
        send(answers, lambda *_: {})
    assert len(answers.bodies) == RESPONDER.ATTEMPTS == 5
    assert SIGNATURE not in "".join(capsys.readouterr()) + repr(caught.value) + repr(caught.value.__cause__)


def test_each_attempt_ends_in_time_waits_twice_as_long_and_is_logged(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    limits: list[float | None] = []
    connect = RESPONDER.urllib.request.urlopen

    def urlopen(request: Any, *, timeout: float | None = None) -> Any:
        limits.append(timeout)
        return connect(request, timeout=timeout)

    monkeypatch.setattr(RESPONDER.time, "sleep", waits.append)
    monkeypatch.setattr(RESPONDER.urllib.request, "urlopen", urlopen)
    answers.refuses = [503, 0, 500]
    send(answers, lambda *_: {})
    assert waits == [2, 4, 8]
    assert limits == [RESPONDER.TIMEOUT_SECONDS] * 4
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["answer not accepted"] * 3
    assert (lines[0], lines[2]) == ("answer not accepted: 503, attempt 1", "answer not accepted: 500, attempt 3")
    assert lines[1] == "answer not accepted: BadStatusLine, attempt 2"


@pytest.mark.parametrize("character", ["a", "ü", "×", "😀", '"', "\n", "\x00"])
def test_an_answer_is_never_larger_than_cloudformation_accepts(answers: Answers, character: str) -> None:
    send(answers, raises(ReportedError(character * 10_000)))
    (body,) = answers.bodies
    assert 0.89 * RESPONDER.MAX_ANSWER_BYTES < len(body) <= RESPONDER.MAX_ANSWER_BYTES
    assert answers.taken[0]["Reason"].startswith(character)


def test_an_answer_as_large_as_cloudformation_accepts_is_sent_whole(answers: Answers) -> None:
    send(answers, raises(ReportedError("")))
    reason = "a" * (RESPONDER.MAX_ANSWER_BYTES - len(answers.bodies[0]))
    send(answers, raises(ReportedError(reason)))
    assert len(answers.bodies[1]) == RESPONDER.MAX_ANSWER_BYTES
    assert answers.taken[1]["Reason"] == reason


def test_a_killed_function_gives_no_answer(answers: Answers) -> None:
    with pytest.raises(KeyboardInterrupt):
        send(answers, raises(KeyboardInterrupt()))  # type: ignore[arg-type]
    assert answers.bodies == []
