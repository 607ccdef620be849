"""What the handler makes of a failed call: may it have had its effect, may it pass, and what does it say."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.server_certificate.fake_aws import handler_module

aws: Any = handler_module("aws")


def _failed(monkeypatch: pytest.MonkeyPatch, error: Exception, operation: str = "get_server_certificate") -> Any:
    def failing(**_: object) -> None:
        raise error

    aws._client.cache_clear()
    client = SimpleNamespace(**{operation: failing})
    monkeypatch.setattr(aws, "aws_client", SimpleNamespace(client=lambda *_: client))
    with pytest.raises(aws.AwsError) as failure:
        aws.call("iam", operation)
    aws._client.cache_clear()
    return failure.value


def _answer(code: str, status: int = 400, retries: int = 0) -> ClientError:
    error = {"Code": code, "Message": "in words"}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": retries}}, "X")


@pytest.mark.parametrize(
    ("error", "may_have_happened", "may_pass"),
    [
        (_answer("AccessDenied"), False, False),
        (_answer("AccessDenied", retries=1), True, False),
        (_answer("AccessDenied", retries=2), True, False),
        (_answer("Throttling"), False, True),
        (_answer("ServiceFailure", status=499), False, False),
        (_answer("ServiceFailure", status=500), True, True),
        (_answer("ServiceFailure", status=503), True, True),
        (ReadTimeoutError(endpoint_url="https://iam"), True, True),
        (ClientError({"Error": {"Code": "NoMetadata"}}, "X"), False, False),
        (ClientError({}, "X"), False, False),
        (ClientError({"Error": {"Code": "Few"}, "ResponseMetadata": {}}, "X"), False, False),
    ],
    ids=str,
)
def test_what_may_have_happened_and_what_may_pass(
    monkeypatch: pytest.MonkeyPatch, error: Exception, may_have_happened: bool, may_pass: bool
) -> None:
    failure = _failed(monkeypatch, error)
    assert (failure.may_have_happened, failure.may_pass) == (may_have_happened, may_pass)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (_answer("Throttling"), "GetServerCertificate: Throttling: in words"),
        (ClientError({"Error": {"Code": "Mute"}}, "X"), "GetServerCertificate: Mute"),
        (ReadTimeoutError(endpoint_url="https://iam"), "GetServerCertificate: ReadTimeoutError"),
    ],
    ids=str,
)
def test_it_says_operation_code_and_what_aws_says(monkeypatch: pytest.MonkeyPatch, error: Exception, said: str) -> None:
    assert str(_failed(monkeypatch, error)) == said


def test_nothing_is_repeated_of_what_is_said_about_an_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    operation = "upload_server_certificate"
    assert str(_failed(monkeypatch, _answer("InvalidInput"), operation)) == "UploadServerCertificate: InvalidInput"


def test_an_error_made_by_hand_did_not_happen_twice() -> None:
    failure = aws.AwsError("get_object", "NoSuchKey", status=404)
    assert (str(failure), failure.may_have_happened) == ("GetObject: NoSuchKey", False)


def test_time_left_is_in_seconds() -> None:
    assert aws.left_seconds(SimpleNamespace(get_remaining_time_in_millis=lambda: 1500)) == 1.5
