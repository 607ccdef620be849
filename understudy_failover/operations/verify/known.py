"""Answers, each asked for once: what one API refuses is not waited for again by every check that needs it."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.contract.printable import printable
from understudy_failover.operations.aws import credentials_fault
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.repair.declared import NotReadyError

Answer = TypeVar("Answer")


class NotThereError(Exception):
    """Something that a check needs does not exist; the text says what."""


ERRORS = (BotoCoreError, ClientError, DnsError, NotThereError, NotReadyError)
"""What looking at a deployment raises when it cannot see."""


class Known:
    """Remembers answers and errors by key; of several threads one asks, and the others wait for its answer."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}
        self._errors: dict[Hashable, Exception] = {}
        # Also because a boto3 session makes its clients in one thread at a time; re-entrant, as answers need others.
        self._lock = threading.RLock()

    def once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer of `ask`, the first time; afterwards the same, or the same error again."""
        with self._lock:
            if key in self._errors:
                raise self._errors[key]
            if key not in self._answers:
                try:
                    self._answers[key] = ask()
                except ERRORS as error:
                    self._errors[key] = error
                    raise
            found: Answer = self._answers[key]
            return found

    def forget(self, key: Hashable) -> None:
        """Lets `once` ask again."""
        with self._lock:
            self._answers.pop(key, None)
            self._errors.pop(key, None)


def in_words(error: Exception) -> str:
    """Return a line for a person."""
    if fault := credentials_fault(error):
        return fault
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        words = f"{error.operation_name}: {answer.get('Code', 'error')}: {answer.get('Message', '')}".rstrip(": ")
        return printable(words)
    return printable(" ".join(str(error).split()))
