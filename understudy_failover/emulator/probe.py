"""A probe of a Route 53 health checker, over the rehearsal's network; contract/health_probe.py has the rules."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from understudy_failover.contract.health_probe import (
    CONNECT_SECONDS,
    READ_BYTES,
    TCP_SECONDS,
    TIME_OUTS,
    Fault,
    Probe,
    Question,
    Verdict,
)
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.model import HealthCheck
from understudy_failover.emulator.network import Network

TIMED_OUT = (
    "Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being "
    "blocked by your firewall."
)

BEFORE_STATUS: Mapping[Fault | None, str] = {
    "server-tls": "SSL handshake failed",
    "server-tls-1.3": "SSL handshake failed",
    "server-tls-closed": "SSL handshake failed",
    "server-client-certificate": "SSL handshake failed",
    "server-not-http": "The endpoint did not answer in HTTP",
}


@dataclass(frozen=True)
class Result:
    """The result of a probe; `reason` is worded as in Route 53's status reports."""

    healthy: bool
    reason: str
    latency: Mapping[str, float] = field(default_factory=dict)
    """Latency metric → milliseconds; only of a successful probe, if the check measures them."""


async def probe(check: HealthCheck, network: Network, clock: Clock) -> Result:
    """Probe the endpoint once."""
    name = check.fully_qualified_domain_name
    if check.ip_address is None:
        return Result(healthy=False, reason=f"Failure: DNS resolution failed: no IPv4 address of {name}")
    began = clock.now()
    try:
        reader, writer = await _connect(
            check.ip_address, check.port or 80, network, clock, TCP_SECONDS if check.type == "TCP" else CONNECT_SECONDS
        )
    except TimeoutError:
        return Result(healthy=False, reason=TIMED_OUT)
    except OSError as error:
        return Result(healthy=False, reason=f"Failure: Connection failed: {error}")
    try:
        if check.type == "TCP":
            latency = _latency(check, ConnectionTime=clock.now() - began)
            return Result(healthy=True, reason="Success: TCP connection established", latency=latency)
        state = Probe(_question(check, check.ip_address), began=began, at=clock.now())
        verdict = await _verdict(state, clock, reader, writer)
        if verdict.fault:
            return Result(healthy=False, reason=_reason(verdict))
        connected = state.asked_at
        latency = _latency(check, ConnectionTime=connected - began, TimeToFirstByte=clock.now() - connected)
        return Result(healthy=True, reason=_reason(verdict, searched=bool(check.search_string)), latency=latency)
    finally:
        # Abort: an endpoint that hangs would not answer an orderly close.
        writer.transport.abort()


def _latency(check: HealthCheck, **seconds: float) -> dict[str, float]:
    return {name: 1_000 * value for name, value in seconds.items()} if check.measure_latency else {}


def _question(check: HealthCheck, address: str) -> Question:
    tls, name = check.type.startswith("HTTPS"), check.fully_qualified_domain_name
    return Question(
        tls=tls,
        host=name or address,
        path=check.resource_path,
        search_string=check.search_string,
        server_name=name if tls and check.enable_sni else None,
    )


async def _connect(
    address: str, port: int, network: Network, clock: Clock, within_seconds: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    socket = network.resolve(address, port)
    if socket is None:
        if network.has_host(address):
            raise ConnectionRefusedError(f"connection refused by {address} port {port}")
        await clock.async_sleep(within_seconds)
        raise TimeoutError
    async with clock.limit(within_seconds):
        return await asyncio.open_connection(*socket)


async def _verdict(state: Probe, clock: Clock, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Verdict:
    while True:
        writer.write(state.to_send())
        if state.verdict:
            return state.verdict
        try:
            async with clock.limit(state.deadline - clock.now()):
                data = await reader.read(READ_BYTES)
        except TimeoutError:
            state.expire()
        except OSError as error:
            state.lose(str(error))
        else:
            # Data that no timer cut off was in time, even if this process was too busy to read it.
            state.receive(data, min(clock.now(), state.deadline))


def _reason(verdict: Verdict, *, searched: bool = False) -> str:
    """Return the verdict in the words of a status report."""
    if verdict.fault in TIME_OUTS:
        return TIMED_OUT
    if verdict.status is None or verdict.fault == "server-client-certificate":
        return f"Failure: {BEFORE_STATUS.get(verdict.fault, 'Connection failed')}: {verdict.text}"
    status = f"HTTP Status Code {verdict.status}, {_phrase(verdict.status)}"
    if verdict.fault is None:
        return f"Success: {status}" + (". The response body contained the search string" if searched else "")
    if verdict.fault == "server-status":
        return f"Failure: {status}"
    return f"Failure: {status}, but the response body did not contain the search string: {verdict.text}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown"
