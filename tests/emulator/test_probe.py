"""Probes of real little servers on loopback, reached by a public address through the rehearsal's network."""

import asyncio
import datetime
import ssl
from collections.abc import Awaitable
from dataclasses import replace

import pytest
import trustme

from tests.emulator.manual_time import ManualTime
from tests.emulator.support import (
    Authority,
    Handler,
    answering,
    careless,
    closed_port,
    hanging,
    http_response,
    server,
    viewer,
)
from understudy_failover.contract.health_probe import CONNECT_SECONDS, SEARCHED_BYTES, TCP_SECONDS
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.model import HealthCheck
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.probe import Result, probe

ADDRESS = "203.0.113.10"
HTTP = HealthCheck("check", "HTTP", ip_address=ADDRESS, port=80, fully_qualified_domain_name="origin.example.com")
HTTPS = replace(HTTP, type="HTTPS", port=443, enable_sni=True)
TCP = HealthCheck("check", "TCP", ip_address=ADDRESS, port=25)
SEARCH = replace(HTTP, type="HTTP_STR_MATCH", search_string="healthy")
IMPATIENT = 20
"""A rate at which a time-out is soon over, for servers that are there to exceed it."""


def probed(check: HealthCheck, target: tuple[str, int], *, rate: float = 1) -> Awaitable[Result]:
    """Return one probe of `target`, which stands behind the check's address and port."""
    assert check.ip_address is not None
    assert check.port is not None
    network = Network()
    network.route(check.ip_address, check.port, target)
    return probe(check, network, Clock(rate))


def result_of(check: HealthCheck, handler: Handler, *, tls: ssl.SSLContext | None = None, rate: float = 1) -> Result:
    """Return one probe of a server that serves `handler`."""

    async def scenario() -> Result:
        async with server(handler, tls=tls) as address:
            return await probed(check, address, rate=rate)

    return asyncio.run(scenario())


