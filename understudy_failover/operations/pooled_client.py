"""A client that keeps its connection, as HTTP pools and reverse proxies do: it follows DNS when the connection ends.

docs/who-notices.md lists such clients.
"""

from threading import Lock

from understudy_failover.contract.documentation import documentation
from understudy_failover.operations.connection import UnreachableError, UnresolvedError
from understudy_failover.operations.https_client import HttpsClient, OpenSession, TlsError
from understudy_failover.operations.observation import HttpsProbe, ServedBy, classify, client_name
from understudy_failover.settings import Host

WHO_NOTICES = documentation("who-notices")
MARK = " (connection kept)"
"""Suffix of the host's name for the observations of this client."""


class PooledClient:
    """A client that requests the front page of `host` on one connection as long as it lives, then on another."""

    def __init__(self, host: Host, client: HttpsClient) -> None:
        self.host = host
        self.connections = 0
        self._client = client
        self._session: OpenSession | None = None
        # Visits run in a worker thread: close() must not miss a connection that a visit opens.
        self._lock = Lock()

    def probe_https(self) -> HttpsProbe:
        """Return the result of the next request; never raise."""
        with self._lock:
            if self._session:
                try:
                    return self._ask(self._session)
                except UnreachableError:  # closed since: a pool tries again on a new connection
                    self._close()
            try:
                self._session = self._client.open(client_name(self.host))
                self.connections += 1
                return self._ask(self._session)
            except UnreachableError as error:
                self._close()
                resolver = error.resolver if isinstance(error, UnresolvedError) else ""
                return HttpsProbe(ServedBy.NOBODY, str(error), not isinstance(error, TlsError), unresolved_by=resolver)

    def close(self) -> None:
        """Close the connection, after a running visit."""
        with self._lock:
            self._close()

    def _ask(self, session: OpenSession) -> HttpsProbe:
        answer = session.ask("/")
        if not answer.whole or answer.headers.get("connection", "").lower() == "close":
            self._close()
        return classify(answer.status, answer.headers)

    def _close(self) -> None:
        if self._session:
            self._session.close()
        self._session = None
