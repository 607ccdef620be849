"""One request over plain HTTP, nothing followed."""

import http.client
from collections.abc import Mapping

from understudy_failover.operations.https_client import UnreachableError, open_stream
from understudy_failover.operations.reach import Reach

HTTP_PORT = 80


def plain_request(host: str, address: str, reach: Reach) -> tuple[int, Mapping[str, str]]:
    """Status and headers (lower case) of `GET /` of `host` at `address`.

    Raises:
        UnreachableError: no HTTP answer came.
    """
    connection = http.client.HTTPConnection(host, HTTP_PORT, timeout=reach.timeout_seconds)
    try:
        connection.sock = open_stream(address, HTTP_PORT, reach.timeout_seconds, reach.proxy)
        connection.request("GET", "/", headers={"Host": host, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    except TimeoutError:
        raise UnreachableError("no answer in time") from None
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(str(error) or type(error).__name__) from None
    finally:
        connection.close()
