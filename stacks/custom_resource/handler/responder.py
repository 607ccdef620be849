"""Answers CloudFormation for a custom resource, in place of the CDK's provider framework.

A function's entry is `handler = responder(handle, expected=MyError)`. `handle(event, context)` returns
`{"PhysicalResourceId": …, "Data": {…}}` or raises; the answer goes to the event's pre-signed ResponseURL.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html

Deployed beside the handlers: the standard library alone.
"""

import json
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

CREATE_FAILED = "understudy-create-failed"
"""Physical id of a resource whose Create failed: CloudFormation sends a Delete for it, which must change nothing."""
MAX_ANSWER_BYTES = 4_096
ATTEMPTS = 5
TIMEOUT_SECONDS = 10
"""Of an attempt."""

Event = dict[str, Any]
Handle = Callable[[Event, Any], dict[str, Any]]


def responder(
    handle: Handle, *, expected: type[Exception] | tuple[type[Exception], ...]
) -> Callable[[Event, Any], None]:
    """Return the handler for Lambda.

    CloudFormation shows the text of `expected` errors. The text of another error may quote a secret: CloudFormation
    shows its type, and the log its frames without the text.
    """

    def handler(event: Event, context: Any) -> None:
        url, request = event["ResponseURL"], {key: value for key, value in event.items() if key != "ResponseURL"}
        known = request.get("PhysicalResourceId") or CREATE_FAILED
        answer: dict[str, Any] = {"Status": "SUCCESS", "PhysicalResourceId": known}
        try:
            if not (request["RequestType"] == "Delete" and known == CREATE_FAILED):
                answer |= handle(request, context)
        except expected as error:
            answer |= {"Status": "FAILED", "Reason": str(error)}
        except Exception as error:
            print("".join(traceback.format_tb(error.__traceback__)), type(error).__name__, flush=True)
            reason = f"unexpected {type(error).__name__}; see log stream {context.log_stream_name}"
            answer |= {"Status": "FAILED", "Reason": reason}
        _send(url, answer | {key: request[key] for key in ("StackId", "RequestId", "LogicalResourceId")})

    return handler


def _send(url: str, answer: dict[str, Any]) -> None:
    """Send the answer, again where it may be lost: CloudFormation ignores repetitions.

    Raise OSError if it is not accepted. Lambda then runs the function again, which must return the same answer.
    """
    while len(body := json.dumps(answer, ensure_ascii=False).encode()) > MAX_ANSWER_BYTES and answer.get("Reason"):
        answer["Reason"] = answer["Reason"][: len(answer["Reason"]) * 9 // 10]
    # The empty type is part of the signature of the pre-signed URL.
    request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310 (https, or loopback)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS).close()  # noqa: S310
            return
        except (OSError, HTTPException) as error:
            # Without the URL, with whose signature anybody can answer, and without texts that may hold it.
            status = 0
            if isinstance(error, urllib.error.HTTPError):
                status = error.code
                error.close()
            print(f"answer not accepted: {status or type(error).__name__}, attempt {attempt}", flush=True)
            if attempt == ATTEMPTS or 400 <= status < 500:
                raise OSError(f"CloudFormation's ResponseURL refused the answer: {status}") from None
        time.sleep(2**attempt)
