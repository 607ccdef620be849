"""One HTTP/1.1 request and its answer over an existing connection."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from understudy_failover.operations.connection import BoundedStream, TooLongError, UnreachableError

CHUNK_BYTES = 64 * 1024
FAULTS = (OSError, http.client.HTTPException, ValueError, OverflowError)
"""Errors of reading an answer. The last two are those of `http.client` for invalid lengths."""


@dataclass(frozen=True)
class HttpAnswer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    """False where the body was longer than the connection's limit: `body` is its beginning."""


def exchange(
    stream: BoundedStream,
    host: str,
    *,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    read_body: bool = True,
) -> HttpAnswer:
    """Return the answer of `host`; `path` is sent unchanged. Without `read_body` its body is empty.

    Raises:
        UnreachableError: no HTTP answer came, or not within the connection's deadline.
    """
    connection = http.client.HTTPConnection(host)
    connection.sock = cast(Any, stream)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, "Connection": "close", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        body, whole = _body(answer) if read_body else (b"", True)
        return HttpAnswer(answer.status, fields, body, whole)
    except TimeoutError:
        raise UnreachableError(f"no whole answer within {stream.deadline.seconds:g} s") from None
    except FAULTS as error:
        raise UnreachableError(str(error) or type(error).__name__) from None
    finally:
        connection.close()


def _body(answer: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """Read the body by pieces: a server may state a length of many digits."""
    body = bytearray()
    try:
        while piece := answer.read(CHUNK_BYTES):
            body += piece
    except TooLongError:
        return bytes(body), False
    if answer.length:  # `read` with a size is silent about an end that comes too early
        raise http.client.IncompleteRead(b"", answer.length)
    return bytes(body), True
