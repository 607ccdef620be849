"""AWS as this function reaches it: one client per service, errors that quote nothing confidential, time, log."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import aws_client
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
"""A call takes a minute or so at the very most, and another where access is denied: several of them, and the waits,
fit into one invocation."""

RETRYABLE_CODES = frozenset({"ConcurrentModification", "RequestLimitExceeded", "Throttling", "ThrottlingException"})
SPEAKS_OF_THE_KEY = "upload_server_certificate"
"""The one call that is given the private key: what AWS or botocore say about it is not repeated."""


class ServerCertificateError(Exception):
    """Text for CloudFormation's event: never the key, nor a message that might quote it."""


class AwsError(ServerCertificateError):
    """A call that failed. `code` is AWS's, or the kind of botocore's error where no answer came."""

    def __init__(self, operation: str, code: str, message: str = "", *, status: int = 0, retries: int = 0) -> None:
        name = "".join(word.capitalize() for word in operation.split("_"))
        super().__init__(f"{name}: {code}" + (f": {message}" if message else ""))
        self.code = code
        self.may_have_happened = not status or status >= 500 or retries > 0
        """Whether the call may have had its effect all the same: the answer to it was lost, or to one before it."""
        self.may_pass = not status or status >= 500 or code in RETRYABLE_CODES


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Time left until Lambda ends this invocation."""


def call(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """`operation` of boto3's client for `service`.

    Raises:
        AwsError: after botocore's own retries.
    """
    # Raised after the `except` and not in it: botocore quotes the values of parameters that it finds invalid,
    # and even `from None` keeps the original, with its text, as the context of the new exception.
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
        "" if operation == SPEAKS_OF_THE_KEY else str(error.get("Message", "")),
        status=metadata.get("HTTPStatusCode", 400),
        retries=metadata.get("RetryAttempts", 0),
    )


@cache
def _client(service: str) -> Any:
    return aws_client.client(service, CONFIG)


def left_seconds(context: Context) -> float:
    """Time left in this invocation."""
    return context.get_remaining_time_in_millis() / 1000


def monotonic() -> float:
    """Seconds, for measuring how long something takes."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


def now() -> datetime:
    """The present."""
    return datetime.fromtimestamp(time.time(), UTC)


def log(message: str, **fields: object) -> None:
    """One line of the function's log: names and codes, never an event or a value of AWS's answers."""
    print(json.dumps({"message": message, **fields}), flush=True)
