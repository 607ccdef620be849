"""The server and the page's edge: HTTP/1.1 with and without TLS, which never close a connection.

The first part of a request's path names the client.
"""

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Sequence

from tools.lab.judge import Observation
from understudy_failover.page import MARKER_HEADER

HTTP_PORT, HTTPS_PORT = 80, 443
RETRY_AFTER_SECONDS = 120
"""As in the shipped failover.toml."""
LIMIT_BYTES = 65_536


class Origin:
    """Listens at `addresses`; every request is an observation."""

    def __init__(self, addresses: Sequence[str], tls: ssl.SSLContext, *, is_page: bool) -> None:
        self.observations: defaultdict[str, list[Observation]] = defaultdict(list)
        self._addresses = addresses
        self._tls = tls
        self._is_page = is_page
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        for address in self._addresses:
            for port, tls in ((HTTP_PORT, None), (HTTPS_PORT, self._tls)):
                server = await asyncio.start_server(self._serve, address, port, ssl=tls, limit=LIMIT_BYTES)
                self._servers.append(server)

    def stop(self) -> None:
        """Refuse new connections, and close open ones."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                client = head.split(" ", 2)[1].partition("://")[2].partition("/")[2] or head.split(" ", 2)[1][1:]
                name = client.partition("/")[0]
                self.observations[name].append(Observation(time.monotonic(), self._is_page))
                writer.write(self._answer(is_head=head.startswith("HEAD ")))
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, IndexError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, *, is_head: bool) -> bytes:
        body = b"the page\n" if self._is_page else b"the server\n"
        status = "503 Service Unavailable" if self._is_page else "200 OK"
        lines = [
            f"HTTP/1.1 {status}",
            f"Content-Length: {len(body)}",
            "Content-Type: text/html",
            "Cache-Control: no-store",
        ]
        if self._is_page:
            lines += [f"Retry-After: {RETRY_AFTER_SECONDS}", f"{MARKER_HEADER}: 1"]
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (b"" if is_head else body)
