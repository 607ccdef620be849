"""The edge as viewers meet it: real TLS, HTTP/1.1 and HTTP/2 on loopback."""

import asyncio
import contextlib
import json
import os
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from tests.emulator.support import (
    LIMIT_SECONDS,
    Authority,
    Issued,
    careless,
    der,
    get_h2,
    server_certificate,
    viewer,
)
from understudy_failover.emulator.edge import Edge
from understudy_failover.emulator.model import Distribution, ServerCertificate, ViewerRequest, ViewerResponse

T = TypeVar("T")
WWW = Distribution(
    "EWWW",
    "dwww.cloudfront.net",
    enabled=True,
    aliases=("www.example.com", "example.com"),
    server_certificate_id="ASCAWWW",
)
ALL = Distribution(
    "EALL", "dall.cloudfront.net", enabled=True, aliases=("*.example.com",), server_certificate_id="ASCAALL"
)
OLD = replace(WWW, id="EOLD", domain_name="dold.cloudfront.net", aliases=("old.example.net",), http_versions="http1.1")
BARE = Distribution("EBARE", "dbare.cloudfront.net", enabled=True, aliases=("bare.example.net",))


class World:
    """An account with distributions and server certificates; answers of the edge contain the request."""

    edge: Edge

    def __init__(self, authority: Authority) -> None:
        self.distributions = [ALL, WWW, OLD, BARE]
        self.parts: dict[str, Issued] = {
            "ASCAWWW": authority.issue("www.example.com", "example.com"),
            "ASCAALL": authority.issue("*.example.com"),
            "ASCANEW": authority.issue("www.example.com"),
        }

    def certificate(self, identifier: str) -> ServerCertificate | None:
        parts = self.parts.get(identifier)
        return server_certificate(parts, identifier=identifier) if parts else None

    async def serve(self, distribution_id: str, request: ViewerRequest) -> ViewerResponse:
        report = {
            "distribution": distribution_id,
            "method": request.method,
            "scheme": request.scheme,
            "path": request.raw_path,
            "query": request.query_string,
            "headers": request.headers,
            "body": request.body.decode(),
        }
        return ViewerResponse(200, (("Content-Type", "application/json"),), json.dumps(report).encode())

    def run(self, scenario: Callable[["World"], Awaitable[T]]) -> T:
        """Return the result of `scenario`, while a new edge listens."""
        self.edge = Edge(lambda: self.distributions, self.certificate, self.serve)

        async def whole() -> T:
            await self.edge.start()
            try:
                return await scenario(self)
            finally:
                await self.edge.stop()

        return asyncio.run(whole())


@pytest.fixture(scope="module")
def world(authority: Authority) -> World:
    """Shared by the tests that change nothing in it."""
    return World(authority)


def certificate_for(world: World, sni: str | None) -> bytes:
    """Return the certificate that a viewer is shown who sends `sni`."""

    async def scenario(world: World) -> bytes:
        async with viewer(world.edge.https, sni=sni, tls=careless()) as connection:
            return connection.certificate_der

    return world.run(scenario)


# --- certificates


@pytest.mark.parametrize(
    ("sni", "identifier"),
    [
        ("www.example.com", "ASCAWWW"),
        ("example.com", "ASCAWWW"),
        ("WWW.EXAMPLE.COM", "ASCAWWW"),
        ("shop.example.com", "ASCAALL"),
        ("old.example.net", "ASCAWWW"),
    ],
)
def test_the_certificate_is_the_one_of_the_distribution_that_sni_names(world: World, sni: str, identifier: str) -> None:
    assert certificate_for(world, sni) == world.parts[identifier].der


@pytest.mark.parametrize("sni", [None, "unknown.example.org", "dwww.cloudfront.net", "bare.example.net"])
def test_without_a_name_that_has_a_certificate_the_default_one_is_shown(world: World, sni: str | None) -> None:
    assert certificate_for(world, sni) == der(world.edge.default_certificate_pem)


def test_a_certificate_that_iam_does_not_show_yet_is_replaced_by_the_default_one(authority: Authority) -> None:
    world = World(authority)
    parts = world.parts.pop("ASCAWWW")

    async def scenario(world: World) -> list[bytes]:
        shown = []
        for _ in range(2):
            async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
                shown.append(connection.certificate_der)
            world.parts["ASCAWWW"] = parts
        return shown

    assert world.run(scenario) == [der(world.edge.default_certificate_pem), parts.der]


