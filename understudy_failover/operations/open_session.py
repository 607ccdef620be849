"""A TLS connection for several requests, as of HTTP pools and reverse proxies."""

import ssl

from understudy_failover.operations.connection import BoundedStream, Clock, Deadline
from understudy_failover.operations.http_exchange import HttpAnswer, exchange

LOOK_SECONDS = 0.05
"""Time limit of the test whether an idle connection is closed."""


class OpenSession:
    """A connection to `host`; `timeout_seconds` limits one answer, by `clock` if given."""

    def __init__(self, session: ssl.SSLSocket, host: str, timeout_seconds: float, clock: Clock | None = None) -> None:
        self._session = session
        self._host = host
        self._timeout_seconds = timeout_seconds
        self._clock = clock

    def ask(self, path: str) -> HttpAnswer:
        """Return the whole answer. Raise UnreachableError where none came, or the connection is closed."""
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
        self._session.close()
