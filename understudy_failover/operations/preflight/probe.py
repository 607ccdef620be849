"""One look at a server as Route 53's health checkers look, from here.

Their rules: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from cryptography import x509

from understudy_failover.contract.printable import printable
from understudy_failover.operations.connection import (
    BoundedStream,
    Deadline,
    TooLongError,
    UnreachableError,
    open_stream,
)
from understudy_failover.operations.http_exchange import FAULTS
from understudy_failover.settings import HealthCheck
from understudy_failover.settings.certificate_pem import PARSE_ERRORS

CONNECT_SECONDS = 4.0
"""Until the connection stands, TLS included."""
STATUS_SECONDS = 2.0
"""From then until the status has come."""
BODY_SECONDS = 2.0
"""From then until the searched text has come."""
TCP_SECONDS = 10.0
SEARCHED_BYTES = 5_120
LIMIT_BYTES = 256 * 1024
"""Of head and searched text."""
CHECKER = {
    "User-Agent": "Amazon-Route53-Health-Check-Service (ref 00000000-0000-0000-0000-000000000000; report "
    "http://amzn.to/1vsZADi)",
    "Accept-Encoding": "*",
}
"""What checkers send, as server logs published in 2020 and 2021 show it; AWS does not document it."""
METHOD = re.compile(r"[A-Za-z]{1,20}(?:-[A-Za-z]{1,20})?")
ANYBODY = {"User-Agent": "Mozilla/5.0 (compatible; Understudy preflight)"}

Connect = Callable[[], socket.socket]
Fault = Literal[
    "server-silent",
    "server-refuses",
    "server-tls",
    "server-tls-1.3",
    "server-slow",
    "server-not-http",
    "server-status",
    "server-without-text",
    "server-compresses",
    "server-refuses-checkers",
]


class ProbeError(Exception):
    """A checker would call the server unhealthy; the text says why."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(printable(text))
        self.fault = fault


@dataclass(frozen=True)
class Healthy:
    """A checker would call the server healthy."""

    status: int | None = None
    """None for TCP."""
    location: str = ""
    """Where it redirects to; printable."""
    strict_transport_security: str = ""
    """The header of that name; printable."""
    not_after: datetime | None = None
    """Of its certificate, at which checkers do not look."""


def probe(check: HealthCheck, host_name: str, address: str, proxy: tuple[str, int] | None = None) -> Healthy:
    """Asks `address` for what `check` asks, in the name of `host_name`.

    Raises:
        ProbeError: a checker would call it unhealthy.
    """
    if check.type == "TCP":
        connect(address, check.port, TCP_SECONDS, proxy).close()
        return Healthy()
    try:
        return _probed(check, host_name, address, proxy, CHECKER)
    except ProbeError as error:
        if error.fault not in {"server-status", "server-not-http"}:
            raise
        try:
            _probed(check, host_name, address, proxy, ANYBODY)
        except ProbeError:
            raise error from None
        raise ProbeError("server-refuses-checkers", f"refuses Route 53's checkers and no others: {error}") from None


def _probed(
    check: HealthCheck, host_name: str, address: str, proxy: tuple[str, int] | None, headers: Mapping[str, str]
) -> Healthy:
    began = time.monotonic()
    stream = connect(address, check.port, CONNECT_SECONDS, proxy)
    try:
        if check.type == "HTTPS":
            left = max(0.1, CONNECT_SECONDS - (time.monotonic() - began))
            stream = _secured(stream, host_name, left, lambda: connect(address, check.port, CONNECT_SECONDS, proxy))
        return _asked(stream, check, host_name, headers)
    finally:
        stream.close()


def allowed_methods(
    check: HealthCheck, host_name: str, address: str, proxy: tuple[str, int] | None = None
) -> frozenset[str]:
    """The methods that an answer to OPTIONS lists, PROPFIND where it names WebDAV; empty where none comes."""
    try:
        stream = connect(address, check.port, CONNECT_SECONDS, proxy)
        if check.type == "HTTPS":
            stream.settimeout(CONNECT_SECONDS)
            stream = _tls(ssl.TLSVersion.TLSv1_3).wrap_socket(stream, server_hostname=host_name)
        with stream:
            connection = http.client.HTTPConnection(host_name)
            bounded = BoundedStream(stream, Deadline(STATUS_SECONDS), limit_bytes=LIMIT_BYTES)
            connection.sock = cast(Any, bounded)
            connection.request("OPTIONS", "/", headers={"Host": host_name, "Connection": "close", **ANYBODY})
            answer = connection.getresponse()
            listed = {method.upper() for method in METHOD.findall(answer.getheader("Allow", ""))}
            return frozenset(listed | ({"PROPFIND"} if answer.getheader("DAV") else set()))
    except (ProbeError, *FAULTS):
        return frozenset()