def test_the_default_certificate_is_good_for_every_name_of_cloudfront(world: World) -> None:
    async def scenario(world: World) -> int:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.load_verify_locations(cadata=world.edge.default_certificate_pem)
        async with viewer(world.edge.https, sni="dwww.cloudfront.net", tls=trusting) as connection:
            return (await connection.get("dwww.cloudfront.net")).status

    assert world.run(scenario) == 200


def test_the_whole_chain_is_sent(world: World, authority: Authority) -> None:
    """A client that trusts the root alone needs the intermediate from the server."""

    async def scenario(world: World) -> int:
        async with viewer(world.edge.https, sni="www.example.com", tls=authority.trusting()) as connection:
            return (await connection.get("www.example.com")).status

    assert world.run(scenario) == 200


def test_a_new_certificate_shows_at_the_next_handshake_and_open_connections_go_on(authority: Authority) -> None:
    world = World(authority)

    async def scenario(world: World) -> None:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as before:
            assert (await before.get("www.example.com")).status == 200
            world.distributions[1] = replace(WWW, server_certificate_id="ASCANEW")
            async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as after:
                assert after.certificate_der == world.parts["ASCANEW"].der
                assert (await after.get("www.example.com")).status == 200
            answer = await before.get("www.example.com")
            assert answer.status == 200
            assert answer.certificate_der == world.parts["ASCAWWW"].der

    world.run(scenario)


