"""A TLS connection that stays open from request to request, as HTTP pools and reverse proxies keep them."""

import ssl

from understudy_failover.operations.connection import BoundedStream, Clock, Deadline
from understudy_failover.operations.http_exchange import HttpAnswer, exchange

LOOK_SECONDS = 0.05
"""How long a look at an idle connection waits for its end."""


class OpenSession:
    """A connection to `host` that is kept; `timeout_seconds` is for one answer, by `clock` if there is one."""

    def __init__(self, session: ssl.SSLSocket, host: str, timeout_seconds: float, clock: Clock | None = None) -> None:
        self._session = session
        self._host = host
        self._timeout_seconds = timeout_seconds
        self._clock = clock

    def ask(self, path: str) -> HttpAnswer:
        """Return the whole answer, so that the next one can follow.

        Raises:
            UnreachableError: no answer came, or the other side has closed the connection.
        """
        stream = BoundedStream(self._session, Deadline(self._timeout_seconds, self._clock))
        return exchange(stream, self._host, method="GET", path=path, headers={"Connection": "keep-alive"})

    def request(self, path: str) -> int:
        """Return the status of the answer; raises as `ask`."""
        return self.ask(path).status

    def is_closed(self) -> bool:
        """Return whether the other side has closed the connection."""
        self._session.settimeout(LOOK_SECONDS)
        try:
            return self._session.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Close it."""
        self._session.close()
