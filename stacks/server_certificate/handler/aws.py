"""The calls of AWS in this function, with errors that quote nothing confidential; time and log."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aws_client
from aws_client import Context, left_seconds
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
"""A call takes about a minute at most, and another minute while access is denied: several calls and the waits fit into
one invocation."""

RETRYABLE_CODES = frozenset({"ConcurrentModification", "RequestLimitExceeded", "Throttling", "ThrottlingException"})
CONFIDENTIAL = "upload_server_certificate"
"""The call with the private key: no error repeats the text of AWS or botocore about it."""


__all__ = ["AwsError", "Context", "ServerCertificateError", "call", "left_seconds", "log", "monotonic", "now", "sleep"]


class ServerCertificateError(Exception):
    """The text is for CloudFormation's event: never the key, nor a message that may quote it."""


class AwsError(ServerCertificateError):
    """A call that failed. `code` is AWS's, or the type of botocore's error without an answer."""

    def __init__(self, operation: str, code: str, message: str = "", *, status: int = 0, retries: int = 0) -> None:
        name = "".join(word.capitalize() for word in operation.split("_"))
        super().__init__(f"{name}: {code}" + (f": {message}" if message else ""))
        self.code = code
        self.may_have_happened = not status or status >= 500 or retries > 0
        """Whether the call may have had its effect: its answer, or that of an earlier attempt, was lost."""
        self.may_pass = not status or status >= 500 or code in RETRYABLE_CODES


def call(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Return the answer to `operation` of boto3's client for `service`. Raise AwsError after botocore's retries."""
    # Raised after the `except`, not in it: botocore quotes the values of invalid parameters, and even `from None` keeps
    # the original exception, with its text, as the context of the new exception.
    try:
        answer: dict[str, Any] = getattr(_client(service), operation)(**parameters)
        return answer
    except ClientError as error:
        failure = _failure(operation, error.response)
    except BotoCoreError as error:
        failure = AwsError(operation, type(error).__name__)
    raise failure


def _failure(operation: str, response: Mapping[str, Any]) -> AwsError:
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    return AwsError(
        operation,
        str(error.get("Code")),
        "" if operation == CONFIDENTIAL else str(error.get("Message", "")),
        status=metadata.get("HTTPStatusCode", 400),
        retries=metadata.get("RetryAttempts", 0),
    )


@cache
def _client(service: str) -> Any:
    return aws_client.client(service, CONFIG)


def monotonic() -> float:
    return time.monotonic()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def log(message: str, **fields: object) -> None:
    """Write a line of the function's log: names and codes, never an event or a value of AWS's answers."""
    print(json.dumps({"message": message, **fields}), flush=True)
