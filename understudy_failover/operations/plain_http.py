"""A request over plain HTTP, without redirects."""

from collections.abc import Mapping

from understudy_failover.operations.connection import BoundedStream, Deadline, UnreachableError, open_stream
from understudy_failover.operations.http_exchange import exchange
from understudy_failover.operations.reach import Reach

HTTP_PORT = 80


def plain_request(host: str, address: str, reach: Reach) -> tuple[int, Mapping[str, str]]:
    """Return status and headers (lower case) of `GET /` of `host` at `address`. Raise UnreachableError."""
    deadline = Deadline(reach.timeout_seconds)
    try:
        with open_stream(address, HTTP_PORT, deadline, reach.proxy) as stream:
            answer = exchange(BoundedStream(stream, deadline), host, method="GET", path="/")
    except TimeoutError:
        raise UnreachableError(f"no answer within {deadline.seconds:g} s") from None
    except OSError as error:
        raise UnreachableError(str(error) or type(error).__name__) from None
    return answer.status, answer.headers
