"""A client that keeps its connection, as HTTP pools and reverse proxies do: it follows DNS when that one ends.

docs/who-notices.md has the clients that do so.
"""

from threading import Lock

from understudy_failover.contract.documentation import documentation
from understudy_failover.operations.connection import UnreachableError, UnresolvedError
from understudy_failover.operations.https_client import HttpsClient, TlsError
from understudy_failover.operations.open_session import OpenSession
from understudy_failover.operations.sight import OnStage, Visit, client_name, seen_in
from understudy_failover.settings import Host

WHO_NOTICES = documentation("who-notices")
MARK = " (connection kept)"
"""Behind the host's name, where what such a client sees is shown beside what others see."""


class PooledClient:
    """Asks `host` for its front page on one connection for as long as that lives, and then on another."""

    def __init__(self, host: Host, client: HttpsClient) -> None:
        self.host = host
        self.connections = 0
        self._client = client
        self._session: OpenSession | None = None
        # Visits run in a worker, and who closes must not leave that one's new connection behind.
        self._lock = Lock()

    def visit(self) -> Visit:
        """Return what the next request shows; never raises for what comes back."""
        with self._lock:
            if self._session:
                try:
                    return self._ask(self._session)
                except UnreachableError:  # closed since, so that a pool tries again on another
                    self._close()
            try:
                self._session = self._client.open(client_name(self.host))
                self.connections += 1
                return self._ask(self._session)
            except UnreachableError as error:
                self._close()
                resolver = error.resolver if isinstance(error, UnresolvedError) else ""
                return Visit(OnStage.NOBODY, str(error), not isinstance(error, TlsError), unresolved_by=resolver)

    def close(self) -> None:
        """End the connection, after a visit that is under way."""
        with self._lock:
            self._close()

    def _ask(self, session: OpenSession) -> Visit:
        answer = session.ask("/")
        if not answer.whole or answer.headers.get("connection", "").lower() == "close":
            self._close()
        return seen_in(answer.status, answer.headers)

    def _close(self) -> None:
        if self._session:
            self._session.close()
        self._session = None
