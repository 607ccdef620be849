"""HTTPS requests with verified chain and host name, without redirects and retries."""

import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from understudy_failover.operations.connection import (
    BoundedStream,
    Clock,
    Deadline,
    HttpAnswer,
    UnreachableError,
    UnresolvedError,
    exchange,
    open_stream,
)

HTTPS_PORT = 443
OWN_RESOLVER = "this machine's resolver"


IDLE_TEST_SECONDS = 0.05
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
        return self.ask(path).status

    def is_closed(self) -> bool:
        """Return whether the other side has closed the connection."""
        self._session.settimeout(IDLE_TEST_SECONDS)
        try:
            return self._session.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        self._session.close()


class TlsError(UnreachableError):
    """A connection, but no TLS session that a client trusts for this host name."""


@dataclass(frozen=True)
class Response:
    """An answer whose TLS session was verified; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate_sha256: str
    """Of the presented certificate: `AB:CD:…`."""
    whole: bool = True
    """False where the body was longer than `connection.LIMIT_BYTES`."""


class HttpsClient:
    """A client of HTTP/1.1 on port 443.

    `proxy` is an HTTP proxy that also resolves names; else `lookup`, if given, resolves them in place of this machine's
    resolver: it returns the addresses of a name, or raises UnreachableError. `trust` holds the CAs; chain and host name
    are always verified. `timeout_seconds` limits a whole request (connection, TLS, answer), by `clock` if given.
    """

    def __init__(
        self,
        trust: ssl.SSLContext,
        *,
        timeout_seconds: float,
        proxy: tuple[str, int] | None = None,
        clock: Clock | None = None,
        lookup: Callable[[str], tuple[str, ...]] | None = None,
    ) -> None:
        trust.check_hostname = True
        trust.verify_mode = ssl.CERT_REQUIRED
        self._trust = trust
        self._timeout_seconds = timeout_seconds
        self._proxy = proxy
        self._clock = clock
        self._lookup = lookup

    def request(
        self,
        host: str,
        *,
        method: str = "GET",
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        address: str | None = None,
        read_body: bool = True,
    ) -> Response:
        """Return the answer of `host`; connect to `address`, if given, in place of the addresses of its name.

        `path` is sent unchanged, also percent signs, dots and query. Without `read_body` the answer ends with its head.

        Raises:
            TlsError: the certificate is not good for `host`, or the handshake failed.
            UnresolvedError: the resolver failed.
            UnreachableError: no connection, or no HTTP answer on it.
        """
        deadline = Deadline(self._timeout_seconds, self._clock)
        with self._faults(by_name=not address), self._connect(host, address, deadline) as session:
            certificate = session.getpeercert(binary_form=True) or b""
            answer = exchange(
                BoundedStream(session, deadline),
                host,
                method=method,
                path=path,
                headers=headers,
                read_body=read_body,
            )
        return Response(
            answer.status,
            answer.headers,
            answer.body,
            hashlib.sha256(certificate).digest().hex(":").upper(),
            answer.whole,
        )

    def open(self, host: str) -> OpenSession:
        """Return a connection to `host` that stays open; raises as `request`."""
        with self._faults(by_name=True):
            session = self._connect(host, None, Deadline(self._timeout_seconds, self._clock))
        return OpenSession(session, host, self._timeout_seconds, self._clock)

    @contextmanager
    def _faults(self, *, by_name: bool) -> Iterator[None]:
        """Raise every error as an UnreachableError; `by_name` where the name is looked up."""
        try:
            yield
        except ssl.SSLError as error:
            raise TlsError(f"TLS: {getattr(error, 'verify_message', '') or error.reason or error}") from None
        except TimeoutError:
            raise UnreachableError(f"no answer within {self._timeout_seconds:g} s") from None
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN and by_name and not self._proxy:
                raise UnresolvedError(OWN_RESOLVER, str(error.strerror)) from None
            raise UnreachableError(str(error.strerror)) from None
        except OSError as error:
            raise UnreachableError(str(error) or type(error).__name__) from None

    def _connect(self, host: str, address: str | None, deadline: Deadline) -> ssl.SSLSocket:
        stream = self._open(host, address, deadline)
        try:
            session = self._trust.wrap_socket(stream, server_hostname=host, do_handshake_on_connect=False)
        except BaseException:
            stream.close()
            raise
        try:
            deadline.wait(session, session.do_handshake)
        except BaseException:
            session.close()
            raise
        return session

    def _open(self, host: str, address: str | None, deadline: Deadline) -> socket.socket:
        if address or self._proxy or self._lookup is None:
            return open_stream(address or host, HTTPS_PORT, deadline, self._proxy)
        fault = OSError(f"{host} has no address")
        for resolved in self._lookup(host):
            try:
                return open_stream(resolved, HTTPS_PORT, deadline, None)
            except OSError as error:
                fault = error
        raise fault
