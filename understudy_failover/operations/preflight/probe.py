"""One probe of a server from this machine, by the rules of Route 53's health checkers in contract/health_probe.py."""

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from cryptography import x509

from understudy_failover.contract import health_probe as rules
from understudy_failover.contract.health_probe import CHECKER, CONNECT_SECONDS, READ_BYTES, TCP_SECONDS, checker_tls
from understudy_failover.contract.printable import printable
from understudy_failover.operations.connection import (
    FAULTS,
    BoundedStream,
    Clock,
    Deadline,
    RealTime,
    UnreachableError,
    open_stream,
)
from understudy_failover.settings import HealthCheck
from understudy_failover.settings.certificate_pem import PARSE_ERRORS

LIMIT_BYTES = 256 * 1024
"""Of the answer to OPTIONS."""
METHOD = re.compile(r"[A-Za-z]{1,20}(?:-[A-Za-z]{1,20})?")
ANYBODY = {"User-Agent": "Mozilla/5.0 (compatible; Understudy preflight)"}

REAL_TIME = RealTime()
FOR_CHECKERS_ALONE = {"server-status", "server-not-http", "server-closed"}
"""Faults with which bot filters greet checkers."""

Fault = Literal["server-silent", "server-refuses", "server-refuses-checkers"] | rules.Fault


class ProbeError(Exception):
    """A checker would call the server unhealthy; the text says why."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(printable(text))
        self.fault = fault


@dataclass(frozen=True)
class Healthy:
    status: int | None = None
    """None for TCP."""
    location: str = ""
    """Where it redirects to; printable."""
    strict_transport_security: str = ""
    """The header of that name; printable."""
    not_after: datetime | None = None
    """Of its certificate, at which checkers do not look."""
    tls: tuple[str, str] | None = None
    """Version and cipher."""


def probe(
    check: HealthCheck,
    host_name: str,
    address: str,
    proxy: tuple[str, int] | None = None,
    *,
    clock: Clock = REAL_TIME,
) -> Healthy:
    """Asks `address` for what `check` asks, in the name of `host_name`.

    Raise ProbeError: a checker would call it unhealthy.
    """
    if check.type == "TCP":
        connect(address, check.port, TCP_SECONDS, proxy).close()
        return Healthy()
    try:
        return _probed(check, host_name, address, proxy, headers=CHECKER, clock=clock)
    except ProbeError as error:
        if error.fault not in FOR_CHECKERS_ALONE:
            raise
        try:
            _probed(check, host_name, address, proxy, headers=ANYBODY, clock=clock)
        except ProbeError:
            raise error from None
        raise ProbeError("server-refuses-checkers", f"refuses Route 53's checkers and no others: {error}") from None


def _probed(
    check: HealthCheck,
    host_name: str,
    address: str,
    proxy: tuple[str, int] | None,
    *,
    headers: Mapping[str, str],
    clock: Clock,
) -> Healthy:
    tls = check.type == "HTTPS"
    question = rules.Question(
        tls=tls,
        host=host_name,
        path=check.path,
        search_string=check.search_string,
        server_name=host_name if tls else None,
        headers=headers,
    )
    began = clock.now()
    with connect(address, check.port, CONNECT_SECONDS, proxy) as stream:
        state = rules.Probe(question, began=began, at=clock.now())
        verdict = _judged(state, stream, clock)
    if verdict.fault:
        raise ProbeError(verdict.fault, verdict.text)
    assert verdict.status is not None
    return Healthy(
        verdict.status,
        printable(verdict.headers.get("location", "")) if verdict.status >= 300 else "",
        printable(verdict.headers.get("strict-transport-security", "")),
        _not_after(state.certificate) if state.certificate else None,
        state.tls,
    )


def _judged(state: rules.Probe, stream: socket.socket, clock: Clock) -> rules.Verdict:
    while state.verdict is None:
        try:
            deadline = Deadline(state.deadline - clock.now(), clock)
            stream.settimeout(deadline.left())
            stream.sendall(state.to_send())
            data = deadline.wait(stream, lambda: stream.recv(READ_BYTES))
        except TimeoutError:
            state.expire()
        except OSError as error:
            state.lose(str(error))
        else:
            state.receive(data, clock.now())
    return state.verdict


def allowed_methods(
    check: HealthCheck, host_name: str, address: str, proxy: tuple[str, int] | None = None
) -> frozenset[str]:
    """The methods that an answer to OPTIONS lists, PROPFIND where it names WebDAV; empty where none comes."""
    try:
        stream = connect(address, check.port, CONNECT_SECONDS, proxy)
        if check.type == "HTTPS":
            stream = checker_tls().wrap_socket(stream, server_hostname=host_name, do_handshake_on_connect=False)
        with stream:
            if isinstance(stream, ssl.SSLSocket):
                Deadline(CONNECT_SECONDS).wait(stream, stream.do_handshake)
            connection = http.client.HTTPConnection(host_name)
            bounded = BoundedStream(stream, Deadline(rules.STATUS_SECONDS), limit_bytes=LIMIT_BYTES)
            connection.sock = cast(Any, bounded)
            connection.request("OPTIONS", "/", headers={"Host": host_name, "Connection": "close", **ANYBODY})
            answer = connection.getresponse()
            listed = {method.upper() for method in METHOD.findall(answer.getheader("Allow", ""))}
            return frozenset(listed | ({"PROPFIND"} if answer.getheader("DAV") else set()))
    except (ProbeError, *FAULTS):
        return frozenset()


def connect(address: str, port: int, seconds: float, proxy: tuple[str, int] | None) -> socket.socket:
    """A TCP connection. Raise ProbeError: silent or refused."""
    try:
        return open_stream(address, port, Deadline(seconds), proxy)
    except TimeoutError:
        raise ProbeError("server-silent", f"no connection to {address} port {port} within {seconds:g} s") from None
    except (UnreachableError, OSError) as error:
        raise ProbeError("server-refuses", f"no connection to {address} port {port}: {error}") from error


def _not_after(der: bytes) -> datetime | None:
    """None: no certificate that can be read; checkers do not look at it either."""
    try:
        return x509.load_der_x509_certificate(der).not_valid_after_utc
    except PARSE_ERRORS:
        return None
