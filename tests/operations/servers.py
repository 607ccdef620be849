"""Little servers on loopback for the clients of operations/."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import trustme


@dataclass(eq=False)
class Answer:
    """What a server sends, and what it was sent."""

    raw: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Served-By: test\r\n\r\nok"
    heads: list[bytes] = field(default_factory=list)
    again: bytes = b""
    """Sent after `raw`, again and again, until the client leaves."""
    pause_seconds: float = 0
    """Between one and the next."""


class Serve(Protocol):
    """Starts an HTTPS server with a certificate for `names`."""

    def __call__(self, *names: str, answer: "Answer | None" = None) -> "HttpsServer": ...


class HttpsServer:
    """Answers every connection with the same bytes, under one certificate."""

    def __init__(self, certificate: trustme.LeafCert, answer: Answer) -> None:
        self.answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self._first: bytes | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def require_newest_tls(self) -> None:
        """Speak TLS 1.3 alone."""
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3

    def speak_without_tls(self, text: bytes) -> None:
        """Answer with `text`; without one, stay silent until the client leaves."""
        self._first = text

    def close(self) -> None:
        """Ends the server."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            if self._first is not None:
                with connection:
                    connection.sendall(self._first)
                    while self._first == b"" and connection.recv(65_536):
                        pass
                continue
            try:
                with self._context.wrap_socket(connection, server_side=True) as session:
                    self.answer.heads.append(session.recv(65_536))
                    session.sendall(self.answer.raw)
                    while self.answer.again:
                        session.sendall(self.answer.again)
                        time.sleep(self.answer.pause_seconds)
            except OSError:  # the client refused, and that is what is tested
                connection.close()


class Proxy:
    """An HTTP proxy that leads every CONNECT to one place, or refuses it with `refusal`, and `again` and again."""

    def __init__(
        self, target: tuple[str, int], refusal: bytes = b"", *, again: bytes = b"", pause_seconds: float = 0
    ) -> None:
        self._again = again
        self._pause_seconds = pause_seconds
        self.requests: list[bytes] = []
        self._target = target
        self._refusal = refusal
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the proxy."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                self.requests.append(client.recv(4_096))
                if self._refusal or self._again:
                    self._refuse(client)
                else:
                    self._tunnel(client)

    def _refuse(self, client: socket.socket) -> None:
        try:
            client.sendall(self._refusal)
            while self._again:
                client.sendall(self._again)
                time.sleep(self._pause_seconds)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):  # so that the client has read everything before the connection ends
                pass
        except OSError:  # the client left
            return

    def _tunnel(self, client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(self._target) as server:
            back = threading.Thread(target=_pump, args=(server, client))
            back.start()
            _pump(client, server)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
    except OSError:  # one side is gone
        pass
    # Also then: the other side waits for the end.
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
