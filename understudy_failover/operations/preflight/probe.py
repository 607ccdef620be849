"""One look at a server as Route 53's health checkers look, from here.

Their rules: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509

from understudy_failover.operations.https_client import UnreachableError, open_stream
from understudy_failover.settings import HealthCheck

CONNECT_SECONDS = 4.0
"""Until the connection stands, TLS included."""
STATUS_SECONDS = 2.0
"""From then until the status has come."""
BODY_SECONDS = 2.0
"""From then until the searched text has come."""
TCP_SECONDS = 10.0
SEARCHED_BYTES = 5_120

Connect = Callable[[], socket.socket]
Fault = Literal["silent", "refused", "tls", "tls-1.3", "slow", "http", "status", "search"]


class ProbeError(Exception):
    """A checker would call the server unhealthy; the text says why."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


@dataclass(frozen=True)
class Healthy:
    """A checker would call the server healthy."""

    status: int | None = None
    """None for TCP."""
    location: str = ""
    """Where it redirects to."""
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
    began = time.monotonic()
    stream = connect(address, check.port, CONNECT_SECONDS, proxy)
    try:
        if check.type == "HTTPS":
            left = max(0.1, CONNECT_SECONDS - (time.monotonic() - began))
            stream = _secured(stream, host_name, left, lambda: connect(address, check.port, CONNECT_SECONDS, proxy))
        return _asked(stream, check, host_name)
    finally:
        stream.close()


def connect(address: str, port: int, seconds: float, proxy: tuple[str, int] | None) -> socket.socket:
    """A TCP connection.

    Raises:
        ProbeError: silent or refused.
    """
    try:
        return open_stream(address, port, seconds, proxy)
    except TimeoutError:
        raise ProbeError("silent", f"no connection to {address} port {port} within {seconds:g} s") from None
    except (UnreachableError, OSError) as error:
        raise ProbeError("refused", f"no connection to {address} port {port}: {error}") from error


def _secured(stream: socket.socket, host_name: str, seconds: float, again: Connect) -> ssl.SSLSocket:
    stream.settimeout(seconds)
    try:
        return _tls(ssl.TLSVersion.TLSv1_2).wrap_socket(stream, server_hostname=host_name)
    except TimeoutError:
        raise ProbeError("silent", f"no TLS within {CONNECT_SECONDS:g} s") from None
    except OSError as error:  # of which SSLError is one
        reason = getattr(error, "reason", None) or str(error)
    if _speaks_newer(again, host_name):
        raise ProbeError("tls-1.3", "speaks TLS 1.3 alone")
    raise ProbeError("tls", f"TLS fails: {reason}")


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


def _asked(stream: socket.socket, check: HealthCheck, host_name: str) -> Healthy:
    der = stream.getpeercert(binary_form=True) if isinstance(stream, ssl.SSLSocket) else None
    connection = http.client.HTTPConnection(host_name, timeout=STATUS_SECONDS)
    connection.sock = stream
    stream.settimeout(STATUS_SECONDS)
    began = time.monotonic()
    try:
        connection.putrequest("GET", check.path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host_name, "Connection": "close", "User-Agent": "Understudy preflight"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as answer:
            _judge(answer, stream, check, time.monotonic() - began)
            location = answer.getheader("Location", "") if answer.status >= 300 else ""
            not_after = x509.load_der_x509_certificate(der).not_valid_after_utc if der else None
            return Healthy(answer.status, location, not_after)
    except TimeoutError:
        raise ProbeError("slow", f"no status within {STATUS_SECONDS:g} s") from None
    except (OSError, http.client.HTTPException) as error:
        raise ProbeError("http", f"does not answer in HTTP: {error or type(error).__name__}") from None
    finally:
        connection.close()


def _judge(answer: http.client.HTTPResponse, stream: socket.socket, check: HealthCheck, seconds: float) -> None:
    # A time-out counts from byte to byte; checkers count from the request.
    if seconds > STATUS_SECONDS:
        raise ProbeError("slow", f"the status takes {seconds:.1f} s; checkers wait {STATUS_SECONDS:g} s")
    if not 200 <= answer.status < 400:
        raise ProbeError("status", f"{check.path} answers {answer.status}; 2xx and 3xx are healthy")
    if check.search_string:
        _search(answer, stream, check.search_string)


def _search(answer: http.client.HTTPResponse, stream: socket.socket, wanted: str) -> None:
    stream.settimeout(BODY_SECONDS)
    end = time.monotonic() + BODY_SECONDS
    body = b""
    try:
        while len(body) < SEARCHED_BYTES and time.monotonic() < end:
            piece = answer.read1(SEARCHED_BYTES - len(body))
            if not piece:
                break
            body += piece
            if wanted.encode() in body:
                return
    except TimeoutError:
        pass
    raise ProbeError(
        "search", f'"{wanted}" is not in the first {SEARCHED_BYTES:,} bytes that come within {BODY_SECONDS:g} s'
    )
