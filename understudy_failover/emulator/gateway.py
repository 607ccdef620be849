"""The rehearsal's internet: an HTTP proxy that resolves names as public DNS does.

    curl --proxy http://127.0.0.1:PORT --cacert CA.pem https://www.example.com/

It connects only to the loopback sockets of `Network`.
See docs/decisions/0002-network-of-the-rehearsal.md.
"""

import asyncio
import ipaddress
from http import HTTPStatus
from urllib.parse import urlsplit

from understudy_failover.emulator.network import Network
from understudy_failover.emulator.resolver import Resolver

HOST = "127.0.0.1"
HEAD_LIMIT_BYTES = 64 * 1024
CONNECT_LIMIT_SECONDS = 10


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Gateway:
    def __init__(self, resolver: Resolver, network: Network) -> None:
        self._resolver = resolver
        self._network = network
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> tuple[str, int]:
        self._server = await asyncio.start_server(self._accept, HOST, 0, limit=HEAD_LIMIT_BYTES)
        port: int = self._server.sockets[0].getsockname()[1]
        return HOST, port

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        try:
            method, target, _ = line.decode("latin-1").split(" ")
            tunnel = method == "CONNECT"
            url = urlsplit(f"//{target}" if tunnel else target)
            host, port = url.hostname, url.port or (443 if tunnel else 80)
            if not host or (not tunnel and url.scheme != "http"):
                raise ValueError
        except ValueError:
            what = line.decode("latin-1", "replace")
            await _answer(writer, HTTPStatus.BAD_REQUEST, f"this is a proxy; it cannot read the request: {what}")
            return
        try:
            upstream_reader, upstream_writer = await self._connect(host, port)
        except _RefusedError as refusal:
            await _answer(writer, refusal.status, str(refusal))
            return
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                origin_form = (url.path or "/") + (f"?{url.query}" if url.query else "")
                upstream_writer.write(f"{method} {origin_form} HTTP/1.1\r\n".encode("latin-1") + _closing(fields))
            await asyncio.gather(_pipe(reader, upstream_writer), _pipe(upstream_reader, writer))
        finally:
            upstream_writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = self._addresses(host)
        for address in addresses:
            socket = self._network.resolve(address, port)
            if socket is None:
                continue
            try:
                async with asyncio.timeout(CONNECT_LIMIT_SECONDS):
                    return await asyncio.open_connection(*socket)
            except OSError:
                continue
        tried = f"{host} ({', '.join(addresses)}) port {port}"
        if any(self._network.has_host(address) for address in addresses):
            raise _RefusedError(HTTPStatus.BAD_GATEWAY, f"{tried} refused the connection")
        raise _RefusedError(HTTPStatus.GATEWAY_TIMEOUT, f"nothing answers at {tried}")

    def _addresses(self, host: str) -> tuple[str, ...]:
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            addresses = self._resolver.addresses(host)
        if not addresses:
            raise _RefusedError(HTTPStatus.BAD_GATEWAY, f"{host} does not resolve in the embedded AWS")
        return addresses


def _closing(fields: bytes) -> bytes:
    """Return the header fields with `Connection: close`: a client's next request may be for another host."""
    connection_fields = (b"connection:", b"proxy-connection:", b"keep-alive:")
    lines = [line for line in fields.split(b"\r\n") if not line.lower().startswith(connection_fields)]
    return b"\r\n".join([b"Connection: close", *lines])


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        # One side has ended, so the other is of no use.
        writer.close()


async def _answer(writer: asyncio.StreamWriter, status: HTTPStatus, why: str) -> None:
    body = f"{why}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
