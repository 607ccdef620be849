"""DNS, an edge and a server for `benchmarks.fail_back`, in a network namespace of their own.

Reads one JSON line for each change from stdin, and writes one for each event to stdout. Moments are of
`time.monotonic()`, which every process of this machine shares.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from dnslib import QTYPE, RR, A, DNSRecord

DNS, EDGE, SERVER = "10.77.0.1", "10.77.0.2", "10.77.0.3"
TTL_SECONDS = 60
"""Of an alias to CloudFront. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html"""
ROUND_TRIP_SECONDS = 0.02
"""These namespaces have no distance: two round trips for a connection with TLS, one for each answer."""
IMAGE = "/arrived.png"
"""Of the site alone. The page asks the server before it reloads, so that a request there is no arrival yet."""
SITE = f'<!DOCTYPE html><title>Site</title><h1>Site</h1><img src="{IMAGE}" alt="">'.encode()


@dataclass(frozen=True)
class Page:
    """What the edge answers for one variant of the page."""

    headers: dict[str, str]
    html: bytes


def say(kind: str, **values: Any) -> None:
    print(json.dumps({"at": time.monotonic(), "kind": kind, **values}), flush=True)


class Names(asyncio.DatagramProtocol):
    """Answers every name with the edge, except the names in `flipped`."""

    def __init__(self) -> None:
        self.flipped: set[str] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: Any) -> None:
        question = DNSRecord.parse(data)
        name = str(question.q.qname).rstrip(".").lower()
        reply = question.reply()
        if question.q.qtype == QTYPE.A and name.endswith(".test"):
            target = SERVER if name in self.flipped else EDGE
            reply.add_answer(RR(question.q.qname, QTYPE.A, ttl=TTL_SECONDS, rdata=A(target)))
            say("dns", host=name, leads_to="server" if target == SERVER else "edge")
        assert self._transport is not None
        # A resolver nearby.
        asyncio.get_running_loop().call_later(0.005, self._transport.sendto, reply.pack(), address)


class Answers:
    """HTTP/1.1 with connections that are kept for ever, which is the worst that an edge may do."""

    def __init__(self, place: str, pages: dict[str, Page], context: ssl.SSLContext) -> None:
        self._place = place
        self._context = context
        self._pages = pages
        self._connections = 0

    async def accept(self, address: str) -> None:
        """Take connections at port 443 for ever."""
        loop = asyncio.get_running_loop()
        with socket.create_server((address, 443), backlog=1024) as listener:
            listener.setblocking(False)
            beginning = set()
            while True:
                accepted, _ = await loop.sock_accept(listener)
                task = asyncio.create_task(self._begin(accepted))
                beginning.add(task)
                task.add_done_callback(beginning.discard)

    async def _begin(self, accepted: socket.socket) -> None:
        await asyncio.sleep(2 * ROUND_TRIP_SECONDS)
        protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader(), self.serve)
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, accepted, ssl=self._context)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self._connections += 1
        connection = self._connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, path, _ = head[0].split(" ", 2)
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                host = fields.get("host", "").partition(":")[0].lower()
                say(self._place, host=host, method=method, path=path, connection=connection)
                await asyncio.sleep(ROUND_TRIP_SECONDS)
                status, headers, body = self._answer(host)
                lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
                lines.append(f"content-length: {len(body)}\r\n\r\n")
                writer.write("\r\n".join(lines).encode() + (b"" if method == "HEAD" else body))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError, ValueError):
            pass
        finally:
            writer.close()

    def _answer(self, host: str) -> tuple[str, dict[str, str], bytes]:
        if self._place == "server":
            return "200 OK", {"content-type": "text/html", "cache-control": "no-store"}, SITE
        page = self._pages[host.partition("-")[0]]
        headers = {**page.headers, "content-type": "text/html; charset=utf-8", "retry-after": "120"}
        return "503 Service Unavailable", headers, page.html


async def main(folder: Path) -> None:
    """Serve until stdin ends; `folder` has the certificate and the pages."""
    page_table = json.loads((folder / "pages.json").read_text("utf-8"))
    pages = {name: Page(page["headers"], page["html"].encode()) for name, page in page_table.items()}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    context.set_alpn_protocols(["http/1.1"])
    loop = asyncio.get_running_loop()
    names = Names()
    await loop.create_datagram_endpoint(lambda: names, local_addr=(DNS, 53))
    places = (("edge", EDGE), ("server", SERVER))
    accepting = [asyncio.create_task(Answers(place, pages, context).accept(address)) for place, address in places]
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    say("ready")
    while line := await commands.readline():
        host = json.loads(line)["flip"]
        names.flipped.add(host)
        say("flip", host=host)
    for task in accepting:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
