"""The rehearsal's proxy between a raw client and little servers, which stand behind public addresses."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from dnslib import QTYPE, RR, DNSRecord

from tests.emulator.manual_time import ManualTime
from tests.emulator.support import (
    LIMIT_SECONDS,
    Authority,
    answering,
    closed_port,
    hanging,
    http_response,
    server,
    viewer,
)
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.gateway import HEAD_LIMIT_BYTES, Gateway
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.resolver import Resolver

WEB, API = "203.0.113.10", "203.0.113.20"
NAMES: Mapping[str, Sequence[str]] = {
    "www.example.com.": [WEB],
    "api.example.com.": [API],
    "both.example.com.": [API, WEB],
    "six.example.com.": ["2001:db8::10"],
}


@contextlib.asynccontextmanager
async def running(network: Network) -> AsyncIterator[tuple[str, int]]:
    def ask(query: DNSRecord) -> DNSRecord:
        reply = query.reply()
        for address in NAMES.get(str(query.q.qname), ()):
            kind = "AAAA" if ":" in address else "A"
            if kind == QTYPE.get(query.q.qtype):
                reply.add_answer(*RR.fromZone(f"{query.q.qname} 60 IN {kind} {address}"))
        return reply

    instance = Gateway(Resolver(ask, Clock(source=ManualTime())), network)
    address = await instance.start()
    try:
        yield address
    finally:
        await instance.stop()
        await asyncio.sleep(0)


def network_to(target: tuple[str, int], *addresses: str, port: int = 80) -> Network:
    network = Network()
    for address in addresses:
        network.route(address, port, target)
    return network


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Echo everything, and send a last line when the other side has ended."""
    while data := await reader.read(1024):
        writer.write(data)
    writer.write(b"bye")
    await writer.drain()


def talk(network: Network, sent: bytes, *, end: bool = True) -> bytes:
    """Return everything that the gateway answers to `sent`."""

    async def scenario() -> bytes:
        async with running(network) as address:
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(sent)
                if end:
                    writer.write_eof()
                async with asyncio.timeout(LIMIT_SECONDS):
                    return await reader.read()
            finally:
                writer.transport.abort()
                await asyncio.sleep(0)

    return asyncio.run(scenario())


@pytest.mark.parametrize("host", ["www.example.com", "WWW.Example.Com", WEB, "six.example.com", "[2001:db8::10]"])
def test_connect_leads_to_a_host_by_name_and_by_address(host: str) -> None:
    async def scenario() -> bytes:
        async with server(echo) as target, running(network_to(target, WEB, "2001:db8::10", port=443)) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\nhello".encode())
            writer.write_eof()
            answer = await reader.read()
            writer.transport.abort()
            return answer

    assert asyncio.run(scenario()) == b"HTTP/1.1 200 Connection established\r\n\r\nhellobye"