def test_a_session_is_never_resumed(authority: Authority) -> None:
    """A resumed session shows no certificate: after a rotation the viewer would go on with the one it knew."""
    world = World(authority)
    context = careless()

    async def scenario(world: World) -> bool:
        def twice() -> bool:
            session = None
            for _ in range(2):
                with (
                    socket.create_connection(world.edge.https, LIMIT_SECONDS) as plain,
                    context.wrap_socket(plain, server_hostname="www.example.com", session=session) as secure,
                ):
                    secure.sendall(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
                    secure.recv(1024)
                    session = secure.session
                    reused = bool(secure.session_reused)
            return reused

        return await asyncio.to_thread(twice)

    assert world.run(scenario) is False


def test_no_private_key_is_left_in_a_file(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    world = World(authority)
    assert certificate_for(world, "www.example.com") == world.parts["ASCAWWW"].der
    assert os.listdir(tmp_path) == []  # noqa: PTH208


# --- versions of TLS and HTTP


def client_hello(version: int) -> bytes:
    """Return a ClientHello for www.example.com that offers `version`, with cipher suites of TLS 1.0 to 1.2."""
    name = b"www.example.com"
    extensions = b"".join(
        struct.pack("!HH", kind, len(content)) + content
        for kind, content in [
            (0x0000, struct.pack("!HBH", len(name) + 3, 0, len(name)) + name),
            (0x000A, b"\x00\x04\x00\x17\x00\x1d"),  # groups: P-256, X25519
            (0x000B, b"\x01\x00"),  # uncompressed points
            (0x000D, b"\x00\x06\x04\x03\x08\x04\x04\x01"),  # signatures: ECDSA and RSA with SHA-256
        ]
    )
    suites = b"\xc0\x2b\xc0\x2f\xc0\x09\xc0\x13\x00\x2f"
    body = struct.pack("!H", version) + bytes(32) + b"\x00" + struct.pack("!H", len(suites)) + suites + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


@pytest.mark.parametrize(
    ("version", "answered"),
    [(0x0301, False), (0x0302, False), (0x0303, True)],
    ids=["TLS 1.0", "TLS 1.1", "TLS 1.2"],
)
def test_tls_below_1_2_is_refused(world: World, version: int, answered: bool) -> None:
    async def scenario(world: World) -> bytes:
        reader, writer = await asyncio.open_connection(*world.edge.https)
        writer.write(client_hello(version))
        async with asyncio.timeout(LIMIT_SECONDS):
            kind_of_record = await reader.read(1)
        writer.transport.abort()
        return kind_of_record

    handshake = b"\x16"
    assert (world.run(scenario) == handshake) is answered


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(world: World, version: ssl.TLSVersion) -> None:
    context = careless()
    context.minimum_version = context.maximum_version = version

    async def scenario(world: World) -> int:
        async with viewer(world.edge.https, sni="www.example.com", tls=context) as connection:
            return (await connection.get("www.example.com")).status

    assert world.run(scenario) == 200


@pytest.mark.parametrize(
    ("sni", "offered", "agreed"),
    [
        ("www.example.com", ("h2", "http/1.1"), "h2"),
        ("www.example.com", ("http/1.1",), "http/1.1"),
        ("www.example.com", (), None),
        ("dwww.cloudfront.net", ("h2", "http/1.1"), "h2"),
        ("old.example.net", ("h2", "http/1.1"), "http/1.1"),  # HttpVersion http1.1
    ],
)
def test_alpn_agrees_on_the_newest_version_that_both_sides_have(
    world: World, sni: str, offered: tuple[str, ...], agreed: str | None
) -> None:
    async def scenario(world: World) -> str | None:
        _, writer = await asyncio.open_connection(*world.edge.https, ssl=careless(*offered), server_hostname=sni)
        handshake: ssl.SSLObject = writer.get_extra_info("ssl_object")
        writer.transport.abort()
        return handshake.selected_alpn_protocol()

    assert world.run(scenario) == agreed


def test_http_2_is_answered(world: World, authority: Authority) -> None:
    async def scenario(world: World) -> None:
        answer = await get_h2(
            world.edge.https,
            "www.example.com",
            tls=authority.trusting("h2"),
            method="POST",
            path="/page?a=b",
            body=b"hello",
            headers={"x-mine": "1"},
        )
        assert answer.protocol == "h2"
        document = json.loads(answer.body)
        assert document["distribution"] == "EWWW"
        assert (document["method"], document["path"], document["query"], document["body"]) == (
            "POST",
            "/page",
            "a=b",
            "hello",
        )
        assert (document["headers"]["host"], document["headers"]["x-mine"]) == ("www.example.com", "1")

    world.run(scenario)


def test_http_1_1_is_answered_on_a_connection_that_goes_on(world: World) -> None:
    async def scenario(world: World) -> list[str]:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            return [json.loads((await connection.get("www.example.com", path)).body)["path"] for path in ("/a", "/b")]

    assert world.run(scenario) == ["/a", "/b"]


def test_plain_http_is_answered_on_its_own_port(world: World) -> None:
    async def scenario(world: World) -> None:
        async with viewer(world.edge.http) as connection:
            document = json.loads((await connection.get("www.example.com")).body)
        assert (document["distribution"], document["scheme"]) == ("EWWW", "http")

    world.run(scenario)


# --- distributions


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.example.com", "EWWW"),
        ("shop.example.com", "EALL"),
        ("dall.cloudfront.net", "EALL"),
        ("bare.example.net", "EBARE"),
    ],
)
def test_the_distribution_is_the_one_of_the_host(world: World, host: str, expected: str) -> None:
    async def scenario(world: World) -> str:
        async with viewer(world.edge.https, sni=host, tls=careless()) as connection:
            document: str = json.loads((await connection.get(host)).body)["distribution"]
            return document

    assert world.run(scenario) == expected


def test_an_unknown_host_is_403(world: World) -> None:
    async def scenario(world: World) -> list[int]:
        async with viewer(world.edge.https, sni="unknown.example.org", tls=careless()) as connection:
            over_tls = (await connection.get("unknown.example.org")).status
        async with viewer(world.edge.http) as connection:
            return [over_tls, (await connection.get("unknown.example.org")).status]

    assert world.run(scenario) == [403, 403]


def test_a_viewer_without_sni_gets_the_distribution_of_its_host(world: World) -> None:
    async def scenario(world: World) -> str:
        async with viewer(world.edge.https, tls=careless()) as connection:
            document: str = json.loads((await connection.get("www.example.com")).body)["distribution"]
            return document

    assert world.run(scenario) == "EWWW"


def test_a_host_of_another_distribution_than_snis_is_421_in_http_1_1_and_2(world: World, authority: Authority) -> None:
    async def scenario(world: World) -> list[int]:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            statuses = [(await connection.get(host)).status for host in ("shop.example.com", "example.com")]
        tls = authority.trusting("h2")
        two = await get_h2(world.edge.https, "shop.example.com", sni="www.example.com", tls=tls)
        return [*statuses, two.status]

    assert world.run(scenario) == [421, 200, 421]


