"""A server that plays a script in virtual time, asked by preflight and by the embedded AWS's health checker."""

import asyncio
import math
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from benchmarks.virtual_time import VirtualTime, run
from understudy_failover.contract.health_probe import TIME_OUTS
from understudy_failover.emulator import probe as emulated
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.model import HealthCheck as EmulatedCheck
from understudy_failover.emulator.network import Network
from understudy_failover.operations.preflight import probe as preflight
from understudy_failover.settings import HealthCheck

HOST = "www.example.com"
ADDRESS = "203.0.113.10"

Event = bytes | ConnectionResetError
Script = Sequence[tuple[float, Event]]
"""Seconds after the previous event, and what comes then: bytes, the end (no bytes) or a reset. Silence follows."""


@dataclass(frozen=True)
class Server:
    """`answer` follows the request, with `tls` in its session; `greeting` follows the connection, in place of TLS."""

    answer: Script = ()
    tls: ssl.SSLContext | None = None
    greeting: Script | None = None


class Connection:
    """The server's side of one connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._events: list[tuple[float, Event]] = list(server.greeting or ())
        self._answered = server.greeting is not None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = server.tls.wrap_bio(self._in, self._out, server_side=True) if server.tls else None

    def send(self, data: bytes) -> None:
        """Takes bytes of the client."""
        if self._tls is None:
            self._answer(bool(data))
            return
        self._in.write(data)
        try:
            self._tls.do_handshake()
            self._answer(b"\r\n\r\n" in self._tls.read(65_536))
        except ssl.SSLWantReadError:
            self._flush(0)
        except ssl.SSLError:
            self._flush(0)
            self._events.append((0, b""))

    def next(self) -> tuple[float, Event]:
        """Return what the client receives next, and after how many seconds."""
        return self._events.pop(0) if self._events else (math.inf, b"")

    def _answer(self, asked: bool) -> None:
        if self._answered or not asked:
            return
        self._answered = True
        for seconds, event in self._server.answer:
            if self._tls and isinstance(event, bytes) and event:
                self._tls.write(event)
                self._flush(seconds)
            else:
                self._events.append((seconds, event))

    def _flush(self, seconds: float) -> None:
        if data := self._out.read():
            self._events.append((seconds, data))


class _Time:
    """Passes only in `_Socket.recv`."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def real(self, seconds: float) -> float:
        return seconds


class _Socket:
    """A blocking socket of preflight."""

    def __init__(self, server: Server, time: _Time) -> None:
        self._connection, self._time = Connection(server), time
        self._timeout = 0.0
        self._coming: tuple[float, Event] | None = None
        self._due = 0.0

    def __enter__(self) -> "_Socket":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def settimeout(self, seconds: float) -> None:
        self._timeout = seconds

    def sendall(self, data: bytes) -> None:
        self._connection.send(data)

    def recv(self, _: int) -> bytes:
        if self._coming is None:
            self._coming = self._connection.next()
            self._due = self._time.seconds + self._coming[0]
        if self._due > self._time.seconds + self._timeout:
            self._time.seconds += self._timeout
            raise TimeoutError
        self._time.seconds = self._due
        event, self._coming = self._coming[1], None
        if isinstance(event, OSError):
            raise event
        return event


class _Streams:
    """Reader and writer of the embedded AWS."""

    def __init__(self, server: Server) -> None:
        self._connection = Connection(server)
        self.transport = SimpleNamespace(abort=lambda: None)

    def write(self, data: bytes) -> None:
        self._connection.send(data)

    async def read(self, _: int) -> bytes:
        seconds, event = self._connection.next()
        await asyncio.sleep(min(seconds, 1e6))
        if isinstance(event, OSError):
            raise event
        return event


def by_preflight(server: Server, *, tls: bool = False, search: str | None = None) -> str | None:
    """Return the fault that preflight's probe names; None: healthy."""
    values: dict[str, Any] = {"type": "HTTPS" if tls else "HTTP", "host_name": HOST, "search_string": search}
    check = HealthCheck.model_validate({name: value for name, value in values.items() if value})
    time = _Time()
    connect: Callable[..., Any] = lambda *_: _Socket(server, time)  # noqa: E731
    with patch.object(preflight, "connect", connect):
        try:
            preflight.probe(check, HOST, ADDRESS, clock=time)
        except preflight.ProbeError as error:
            return error.fault
    return None


def by_emulator(server: Server, *, tls: bool = False, search: str | None = None) -> emulated.Result:
    """Return what a health checker of the embedded AWS reports."""
    kind: Any = ("HTTPS" if tls else "HTTP") + ("_STR_MATCH" if search else "")
    check = EmulatedCheck(
        "check",
        kind,
        ip_address=ADDRESS,
        port=443,
        fully_qualified_domain_name=HOST,
        enable_sni=tls,
        search_string=search,
    )
    network = Network()
    network.route(ADDRESS, 443, ("127.0.0.1", 9))

    async def opened(*_: object, **__: object) -> tuple[_Streams, _Streams]:
        streams = _Streams(server)
        return streams, streams

    async def probed() -> emulated.Result:
        return await emulated.probe(check, network, Clock(1, (0.0, 0.0), source=VirtualTime()))

    with patch.object(asyncio, "open_connection", opened):
        return run(probed())


def judged(server: Server, *, tls: bool = False, search: str | None = None) -> str | None:
    """Return the fault, on which both agree; None: both call the server healthy."""
    fault, result = by_preflight(server, tls=tls, search=search), by_emulator(server, tls=tls, search=search)
    assert result.healthy is (fault is None), (fault, result)
    assert (result.reason == emulated.TIMED_OUT) is (fault in TIME_OUTS), (fault, result)
    return fault
