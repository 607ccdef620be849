"""A shell without credentials gets one message with what to do."""

import os
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, PartialCredentialsError, ProfileNotFound, UnauthorizedSSOTokenError

from understudy_failover.cli import main
from understudy_failover.contract.identity import Identity
from understudy_failover.operations import aws
from understudy_failover.operations.review import command as review
from understudy_failover.operations.verify import deployment as known

LOG_IN = "log in as for the AWS CLI (such as AWS_PROFILE=…), or source the file that `understudy up` prints"
MESSAGE = f"this shell has no usable AWS credentials (Unable to locate credentials); {LOG_IN}\n"


@pytest.fixture(autouse=True)
def _logged_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever account other tests of this process are still logged in to."""
    for name in [name for name in os.environ if name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # Made at the first call, with the credentials of that moment.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


COMMANDS = (
    ["verify"],
    ["preflight"],
    ["import"],
    ["detach"],
    ["repair"],
    ["maintenance", "status"],
    ["maintenance", "on", "web", "--apply"],
    ["maintenance", "windows"],
    ["drill", "web", "--dry-run"],
    ["certificate", "show"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_says_it_once_and_exits_1(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"AWS: {MESSAGE}")


def test_so_does_make_diff(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "synthesized_resources", lambda _: {})
    monkeypatch.setattr(review, "identities", lambda _: {"stack": Identity("", "", "")})
    assert main(["diff"]) == 1
    assert capsys.readouterr().err == f"diff: {MESSAGE}"


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetCallerIdentity")


EXPIRED = f"the AWS credentials of this shell have expired; {LOG_IN}"
REFUSED = f"AWS does not accept the credentials of this shell; {LOG_IN}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (_refusal("ExpiredToken"), EXPIRED),
        (_refusal("ExpiredTokenException"), EXPIRED),
        (UnauthorizedSSOTokenError(), EXPIRED),
        (_refusal("InvalidClientTokenId"), REFUSED),
        (_refusal("UnrecognizedClientException"), REFUSED),
        (
            ProfileNotFound(profile="ops"),
            f"this shell has no usable AWS credentials (The config profile (ops) could not be found); {LOG_IN}",
        ),
        (
            PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "this shell has no usable AWS credentials (Partial credentials found in env, missing: "
            f"AWS_SECRET_ACCESS_KEY); {LOG_IN}",
        ),
    ],
)
def test_every_fault_of_credentials_has_one_wording_in_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    assert aws.in_words(error) == words
    assert known.in_words(error) == words

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            def refuse(*_: object, **__: object) -> Any:
                raise error

            return refuse

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(aws, "client", lambda *_: Refusing())
    for command in (["verify"], ["preflight"], ["repair"], ["maintenance", "status", "--account", "111122223333"]):
        assert main(command) == 1
        assert capsys.readouterr().err.removeprefix("AWS: ") == f"{words}\n"


def test_an_api_that_is_down_is_no_fault_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws.credentials_fault(_refusal("ServiceUnavailable")) == ""
    assert aws.credentials_fault(_refusal("AccessDenied")) == ""


UNUSABLE = [["verify"], ["repair"], ["import"], ["maintenance", "off", "web", "--apply"], ["drill", "web", "--dry-run"]]


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/x"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere.example"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "nonsense"},
    ],
    ids=str,
)
@pytest.mark.parametrize("command", UNUSABLE, ids=" ".join)
def test_credentials_that_cannot_be_read_are_named(
    command: list[str],
    variables: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(command) == 1
    assert "this shell has no usable AWS credentials" in capsys.readouterr().err


@pytest.mark.parametrize("endpoint", ["nonsense", "http://[", "//"])
@pytest.mark.parametrize("command", UNUSABLE, ids=" ".join)
def test_an_endpoint_that_is_no_url_is_named(
    command: list[str], endpoint: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    assert main(command) in {1, 2}
    assert capsys.readouterr().err
