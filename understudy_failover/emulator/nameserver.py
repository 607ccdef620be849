"""A DNS server, of the zones or a resolver: UDP and TCP on the same free port of loopback."""

import asyncio
import logging
import struct
from collections.abc import Callable
from typing import cast

from dnslib import EDNS0, QTYPE, RCODE, DNSError, DNSHeader, DNSRecord

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
PLAIN_UDP_BYTES = 512
"""RFC 1035: the limit for a client without EDNS."""
UDP_PAYLOAD_BYTES = 1_232
"""The size in EDNS of answers: as agreed on for the DNS flag day of 2020."""
ATTEMPTS = 20
IDLE_SECONDS = 10


class Nameserver:
    """`await start()` listens and returns (host, port); `await stop()` ends it."""

    def __init__(self, answer: Callable[[DNSRecord], DNSRecord]) -> None:
        self._answer = answer
        self._tcp: asyncio.Server | None = None
        self._udp: asyncio.DatagramTransport | None = None

    async def start(self, host: str = HOST, port: int = 0) -> tuple[str, int]:
        """Listen at `port` of `host`, or at a free one; return both."""
        loop = asyncio.get_running_loop()
        for _ in range(ATTEMPTS):
            self._tcp = await asyncio.start_server(self._serve_stream, host, port)
            chosen_port: int = self._tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(host, chosen_port)
                )
            except OSError:  # the UDP port is in use
                self._tcp.close()
                continue
            return host, chosen_port
        raise OSError(f"no port of {host} was free for both UDP and TCP in {ATTEMPTS} attempts")

    async def stop(self) -> None:
        if self._udp:
            self._udp.close()
        if self._tcp:
            self._tcp.close()

    def respond(self, packet: bytes, *, limit_bytes: int | None = None) -> bytes | None:
        try:
            request = DNSRecord.parse(packet)
        except (DNSError, ValueError, IndexError, struct.error, UnicodeError, RecursionError):
            return _format_error(packet)
        if request.header.qr:  # a response: answering it could lead to a loop
            return None
        try:
            reply = _with_edns(self._answer(request), request)
            wire = bytes(reply.pack())
            if limit_bytes is not None and len(wire) > max(limit_bytes, _offered_bytes(request)):
                wire = bytes(_truncated(reply).pack())
        except Exception:
            logger.exception("no answer to %s", request.questions)
            reply = _with_edns(request.reply(aa=0, ra=0), request)
            reply.header.rcode = RCODE.SERVFAIL
            wire = bytes(reply.pack())
        return wire

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    (length,) = struct.unpack("!H", await reader.readexactly(2))
                    reply = self.respond(await reader.readexactly(length))
                if reply is None:
                    break
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
        except (TimeoutError, OSError, EOFError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Nameserver) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not isinstance: before Python 3.12 the event loop's transport is of another class.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.respond(data, limit_bytes=PLAIN_UDP_BYTES)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)


def _with_edns(reply: DNSRecord, request: DNSRecord) -> DNSRecord:
    """Return `reply` with an OPT record if the request has one.

    The DO flag is copied (RFC 3225, section 3). Without it Knot Resolver before 6.1 keeps a negative answer 5 s.
    """
    options = next((extra for extra in request.ar if extra.rtype == QTYPE.OPT), None)
    if options is not None:
        reply.add_ar(EDNS0(flags="do" if options.edns_do else "", udp_len=UDP_PAYLOAD_BYTES))
    return reply


def _offered_bytes(request: DNSRecord) -> int:
    from_edns = [extra.edns_len for extra in request.ar if hasattr(extra, "edns_len")]
    return max(from_edns, default=PLAIN_UDP_BYTES)


def _truncated(reply: DNSRecord) -> DNSRecord:
    """Return `reply` without its records but, unlike dnslib's `truncate`, with the question, which clients compare."""
    reply.header.tc = 1
    reply.rr, reply.auth = [], []
    return reply


def _format_error(packet: bytes) -> bytes | None:
    if len(packet) < 12 or packet[2] & 0x80:
        return None
    (identifier,) = struct.unpack("!H", packet[:2])
    return bytes(DNSRecord(DNSHeader(id=identifier, qr=1, rcode=RCODE.FORMERR)).pack())
