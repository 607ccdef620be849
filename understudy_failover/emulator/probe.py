"""One probe of one Route 53 health checker, with the time-outs that AWS documents.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

import asyncio
import functools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import h11

from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.model import HealthCheck
from understudy_failover.emulator.network import Network

CONNECT_SECONDS = 4.0
"""For HTTP and HTTPS: until the connection is established, its TLS handshake included."""
STATUS_SECONDS = 2.0
"""From then until the status has come."""
BODY_SECONDS = 2.0
"""From then until the searched part of the body has come."""
TCP_SECONDS = 10.0
SEARCHED_BYTES = 5_120

TIMED_OUT = (
    "Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being "
    "blocked by your firewall."
)


@dataclass(frozen=True)
class Result:
    """What a probe saw; `reason` in the words of Route 53's status reports."""

    healthy: bool
    reason: str
    latency: Mapping[str, float] = field(default_factory=dict)
    """Latency metric → milliseconds; of a probe that succeeded, where the check measures them."""


class _FailureError(Exception):
    """Ends a probe with the reason why the endpoint is unhealthy."""


async def probe(check: HealthCheck, network: Network, clock: Clock) -> Result:
    """Asks the endpoint once."""
    try:
        began = clock.now()
        if check.type == "TCP":
            _, writer = await _connect(check, network, clock, TCP_SECONDS)
            writer.close()
            latency = _latency(check, ConnectionTime=clock.now() - began)
            return Result(healthy=True, reason="Success: TCP connection established", latency=latency)
        reader, writer = await _connect(check, network, clock, CONNECT_SECONDS)
        try:
            connected = clock.now()
            reason = await _ask(check, clock, reader, writer)
            latency = _latency(check, ConnectionTime=connected - began, TimeToFirstByte=clock.now() - connected)
            return Result(healthy=True, reason=reason, latency=latency)
        finally:
            # Without a good-bye: an endpoint that hangs would not answer it.
            writer.transport.abort()
    except _FailureError as failure:
        return Result(healthy=False, reason=f"Failure: {failure}")
    except TimeoutError:
        return Result(healthy=False, reason=TIMED_OUT)
    except ssl.SSLError as error:
        return Result(healthy=False, reason=f"Failure: SSL handshake failed: {error.reason or error}")
    except (OSError, EOFError, ValueError, h11.LocalProtocolError) as error:
        # The last two: a host name or path that cannot be sent, which must not end the checker.
        return Result(healthy=False, reason=f"Failure: Connection failed: {str(error) or 'closed by the endpoint'}")


def _latency(check: HealthCheck, **seconds: float) -> dict[str, float]:
    return {name: 1_000 * value for name, value in seconds.items()} if check.measure_latency else {}


async def _connect(
    check: HealthCheck, network: Network, clock: Clock, within_seconds: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address, port = check.ip_address, check.port or 80
    if address is None:
        raise _FailureError(f"DNS resolution failed: no IPv4 address of {check.fully_qualified_domain_name}")
    socket = network.resolve(address, port)
    if socket is None:
        if network.has_host(address):
            raise _FailureError(f"Connection refused by {address} port {port}")
        await clock.async_sleep(within_seconds)
        raise TimeoutError
    context = _tls() if check.type.startswith("HTTPS") else None
    # The name goes into SNI alone: a name that is None would be replaced by the IP address, which has no SNI.
    name = check.fully_qualified_domain_name if context and check.enable_sni else None
    async with clock.limit(within_seconds):
        return await asyncio.open_connection(*socket, ssl=context, server_hostname=name)


@functools.cache
def _tls() -> ssl.SSLContext:
    """Health checkers speak TLS 1.2 at most and do not look at certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _ask(check: HealthCheck, clock: Clock, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    connection = h11.Connection(h11.CLIENT)
    host = check.fully_qualified_domain_name or check.ip_address or ""
    request = h11.Request(
        method="GET",
        target=check.resource_path,
        headers=[
            ("Host", host),
            ("User-Agent", "Amazon-Route53-Health-Check-Service (embedded AWS)"),
            ("Accept", "*/*"),
            ("Connection", "close"),
        ],
    )
    writer.write((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    try:
        async with clock.limit(STATUS_SECONDS):
            response = await _next(connection, reader)
        if not isinstance(response, h11.Response):
            raise _FailureError("The endpoint did not answer in HTTP")
        status = f"HTTP Status Code {response.status_code}, {_phrase(response.status_code)}"
        if not 200 <= response.status_code < 400:
            raise _FailureError(status)
        if check.search_string is None:
            return f"Success: {status}"
        async with clock.limit(BODY_SECONDS):
            body = await _body(connection, reader)
    except h11.RemoteProtocolError as error:
        raise _FailureError(f"The endpoint did not answer in HTTP: {error}") from None
    if check.search_string.encode() not in body:
        raise _FailureError(f"{status}, but the response body did not contain the search string")
    return f"Success: {status}. The response body contained the search string"


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(8_192))
        elif not isinstance(event, h11.InformationalResponse):
            return event


async def _body(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < SEARCHED_BYTES:
        event = await _next(connection, reader)
        if not isinstance(event, h11.Data):
            break
        body += bytes(event.data)
    return body[:SEARCHED_BYTES]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown"
