"""The lab's server and page: every request is an observation, and a server that stops refuses."""

import asyncio
import ssl

import pytest
import trustme

from tools.lab import origin as module
from tools.lab.origin import Origin


@pytest.fixture
def tls(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setattr(module, "HTTP_PORT", 0)
    monkeypatch.setattr(module, "HTTPS_PORT", 0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("www.example.com").configure_cert(context)
    return context


async def send_requests(origin: Origin, *lines: str) -> list[bytes]:
    """Return the answers on one connection to a started origin."""
    port = origin._servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for line in lines:
        writer.write(f"{line} HTTP/1.1\r\nHost: www.example.com\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"" if line.startswith("HEAD") else await reader.readuntil(b"\n")
        answers.append(head + body)
    writer.close()
    return answers


@pytest.mark.parametrize(("is_page", "status"), [(True, b"503"), (False, b"200")])
def test_a_client_is_known_by_the_first_part_of_its_path(tls: ssl.SSLContext, is_page: bool, status: bytes) -> None:
    async def scenario() -> tuple[list[bytes], Origin]:
        origin = Origin(["127.0.0.1"], tls, is_page=is_page)
        await origin.start()
        try:
            return await send_requests(
                origin, "GET /curl/a/b?c", "HEAD /curl", "GET http://www.example.com/squid/"
            ), origin
        finally:
            origin.stop()
            await asyncio.sleep(0)

    answers, origin = asyncio.run(scenario())
    assert [answer.split()[1] for answer in answers] == [status] * 3
    assert all((b"Retry-After: 120\r\n" in answer) == is_page for answer in answers)
    results = {
        name: [observation.on_page for observation in observations]
        for name, observations in origin.observations.items()
    }
    assert results == {"curl": [is_page] * 2, "squid": [is_page]}


def test_a_server_that_stops_ends_its_connections_and_refuses(tls: ssl.SSLContext) -> None:
    async def scenario() -> None:
        origin = Origin(["127.0.0.1"], tls, is_page=False)
        await origin.start()
        port = origin._servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /x/ HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\n\r\n")
        origin.stop()
        with pytest.raises((EOFError, ConnectionError)):
            await reader.readuntil(b"never")
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(scenario())
