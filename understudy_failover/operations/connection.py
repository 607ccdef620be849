"""A connection with one deadline and one limit of bytes for all its traffic."""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, Protocol, TypeVar, cast

from understudy_failover.contract.printable import printable

LIMIT_BYTES = 4 * 1024 * 1024
"""Of all that is read on a connection, heads included; the largest page is a tenth of it."""


MAX_HEAD_BYTES = 16_384
"""Of a proxy's answer."""


class UnreachableError(Exception):
    """There is no usable answer; the text says why, and is printable although it may quote the other side."""

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class UnresolvedError(UnreachableError):
    """A resolver failed for the name. The answer "no such name" is no failure."""

    def __init__(self, resolver: str, text: str) -> None:
        super().__init__(f"{resolver} gives no answer: {text}")
        self.resolver = printable(resolver)


class TooLongError(OSError):
    """More was sent than the limit allows."""


Value = TypeVar("Value")


class Clock(Protocol):
    """Time, possibly emulated: the embedded AWS can run faster than real time."""

    def now(self) -> float: ...

    def real(self, seconds: float) -> float:
        """Return the least number of real seconds that so many seconds take."""


class RealTime:
    def now(self) -> float:
        return time.monotonic()

    def real(self, seconds: float) -> float:
        return seconds


class Deadline:
    """A point in time, `seconds` of `clock` from now."""

    def __init__(self, seconds: float, clock: Clock | None = None) -> None:
        self.seconds = seconds
        self._clock = clock or RealTime()
        self._end = self._clock.now() + seconds

    def left(self) -> float:
        """Return the least number of real seconds that are left; raise TimeoutError where none are."""
        left = self._end - self._clock.now()
        if left <= 0:
            raise TimeoutError(f"no answer within {self.seconds:g} s")
        return self._clock.real(left)

    def wait(self, stream: socket.socket, operation: Callable[[], Value]) -> Value:
        """Return the result of `operation` on `stream`, which is tried again after a time-out of the socket.

        Raises:
            TimeoutError: it did not end in time.
            OSError: it failed.
        """
        while True:
            stream.settimeout(self.left())
            try:
                with self._enforced(stream):
                    return operation()
            except TimeoutError as error:
                if error.errno is not None:  # the peer's, not the socket's
                    raise
            except OSError:
                self.left()
                raise

    @contextmanager
    def _enforced(self, stream: socket.socket) -> Iterator[None]:
        """Shut a TLS socket down at the end of the time, and raise TimeoutError.

        OpenSSL does not return, whatever the socket's time-out, while messages without data come fast one after
        another: HelloRequest in a handshake, NewSessionTicket after it.
        """
        if not isinstance(stream, ssl.SSLSocket):
            yield
            return
        done, expired = Event(), Event()

        def shut_down() -> None:
            try:
                while not done.wait(self.left()):
                    pass
            except TimeoutError:
                expired.set()
                with suppress(OSError):
                    socket.socket.shutdown(stream, socket.SHUT_RDWR)  # SSLSocket's own is not safe in a thread

        Thread(target=shut_down, name="deadline", daemon=True).start()
        try:
            yield
        finally:
            done.set()
        if expired.is_set():  # the end that was read is not the peer's
            self.left()


class BoundedStream:
    """A connected socket for `http.client`; reading and writing raise TimeoutError and TooLongError."""

    def __init__(self, stream: socket.socket, deadline: Deadline, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.deadline = deadline
        self._stream = stream
        self._left_bytes = limit_bytes

    def sendall(self, data: Any) -> None:
        self._stream.settimeout(self.deadline.left())
        self._stream.sendall(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Return a buffered reader; `http.client` calls it."""
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Do nothing: `http.client` calls it before it has read the body; the code that connected closes the socket."""

    def receive_into(self, buffer: Any) -> int:
        """Read at least one byte; return the number of bytes, 0 at the end."""
        if self._left_bytes <= 0:
            raise TooLongError("the answer is too long")
        count = self.deadline.wait(
            self._stream, lambda: self._stream.recv_into(buffer, min(len(buffer), self._left_bytes))
        )
        self._left_bytes -= count
        return count


class _Reader(io.RawIOBase):
    def __init__(self, stream: BoundedStream) -> None:
        self._of = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._of.receive_into(buffer)


def open_stream(target: str, port: int, deadline: Deadline, proxy: tuple[str, int] | None) -> socket.socket:
    """Return a TCP connection to `target`, a name or an address; an HTTP proxy also resolves names.

    The deadline does not cover the look-up of a name: the system's resolver has its own limits.

    Raises:
        UnreachableError: the proxy refused.
        OSError: nothing answers; TimeoutError: in time.
    """
    host, own_port = proxy or (target, port)
    fault: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, own_port, type=socket.SOCK_STREAM):
        stream = socket.socket(family, kind, protocol)
        try:
            stream.settimeout(deadline.left())
            stream.connect(address)
            if proxy:
                _tunnel(stream, target, port, deadline)
        except OSError as error:
            stream.close()
            fault = error
        except BaseException:
            stream.close()
            raise
        else:
            return stream
    raise fault


def _tunnel(stream: socket.socket, target: str, port: int, deadline: Deadline) -> None:
    # Not http.client's own tunnel: before Python 3.12 it forgets the brackets of an IPv6 address.
    authority = f"[{target}]:{port}" if ":" in target else f"{target}:{port}"
    stream.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode("ascii"))
    head = b""
    # Byte by byte: what follows the head belongs to the TLS session.
    while not head.endswith(b"\r\n\r\n"):
        byte = deadline.wait(stream, lambda: stream.recv(1))
        if not byte or len(head) > MAX_HEAD_BYTES:
            raise UnreachableError("the proxy did not answer in HTTP")
        head += byte
    status = head.split(b" ", 2)[1:2]
    if status != [b"200"]:
        stream.settimeout(deadline.left())
        reason = stream.recv(MAX_HEAD_BYTES).decode("utf-8", "replace").strip()
        line = head.strip().decode("latin-1").partition("\r\n")[0]
        raise UnreachableError(reason or f"the proxy answered {line}")


CHUNK_BYTES = 64 * 1024
FAULTS = (OSError, http.client.HTTPException, ValueError, OverflowError)
"""Errors of reading an answer. The last two are those of `http.client` for invalid lengths."""


@dataclass(frozen=True)
class HttpAnswer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    """False where the body was longer than the connection's limit: `body` is its beginning."""


def exchange(
    stream: BoundedStream,
    host: str,
    *,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    read_body: bool = True,
) -> HttpAnswer:
    """Return the answer of `host`; `path` is sent unchanged. Without `read_body` its body is empty.

    Raise UnreachableError: no HTTP answer came, or not within the connection's deadline.
    """
    connection = http.client.HTTPConnection(host)
    connection.sock = cast(Any, stream)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, "Connection": "close", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        body, whole = _body(answer) if read_body else (b"", True)
        return HttpAnswer(answer.status, fields, body, whole)
    except TimeoutError:
        raise UnreachableError(f"no whole answer within {stream.deadline.seconds:g} s") from None
    except FAULTS as error:
        raise UnreachableError(str(error) or type(error).__name__) from None
    finally:
        connection.close()


def _body(answer: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """Read the body by pieces: a server may state a length of many digits."""
    body = bytearray()
    try:
        while piece := answer.read(CHUNK_BYTES):
            body += piece
    except TooLongError:
        return bytes(body), False
    if answer.length:  # `read` with a size is silent about an end that comes too early
        raise http.client.IncompleteRead(b"", answer.length)
    return bytes(body), True