def serving(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def slowly(response: bytes, *, seconds: float, before: int = 0) -> Handler:
    """Answer `before` bytes at once and the rest after `seconds`."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response[:before])
        await asyncio.sleep(seconds)
        writer.write(response[before:])
        await writer.drain()
        await reader.read()

    return handle


@pytest.mark.parametrize("status", [200, 201, 204, 226, 300, 301, 302, 304, 308, 399])
def test_2xx_and_3xx_are_healthy(status: int) -> None:
    result = result_of(HTTP, answering(http_response(status)))
    assert result.healthy
    assert f"HTTP Status Code {status}" in result.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504, 599])
def test_4xx_and_5xx_are_not_healthy(status: int) -> None:
    result = result_of(HTTP, answering(http_response(status)))
    assert not result.healthy
    assert f"HTTP Status Code {status}" in result.reason


def test_an_informational_response_does_not_count() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n"
    assert result_of(HTTP, answering(early + http_response(200))).healthy
    assert not result_of(HTTP, answering(early + http_response(500))).healthy


def test_a_redirect_is_not_followed() -> None:
    observations: list[bytes] = []
    result = result_of(
        HTTP, answering(http_response(301, location=f"http://{ADDRESS}/elsewhere"), requests=observations)
    )
    assert result.healthy
    assert len(observations) == 1


def test_a_refused_connection_is_not_healthy() -> None:
    with closed_port() as address:
        result = asyncio.run(_once(probed(HTTP, address)))
    assert not result.healthy
    assert "Connection failed" in result.reason


def test_a_host_refuses_connections_to_its_ports_without_a_service() -> None:
    network = Network()
    network.route(ADDRESS, 22, ("127.0.0.1", 22))
    result = asyncio.run(_once(probe(HTTP, network, Clock())))
    assert not result.healthy
    assert "refused" in result.reason


@pytest.mark.parametrize(
    ("check", "limit_seconds"), [(HTTP, CONNECT_SECONDS), (HTTPS, CONNECT_SECONDS), (TCP, TCP_SECONDS)]
)
def test_an_address_without_a_host_times_out_when_the_time_for_connecting_is_over(
    check: HealthCheck, limit_seconds: float
) -> None:
    async def scenario() -> Result:
        time = ManualTime()
        task = asyncio.ensure_future(probe(check, Network(), Clock(source=time)))
        await time.advance(limit_seconds - 0.001)
        assert not task.done()
        await time.advance(0.001)
        assert task.done()
        return task.result()

    result = asyncio.run(scenario())
    assert not result.healthy
    assert "timed out" in result.reason


@pytest.mark.parametrize("check", [HTTP, HTTPS, SEARCH])
def test_a_server_that_accepts_and_never_answers_is_not_healthy(check: HealthCheck) -> None:
    result = result_of(check, hanging, rate=IMPATIENT)
    assert not result.healthy
    assert "timed out" in result.reason


def test_a_server_that_never_ends_its_headers_is_not_healthy() -> None:
    result = result_of(HTTP, slowly(http_response(200), seconds=60, before=20), rate=IMPATIENT)
    assert not result.healthy
    assert "timed out" in result.reason


def test_a_server_whose_searched_body_never_comes_is_not_healthy() -> None:
    response = http_response(200, b"healthy")
    result = result_of(SEARCH, slowly(response, seconds=60, before=len(response) - 1), rate=IMPATIENT)
    assert not result.healthy
    assert "timed out" in result.reason


def test_without_a_search_string_the_body_is_not_waited_for() -> None:
    response = http_response(200, b"a long page")
    assert result_of(HTTP, slowly(response, seconds=60, before=len(response) - 1)).healthy


def test_a_slow_server_within_the_limits_is_healthy() -> None:
    response = http_response(200, b"healthy")
    head = response.index(b"healthy")
    assert result_of(SEARCH, slowly(response, seconds=0.1)).healthy
    assert result_of(SEARCH, slowly(response, seconds=0.1, before=head)).healthy


def test_a_server_that_closes_without_an_answer_is_not_healthy() -> None:
    result = result_of(HTTP, answering(b""))
    assert not result.healthy
    assert result.reason not in {"", "Failure: "}


@pytest.mark.parametrize("answer", [b"220 smtp.example.com ESMTP\r\n\r\n", b"\x00\x01\x02\r\n\r\n"])
def test_a_server_that_does_not_speak_http_is_not_healthy(answer: bytes) -> None:
    result = result_of(HTTP, answering(answer))
    assert not result.healthy
    assert "HTTP" in result.reason


@pytest.mark.parametrize(
    ("offset", "healthy"),
    [
        (0, True),
        (SEARCHED_BYTES - len("healthy"), True),
        (SEARCHED_BYTES - len("healthy") + 1, False),
        (SEARCHED_BYTES, False),
    ],
)
def test_the_search_string_has_to_lie_wholly_within_the_first_5120_bytes(offset: int, healthy: bool) -> None:
    assert SEARCHED_BYTES == 5_120
    body = b"." * offset + b"healthy" + b"." * 20_000
    result = result_of(SEARCH, answering(http_response(200, body)))
    assert result.healthy is healthy
    assert "search string" in result.reason


def test_the_search_string_is_found_across_the_chunks_of_a_chunked_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert result_of(SEARCH, answering(head + b"5\r\n..hea\r\n4\r\nlthy\r\n0\r\n\r\n")).healthy


def test_the_search_string_is_compared_with_its_case() -> None:
    assert not result_of(SEARCH, answering(http_response(200, b"HEALTHY"))).healthy


def test_the_search_string_in_an_error_page_is_not_healthy() -> None:
    assert not result_of(SEARCH, answering(http_response(503, b"healthy"))).healthy


def test_the_host_name_goes_out_as_host_and_the_path_as_it_stands() -> None:
    observations: list[bytes] = []
    result_of(replace(HTTP, resource_path="/health?deep=1"), answering(http_response(), requests=observations))
    (head,) = observations
    assert head.startswith(b"GET /health?deep=1 HTTP/1.1\r\n")
    assert b"\r\nHost: origin.example.com\r\n" in head


def test_without_a_host_name_the_address_goes_out_as_host() -> None:
    observations: list[bytes] = []
    result_of(replace(HTTP, fully_qualified_domain_name=None), answering(http_response(), requests=observations))
    assert f"\r\nHost: {ADDRESS}\r\n".encode() in observations[0]


@pytest.mark.parametrize(("enable_sni", "expected"), [(True, "origin.example.com"), (False, None)])
def test_the_host_name_goes_out_as_sni_if_that_is_enabled(
    authority: Authority, enable_sni: bool, expected: str | None
) -> None:
    names: list[str | None] = []
    observations: list[bytes] = []
    context = serving(authority.root.issue_cert("origin.example.com"))
    context.sni_callback = lambda _connection, name, _context: names.append(name)
    assert result_of(
        replace(HTTPS, enable_sni=enable_sni), answering(http_response(), requests=observations), tls=context
    ).healthy
    assert names == [expected]
    assert b"\r\nHost: origin.example.com\r\n" in observations[0]


def test_a_certificate_that_nobody_trusts_is_healthy(authority: Authority) -> None:
    assert result_of(HTTPS, answering(http_response()), tls=serving(authority.root.issue_cert("other.test"))).healthy


def test_an_expired_certificate_is_healthy(authority: Authority) -> None:
    leaf = authority.root.issue_cert(
        "origin.example.com",
        not_before=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
        not_after=datetime.datetime(2020, 2, 1, tzinfo=datetime.UTC),
    )
    assert result_of(HTTPS, answering(http_response()), tls=serving(leaf)).healthy


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b"\xff" * 64]
)
def test_garbage_in_place_of_a_handshake_is_not_healthy(garbage: bytes) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(garbage)
        await writer.drain()

    result = result_of(HTTPS, handle)
    assert not result.healthy
    assert "SSL handshake failed" in result.reason


def test_a_server_that_ends_the_connection_during_the_handshake_is_not_healthy() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    result = result_of(HTTPS, handle)
    assert not result.healthy
    assert result.reason.rstrip(": ") != "Failure: Connection failed", "a reason says why"


def test_a_server_that_speaks_only_tls_1_3_is_not_healthy(authority: Authority) -> None:
    context = serving(authority.root.issue_cert("origin.example.com"))
    context.minimum_version = ssl.TLSVersion.TLSv1_3

    async def scenario() -> Result:
        async with server(answering(http_response()), tls=context) as address:
            async with viewer(address, tls=careless()) as modern:
                assert (await modern.get("origin.example.com")).status == 200
            return await probed(HTTPS, address)

    assert not asyncio.run(scenario()).healthy


def test_a_server_that_speaks_tls_1_2_at_most_is_healthy(authority: Authority) -> None:
    context = serving(authority.root.issue_cert("origin.example.com"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert result_of(HTTPS, answering(http_response()), tls=context).healthy


def test_for_tcp_a_connection_is_enough() -> None:
    assert result_of(TCP, hanging).healthy


def test_for_tcp_a_refused_connection_is_not_healthy() -> None:
    with closed_port() as address:
        assert not asyncio.run(_once(probed(TCP, address))).healthy


@pytest.mark.parametrize(
    "check",
    [
        replace(HTTP, ip_address=None),
        replace(HTTP, resource_path="/not a path"),
        replace(HTTP, resource_path="/größe"),
        replace(HTTP, fully_qualified_domain_name="new\r\nline"),
    ],
    ids=["by name alone", "space in the path", "path beyond ASCII", "new line in the host name"],
)
def test_what_cannot_be_asked_is_not_healthy_instead_of_an_error(check: HealthCheck) -> None:
    network = Network()

    async def scenario() -> Result:
        async with server(hanging) as address:
            network.route(ADDRESS, 80, address)
            return await probe(check, network, Clock())

    result = asyncio.run(scenario())
    assert not result.healthy
    assert result.reason.startswith("Failure: ")


async def _once(awaitable: Awaitable[Result]) -> Result:
    return await awaitable
