"""Sample servers in place of the owner's: HTTPS servers on loopback for the addresses in failover.toml."""

import contextlib
import random
import selectors
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from understudy_failover.emulator import Clock, Control
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.settings import Server

LOOPBACK = "127.0.0.1"
SLOW_SECONDS = 1.5
"""Emulated; less than the 2 s that a health checker waits for a status."""
IDLE_SECONDS = 30
LOST_PART = 0.2
"""The share of connections that are lost in that mode."""


class SampleServer:
    """A server of failover.toml, with all its ports, in a `Mode`.

    A mode routes the public addresses to sockets of that behavior. A refusing server keeps its port, so that no other
    program answers there.
    """

    def __init__(self, server: Server, tls: ssl.SSLContext, clock: Clock, control: Control) -> None:
        self._server = server
        self._control = control
        self._clock = clock
        self.mode = Mode.WELL
        self.failing_hosts: set[str] = set()
        """Host names for which it answers 500 in any mode, like one broken application of several."""
        # The same connections are lost in every run.
        self._chance = random.Random(1)  # noqa: S311 (no secret)
        check = server.health_check
        self._tls_ports = {443} | ({check.port} if check.type == "HTTPS" else set())
        ports = {80, 443, check.port}
        # Closed by `close`, or by an error below.
        with contextlib.ExitStack() as stack:
            accepting = _Acceptor()
            stack.callback(accepting.end)
            self._well = {
                port: accepting.listen(_answering(self, tls if port in self._tls_ports else None)) for port in ports
            }
            self._hanging = accepting.listen(_Hanging)
            self._garbling = accepting.listen(_Garbling)
            refusing = stack.enter_context(socket.socket())
            # Bound, but not listening: the operating system refuses every connection.
            refusing.bind((LOOPBACK, 0))
            self._refusing: tuple[str, int] = refusing.getsockname()
            accepting.begin()
            self._sockets = stack.pop_all()

    def play(self, mode: Mode) -> None:
        """Let new connections have this behavior."""
        self.mode = mode
        self.play_at(self._server.addresses, mode)

    def play_at(self, addresses: Sequence[IPv4Address | IPv6Address], mode: Mode) -> None:
        """Set a mode without answers at some of its addresses only."""
        for address in addresses:
            for port in self._well:
                target = self._target(port, mode)
                if target:
                    self._control.route(address=str(address), port=port, to=target)
                else:
                    self._control.unroute(address=str(address), port=port)

    def close(self) -> None:
        self._sockets.close()

    def answer(self, host: str) -> tuple[int, str]:
        """Return status and body for a request to `host`, in the current mode; wait if that is slow."""
        if self.mode is Mode.SLOW:
            self._clock.sleep(SLOW_SECONDS)
        search_string = "" if self.mode is Mode.LACKS_TEXT else self._server.health_check.search_string or ""
        status = 500 if self.mode is Mode.ANSWERS_500 or host in self.failing_hosts else 200
        return status, f"Server {self._server.name} {self.mode}. {search_string}\n"

    def loses(self) -> bool:
        """Return whether the next connection is lost."""
        return self.mode is Mode.LOSES_SOME and self._chance.random() < LOST_PART

    def _target(self, port: int, mode: Mode) -> tuple[str, int] | None:
        match mode:
            case Mode.VANISHED:
                return None
            case Mode.REFUSES:
                return self._refusing
            case Mode.HANGS:
                return self._hanging
            case Mode.BREAKS_TLS if port in self._tls_ports:
                return self._garbling
            case _:
                return self._well[port]


class _Acceptor:
    """A thread that accepts for several listeners. `serve_forever` would poll 20 times a second for each."""

    def __init__(self) -> None:
        self._listeners: list[_Listener] = []
        self._selector = selectors.DefaultSelector()
        self._ended, self._end = socket.socketpair()
        self._selector.register(self._ended, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def listen(self, handler: type[socketserver.BaseRequestHandler]) -> tuple[str, int]:
        """Return the address of a new listener."""
        listener = _Listener((LOOPBACK, 0), handler)
        self._listeners.append(listener)
        self._selector.register(listener, selectors.EVENT_READ, listener)
        host, port = listener.server_address[:2]
        return str(host), int(port)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._end.close()
        if self._thread.is_alive():
            self._thread.join()
        for listener in self._listeners:
            listener.server_close()
        self._selector.close()
        self._ended.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data.handle_request()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore that a client disconnected."""


def _answering(server: SampleServer, tls: ssl.SSLContext | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = IDLE_SECONDS

        def setup(self) -> None:
            if server.loses():
                raise ConnectionAbortedError
            if tls:
                # In the thread of the connection, so that a slow handshake delays no other.
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
            self.request.close()

        def log_message(self, *_: object) -> None:
            """Silent."""

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):  # any method
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, text = server.answer(self.headers.get("Host", ""))
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)
            self.close_connection = True

    return Handler


class _Hanging(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(IDLE_SECONDS)
        while self.request.recv(4_096):  # until the client gives up
            pass


class _Garbling(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(IDLE_SECONDS)
        self.request.recv(4_096)
        self.request.sendall(b"This is no TLS.\r\n")


@contextlib.contextmanager
def sample_servers(
    servers: tuple[Server, ...], tls: ssl.SSLContext, clock: Clock, control: Control
) -> Iterator[dict[str, SampleServer]]:
    """Yield a working sample server for each of `servers`, by name."""
    with contextlib.ExitStack() as stack:
        samples = {}
        for server in servers:
            sample = samples[server.name] = SampleServer(server, tls, clock, control)
            stack.callback(sample.close)
            sample.play(Mode.WELL)
        yield samples
