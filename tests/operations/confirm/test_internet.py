"""A connection that stays open, until the other side closes it."""

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from understudy_failover.operations import https_client
from understudy_failover.operations.confirm.context import Internet
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.reach import Reach

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers one request on one connection, and closes it when it is asked to."""

    def __init__(self, authority: trustme.CA) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.close = threading.Event()
        self.closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with self._context.wrap_socket(connection, server_side=True) as session:
            session.recv(4096)
            session.sendall(ANSWER)
            self.close.wait(60)
        self.closed.set()

    def stop(self) -> None:
        self.close.set()
        self._thread.join(60)
        self._listener.close()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    running = Server(authority)
    monkeypatch.setattr(https_client, "HTTPS_PORT", running.port)
    yield running
    running.stop()


def test_a_connection_is_open_until_the_other_side_closes_it(authority: trustme.CA, server: Server) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    session = Internet(Reach(trust=trust)).connect("localhost")
    assert session.request("/") == 200
    assert not session.is_closed()
    server.close.set()
    assert server.closed.wait(60)
    assert session.is_closed()
    with pytest.raises((UnreachableError, OSError)):
        session.request("/")
    session.close()