def test_each_connection_remembers_its_own_name(world: World) -> None:
    """Many at once, in both orders: the name of one must not become another's."""

    async def scenario(world: World) -> None:
        async with contextlib.AsyncExitStack() as stack:
            names: list[str | None] = ["www.example.com", "shop.example.com", None, "unknown.example.org"] * 3
            connections = [
                await stack.enter_async_context(viewer(world.edge.https, sni=name, tls=careless())) for name in names
            ]
            for order in (1, -1):
                for name, connection in list(zip(names, connections, strict=True))[::order]:
                    statuses = [(await connection.get(host)).status for host in ("www.example.com", "shop.example.com")]
                    expected = {"www.example.com": [200, 421], "shop.example.com": [421, 200]}
                    assert statuses == expected.get(name or "", [200, 200])

    world.run(scenario)


def test_a_distribution_that_changes_its_aliases_does_so_at_the_next_request(authority: Authority) -> None:
    world = World(authority)

    async def scenario(world: World) -> list[int]:
        async with viewer(world.edge.http) as connection:
            first = (await connection.get("late.example.org")).status
            world.distributions[3] = replace(BARE, aliases=("late.example.org",))
            second = (await connection.get("late.example.org")).status
            world.distributions[3] = replace(BARE, aliases=("late.example.org",), enabled=False)
            return [first, second, (await connection.get("late.example.org")).status]

    assert world.run(scenario) == [403, 200, 403]


# --- requests


def test_head_has_no_body_in_http_1_1_and_2(world: World, authority: Authority) -> None:
    async def scenario(world: World) -> None:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            head = await connection.ask("HEAD / HTTP/1.1\nHost: www.example.com\nConnection: close")
            assert int(head.headers["content-length"]) > 0
            assert await connection.rest() == b""
        two = await get_h2(world.edge.https, "www.example.com", tls=authority.trusting("h2"), method="HEAD")
        assert (two.status, two.body) == (200, b"")
        assert int(two.headers["content-length"]) > 0

    world.run(scenario)


def test_get_with_a_body_is_403_in_http_1_1_and_2(world: World, authority: Authority) -> None:
    async def scenario(world: World) -> list[int]:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            instance = await connection.ask("GET / HTTP/1.1\nHost: www.example.com\nContent-Length: 5", b"hello")
        tls = authority.trusting("h2")
        two = await get_h2(world.edge.https, "www.example.com", tls=tls, body=b"hello")
        return [instance.status, two.status]

    assert world.run(scenario) == [403, 403]


def test_a_websocket_handshake_is_answered_as_the_get_that_it_is(world: World) -> None:
    async def scenario(world: World) -> None:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            answer = await connection.ask(
                "GET /chat HTTP/1.1\nHost: www.example.com\nConnection: Upgrade\nUpgrade: websocket\n"
                "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            )
        assert answer.status == 200
        document = json.loads(answer.body)
        assert (document["method"], document["scheme"], document["path"]) == ("GET", "https", "/chat")

    world.run(scenario)


def test_a_url_of_8192_bytes_is_taken(world: World) -> None:
    async def scenario(world: World) -> str:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            path: str = json.loads((await connection.get("www.example.com", "/" + "a" * 8_191)).body)["path"]
            return path

    assert world.run(scenario) == "/" + "a" * 8_191


def test_what_is_no_http_disturbs_nobody_else(world: World) -> None:
    async def scenario(world: World) -> int:
        for address in (world.edge.https, world.edge.http):
            _, writer = await asyncio.open_connection(*address)
            writer.write(b"\x00\x01nonsense\r\n\r\n")
            await writer.drain()
            writer.transport.abort()
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            return (await connection.get("www.example.com")).status

    assert world.run(scenario) == 200


# --- life


def test_it_listens_on_loopback_alone(world: World) -> None:
    async def scenario(world: World) -> set[str]:
        return {world.edge.https[0], world.edge.http[0]}

    assert world.run(scenario) == {"127.0.0.1"}


def test_after_stop_nobody_listens_and_open_connections_end(authority: Authority) -> None:
    async def scenario(world: World) -> None:
        async with viewer(world.edge.https, sni="www.example.com", tls=careless()) as connection:
            assert (await connection.get("www.example.com")).status == 200
            await world.edge.stop()
            assert await connection.rest() == b""
        for address in (world.edge.https, world.edge.http):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*address)

    World(authority).run(scenario)