def test_tls_passes_through_a_tunnel_untouched(authority: Authority) -> None:
    """The certificate that the client checks is the server's own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.root.issue_cert("www.example.com").configure_cert(context)

    async def scenario() -> bytes:
        async with (
            server(answering(http_response(200, b"hello")), tls=context) as target,
            running(network_to(target, WEB, port=443)) as address,
        ):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            await writer.start_tls(authority.trusting(), server_hostname="www.example.com")
            writer.write(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
            answer = await reader.read()
            writer.transport.abort()
            return answer

    assert asyncio.run(scenario()).endswith(b"hello")


def test_a_plain_request_reaches_its_host_in_origin_form() -> None:
    observations: list[bytes] = []

    async def scenario() -> bytes:
        async with (
            server(answering(http_response(200, b"hello"), requests=observations)) as target,
            running(network_to(target, WEB)) as address,
            viewer(address) as client,
        ):
            queries = "GET http://www.example.com/a%20b?c=d HTTP/1.1\nHost: www.example.com\nX-Mine: 1"
            return (await client.ask(queries)).body

    assert asyncio.run(scenario()) == b"hello"
    assert observations[0].startswith(b"GET /a%20b?c=d HTTP/1.1\r\n")
    assert b"\r\nHost: www.example.com\r\n" in observations[0]
    assert b"\r\nX-Mine: 1\r\n" in observations[0]


def test_a_plain_request_without_a_path_asks_for_the_root() -> None:
    observations: list[bytes] = []

    async def scenario() -> None:
        async with (
            server(answering(http_response(), requests=observations)) as target,
            running(network_to(target, WEB)) as address,
            viewer(address) as client,
        ):
            await client.ask("GET http://www.example.com HTTP/1.1\nHost: www.example.com")

    asyncio.run(scenario())
    assert observations[0].startswith(b"GET / HTTP/1.1\r\n")


def test_the_body_of_a_plain_request_reaches_its_host() -> None:
    bodies: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        bodies.append(await reader.readexactly(5))
        writer.write(http_response())
        await writer.drain()

    async def scenario() -> None:
        async with (
            server(handle) as target,
            running(network_to(target, WEB)) as address,
            viewer(address) as client,
        ):
            head = "POST http://www.example.com/ HTTP/1.1\nHost: www.example.com\nContent-Length: 5"
            await client.ask(head, b"hello")

    asyncio.run(scenario())
    assert bodies == [b"hello"]


def test_a_client_cannot_take_one_hosts_connection_for_anothers_plain_request() -> None:
    """curl keeps one connection to its proxy for the plain requests to all hosts, if the proxy lets it."""

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            closes = b"\r\nconnection: close\r\n" in head.lower()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n")
            writer.write(b"Connection: close\r\n\r\nweb" if closes else b"\r\nweb")
            await writer.drain()
            if closes:
                return

    async def scenario() -> None:
        async with (
            server(patient) as target,
            running(network_to(target, WEB)) as address,
            viewer(address) as client,
        ):
            fields = "Host: www.example.com\nProxy-Connection: keep-alive\nConnection: keep-alive"
            answer = await client.ask(f"GET http://www.example.com/ HTTP/1.1\n{fields}")
            assert answer.body == b"web"
            assert answer.headers["connection"] == "close"
            assert await client.rest() == b""

    asyncio.run(scenario())


def test_what_one_side_says_after_the_other_has_ended_still_arrives() -> None:
    async def scenario() -> bytes:
        async with server(echo) as target, running(network_to(target, WEB)) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"CONNECT www.example.com:80 HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.write_eof()
            rest = await reader.read()
            writer.transport.abort()
            return rest

    assert asyncio.run(scenario()) == b"bye"


def test_when_the_host_ends_the_connection_the_client_sees_it() -> None:
    async def goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"goodbye")
        await writer.drain()

    async def scenario() -> bytes:
        async with server(goodbye) as target:
            return await asyncio.to_thread(
                talk, network_to(target, WEB), b"CONNECT www.example.com:80 HTTP/1.1\r\n\r\n", end=False
            )

    assert asyncio.run(scenario()).endswith(b"\r\n\r\ngoodbye")


def test_of_several_addresses_the_first_that_answers_is_taken() -> None:
    async def scenario() -> bytes:
        with closed_port() as refusing:
            async with server(echo) as target:
                network = network_to(refusing, API)
                network.route(WEB, 80, target)
                return await asyncio.to_thread(talk, network, b"CONNECT both.example.com:80 HTTP/1.1\r\n\r\nhi")

    assert asyncio.run(scenario()).endswith(b"\r\n\r\nhibye")


def test_a_refused_connection_is_502() -> None:
    with closed_port() as refusing:
        answer = talk(network_to(refusing, WEB), b"CONNECT www.example.com:80 HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"www.example.com (203.0.113.10) port 80 refused" in answer


def test_a_port_without_a_service_is_502() -> None:
    answer = talk(network_to(("127.0.0.1", 9), WEB, port=443), b"CONNECT www.example.com:8443 HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 502 ")


def test_an_address_without_a_host_is_504() -> None:
    answer = talk(Network(), b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 504 ")
    assert b"nothing answers at www.example.com (203.0.113.10) port 443" in answer


@pytest.mark.parametrize("name", ["nowhere.example.com", "localhost", "a" * 64 + ".example.com", ".", "a..b"])
def test_a_name_that_does_not_resolve_is_502(name: str) -> None:
    answer = talk(Network(), f"CONNECT {name}:443 HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"does not resolve" in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
        b"GET https://www.example.com/ HTTP/1.1\r\n\r\n",
        b"GET ftp://www.example.com/ HTTP/1.1\r\n\r\n",
        b"CONNECT www.example.com:port HTTP/1.1\r\n\r\n",
        b"CONNECT www.example.com:99999 HTTP/1.1\r\n\r\n",
        b"CONNECT [2001:db8::10:443 HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\r\n\r\n",
        b"\xff\xfe\xfd\r\n\r\n",
    ],
    ids=repr,
)
def test_what_makes_no_sense_to_a_proxy_is_400(sent: bytes) -> None:
    assert talk(Network(), sent).startswith(b"HTTP/1.1 400 ")


def test_a_head_without_end_closes_the_connection() -> None:
    with contextlib.suppress(
        ConnectionResetError
    ):  # or, as the request was not read completely: an end without an answer
        assert talk(Network(), b"GET http://www.example.com/" + b"a" * (2 * HEAD_LIMIT_BYTES), end=False) == b""


def test_a_refusal_is_a_whole_response_that_closes_the_connection() -> None:
    head, _, body = talk(Network(), b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n", end=False).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Connection: close" in head


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "8.8.8.8", "[2001:db8::1]", "0.0.0.0", "169.254.169.254"],  # noqa: S104
)
def test_it_dials_nothing_that_the_network_does_not_name(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dialled: list[object] = []

    async def dial(*address: object, **_: object) -> None:
        dialled.append(address)
        raise ConnectionRefusedError

    async def scenario() -> bytes:
        async with running(network_to(("127.0.0.1", 9), WEB)) as address:
            reader, writer = await asyncio.open_connection(*address)
            with monkeypatch.context() as patch:
                patch.setattr(asyncio, "open_connection", dial)
                writer.write(f"CONNECT {host}:22 HTTP/1.1\r\n\r\n".encode())
                answer = await reader.read()
            writer.transport.abort()
            return answer

    assert asyncio.run(scenario()).startswith((b"HTTP/1.1 502 ", b"HTTP/1.1 504 "))
    assert dialled == []


def test_after_stop_nobody_listens_and_connections_are_closed() -> None:
    async def scenario() -> None:
        async with server(hanging) as target:
            instance = Gateway(Resolver(lambda query: query.reply(), Clock()), network_to(target, WEB))
            address = await instance.start()
            reader, writer = await asyncio.open_connection(*address)
            writer.write(f"CONNECT {WEB}:80 HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            await instance.stop()
            async with asyncio.timeout(LIMIT_SECONDS):
                assert await reader.read() == b""
            writer.transport.abort()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*address)

    asyncio.run(scenario())