def connect(address: str, port: int, seconds: float, proxy: tuple[str, int] | None) -> socket.socket:
    """A TCP connection.

    Raises:
        ProbeError: silent or refused.
    """
    try:
        return open_stream(address, port, Deadline(seconds), proxy)
    except TimeoutError:
        raise ProbeError("server-silent", f"no connection to {address} port {port} within {seconds:g} s") from None
    except (UnreachableError, OSError) as error:
        raise ProbeError("server-refuses", f"no connection to {address} port {port}: {error}") from error


def _secured(stream: socket.socket, host_name: str, seconds: float, again: Connect) -> ssl.SSLSocket:
    stream.settimeout(seconds)
    try:
        return _tls(ssl.TLSVersion.TLSv1_2).wrap_socket(stream, server_hostname=host_name)
    except TimeoutError:
        raise ProbeError("server-silent", f"no TLS within {CONNECT_SECONDS:g} s") from None
    except OSError as error:  # of which SSLError is one
        reason = getattr(error, "reason", None) or str(error)
    if _speaks_newer(again, host_name):
        raise ProbeError("server-tls-1.3", "speaks TLS 1.3 alone")
    raise ProbeError("server-tls", f"TLS fails: {reason}")


def _speaks_newer(again: Connect, host_name: str) -> bool:
    context = _tls(ssl.TLSVersion.TLSv1_3)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        with again() as stream, context.wrap_socket(stream, server_hostname=host_name):
            return True
    except (OSError, ProbeError):
        return False


def _tls(maximum: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = maximum
    return context


def _asked(stream: socket.socket, check: HealthCheck, host_name: str, headers: Mapping[str, str]) -> Healthy:
    der = stream.getpeercert(binary_form=True) if isinstance(stream, ssl.SSLSocket) else None
    bounded = BoundedStream(stream, Deadline(STATUS_SECONDS), limit_bytes=LIMIT_BYTES)
    connection = http.client.HTTPConnection(host_name)
    connection.sock = cast(Any, bounded)
    try:
        connection.putrequest("GET", check.path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host_name, "Connection": "close", **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as answer:
            _judge(answer, bounded, check)
            location = answer.getheader("Location", "") if answer.status >= 300 else ""
            strict = printable(answer.getheader("Strict-Transport-Security", ""))
            return Healthy(answer.status, printable(location), strict, _not_after(der) if der else None)
    except TimeoutError:
        raise ProbeError("server-slow", f"no status within {STATUS_SECONDS:g} s") from None
    except FAULTS as error:
        raise ProbeError("server-not-http", f"does not answer in HTTP: {error or type(error).__name__}") from None
    finally:
        connection.close()


def _not_after(der: bytes) -> datetime | None:
    """None: no certificate that can be read; checkers do not look at it either."""
    try:
        return x509.load_der_x509_certificate(der).not_valid_after_utc
    except PARSE_ERRORS:
        return None


def _judge(answer: http.client.HTTPResponse, stream: BoundedStream, check: HealthCheck) -> None:
    if not 200 <= answer.status < 400:
        raise ProbeError("server-status", f"{check.path} answers {answer.status}; 2xx and 3xx are healthy")
    if check.search_string:
        _search(answer, stream, check.search_string)


def _search(answer: http.client.HTTPResponse, stream: BoundedStream, wanted: str) -> None:
    stream.deadline = Deadline(BODY_SECONDS)
    body = b""
    try:
        while len(body) < SEARCHED_BYTES:
            piece = answer.read1(SEARCHED_BYTES - len(body))
            if not piece:
                break
            body += piece
            if wanted.encode() in body:
                return
    except (TimeoutError, TooLongError):
        pass
    encoding = answer.getheader("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise ProbeError(
            "server-compresses",
            f"compresses its answer to checkers ({printable(encoding)}), which search it as it comes",
        )
    raise ProbeError(
        "server-without-text",
        f'"{wanted}" is not in the first {SEARCHED_BYTES:,} bytes that come within {BODY_SECONDS:g} s',
    )
