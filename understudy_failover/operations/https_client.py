"""One HTTPS request as a careful client makes it: chain and host name verified, nothing followed or retried."""

import hashlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

HTTPS_PORT = 443
MAX_HEAD_BYTES = 16_384


class UnreachableError(Exception):
    """No HTTP answer came; the text says why."""


class TlsError(UnreachableError):
    """A connection, but no TLS session that a client trusts for this host name."""


@dataclass(frozen=True)
class Response:
    """An answer whose TLS session was verified; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate_sha256: str
    """Of the certificate that was shown: `AB:CD:…`."""


class HttpsClient:
    """Asks hosts over HTTP/1.1 on port 443.

    `proxy` is an HTTP proxy that also resolves names. `trust` holds the CAs; whatever else it says, chain and
    host name are verified.
    """

    def __init__(self, trust: ssl.SSLContext, *, timeout_seconds: float, proxy: tuple[str, int] | None = None) -> None:
        trust.check_hostname = True
        trust.verify_mode = ssl.CERT_REQUIRED
        self._trust = trust
        self._timeout_seconds = timeout_seconds
        self._proxy = proxy

    def request(
        self,
        host: str,
        *,
        method: str = "GET",
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        address: str | None = None,
    ) -> Response:
        """The answer of `host`; `address` is connected to in place of what its name resolves to.

        `path` goes out to the letter: percent signs, dots and a query are the caller's.

        Raises:
            TlsError: the certificate is not good for `host`, or the handshake failed.
            UnreachableError: no connection, or no HTTP answer on it.
        """
        connection = http.client.HTTPConnection(host, HTTPS_PORT, timeout=self._timeout_seconds)
        try:
            with self._connect(host, address or host) as session:
                connection.sock = session
                connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
                for name, value in {"Host": host, "Connection": "close", **(headers or {})}.items():
                    connection.putheader(name, value)
                connection.endheaders()
                answer = connection.getresponse()
                certificate = session.getpeercert(binary_form=True) or b""
                return Response(
                    answer.status,
                    {name.lower(): value for name, value in answer.getheaders()},
                    answer.read(),
                    hashlib.sha256(certificate).digest().hex(":").upper(),
                )
        except ssl.SSLError as error:
            raise TlsError(f"TLS: {getattr(error, 'verify_message', '') or error.reason or error}") from None
        except TimeoutError:
            raise UnreachableError("no answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(str(error) or type(error).__name__) from None
        finally:
            connection.close()

    def _connect(self, host: str, target: str) -> ssl.SSLSocket:
        stream = open_stream(target, HTTPS_PORT, self._timeout_seconds, self._proxy)
        try:
            return self._trust.wrap_socket(stream, server_hostname=host)
        except BaseException:
            stream.close()
            raise


def open_stream(target: str, port: int, timeout_seconds: float, proxy: tuple[str, int] | None) -> socket.socket:
    """A TCP connection to `target`, a name or an address; through an HTTP proxy, which then resolves names too.

    Raises:
        UnreachableError: the proxy refused.
        OSError: nobody answers.
    """
    stream = socket.create_connection(proxy or (target, port), timeout_seconds)
    try:
        if proxy:
            _tunnel(stream, target, port)
    except BaseException:
        stream.close()
        raise
    return stream


def _tunnel(stream: socket.socket, target: str, port: int) -> None:
    # Not http.client's own tunnel: before Python 3.12 it forgets the brackets of an IPv6 address.
    authority = f"[{target}]:{port}" if ":" in target else f"{target}:{port}"
    stream.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode("ascii"))
    head = b""
    # Byte by byte: what follows the head belongs to the TLS session.
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte or len(head) > MAX_HEAD_BYTES:
            raise UnreachableError("the proxy did not answer in HTTP")
        head += byte
    status = head.split(b" ", 2)[1:2]
    if status != [b"200"]:
        reason = stream.recv(MAX_HEAD_BYTES).decode("utf-8", "replace").strip()
        raise UnreachableError(reason or f"the proxy answered {head.splitlines()[0].decode('latin-1')}")
