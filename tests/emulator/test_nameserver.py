"""The name server, queried by dnspython over real sockets on loopback."""

import asyncio
import struct
from collections.abc import Callable
from typing import TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import pytest
from hypothesis import given, settings, strategies as st

from tests.emulator.support import LIMIT_SECONDS
from tests.emulator.test_zone_answers import EDGE, SOA, pair, values
from understudy_failover.emulator.model import HostedZone, RecordSet
from understudy_failover.emulator.nameserver import PLAIN_UDP_BYTES, UDP_PAYLOAD_BYTES, Nameserver
from understudy_failover.emulator.public_resolver import PublicResolver
from understudy_failover.emulator.zone_answers import ZoneAnswers

TEXTS = tuple(f'"{number} {"x" * 200}"' for number in range(20))
"""About 4,300 bytes: more than any UDP answer here may have, and less than a client may offer to take."""
ZONES = (
    HostedZone(
        "Z1",
        "example.com.",
        (
            *pair(),
            RecordSet("big.example.com.", "TXT", TEXTS, 60),
            RecordSet("some.example.com.", "TXT", TEXTS[:3], 60),
            SOA,
        ),
    ),
)
T = TypeVar("T")


def nameserver(zones: tuple[HostedZone, ...] = ZONES) -> Nameserver:
    return Nameserver(ZoneAnswers(lambda: zones, lambda _: True, lambda: (EDGE,)).answer)


def ask_server(ask: Callable[[str, int], T]) -> T:
    """Return the result of `ask(host, port)`, called in a thread while a name server listens."""

    async def scenario() -> T:
        running = nameserver()
        host, port = await running.start()
        try:
            return await asyncio.to_thread(ask, host, port)
        finally:
            await running.stop()
            await asyncio.sleep(0)

    return asyncio.run(scenario())


def udp(query: dns.message.Message) -> dns.message.Message:
    return ask_server(lambda host, port: dns.query.udp(query, host, LIMIT_SECONDS, port))


def tcp(query: dns.message.Message) -> dns.message.Message:
    return ask_server(lambda host, port: dns.query.tcp(query, host, LIMIT_SECONDS, port))


@pytest.mark.parametrize("over", [udp, tcp])
def test_udp_and_tcp_of_one_port_give_the_same_answer(
    over: Callable[[dns.message.Message], dns.message.Message],
) -> None:
    assert values(over(dns.message.make_query("www.example.com.", "A"))) == ["203.0.113.10"]


def test_it_listens_on_loopback_alone() -> None:
    assert ask_server(lambda host, _port: host) == "127.0.0.1"


def test_a_udp_answer_beyond_512_bytes_is_cut_off_for_a_client_without_edns() -> None:
    reply = udp(dns.message.make_query("some.example.com.", "TXT"))
    assert reply.flags & dns.flags.TC
    assert reply.answer == []
    assert len(reply.to_wire()) <= PLAIN_UDP_BYTES


def test_an_answer_that_was_cut_off_still_says_to_which_question() -> None:
    query = dns.message.make_query("some.example.com.", "TXT")
    assert udp(query).question == query.question


def test_a_client_that_offers_room_gets_the_whole_answer_over_udp() -> None:
    reply = udp(dns.message.make_query("some.example.com.", "TXT", use_edns=0, payload=UDP_PAYLOAD_BYTES))
    assert not reply.flags & dns.flags.TC
    assert len(values(reply)) == 3


def test_a_client_that_offers_too_little_room_is_informed() -> None:
    reply = udp(dns.message.make_query("big.example.com.", "TXT", use_edns=0, payload=UDP_PAYLOAD_BYTES))
    assert reply.flags & dns.flags.TC
    assert reply.edns == 0


def test_a_client_that_was_cut_off_gets_the_whole_answer_over_tcp() -> None:
    query = dns.message.make_query("big.example.com.", "TXT")
    reply, over_tcp = ask_server(lambda host, port: dns.query.udp_with_fallback(query, host, LIMIT_SECONDS, port))
    assert over_tcp
    assert sorted(values(reply)) == sorted(TEXTS)


def test_edns_is_answered_with_edns_and_its_absence_with_none() -> None:
    assert udp(dns.message.make_query("www.example.com.", "A", use_edns=0)).payload == UDP_PAYLOAD_BYTES
    assert udp(dns.message.make_query("www.example.com.", "A")).edns == -1


def public_resolver() -> Nameserver:
    resolver = PublicResolver(ZoneAnswers(lambda: ZONES, lambda _: True, lambda: (EDGE,)).answer)
    resolver.override("false.example.com", "A", ["192.0.2.1"])
    return Nameserver(resolver.answer)


BROKEN = HostedZone("Z2", "example.net.", (RecordSet("broken.example.net.", "A", ("not an address",), 60),))


@pytest.mark.parametrize("want_dnssec", [False, True])
@pytest.mark.parametrize(
    ("name", "running"),
    [
        ("www.example.com.", nameserver()),
        ("nowhere.example.com.", nameserver()),
        ("big.example.com.", nameserver()),
        ("not-ours.example.org.", nameserver()),
        ("broken.example.net.", nameserver((BROKEN,))),
        ("www.example.com.", public_resolver()),
        ("false.example.com.", public_resolver()),
    ],
    ids=["found", "no such name", "truncated", "refused", "failed", "public resolver", "overridden"],
)
def test_the_do_flag_is_copied_into_every_kind_of_answer(name: str, running: Nameserver, *, want_dnssec: bool) -> None:
    query = dns.message.make_query(name, "TXT" if name.startswith("big") else "A", want_dnssec=want_dnssec, use_edns=0)
    wire = running.respond(query.to_wire(), limit_bytes=PLAIN_UDP_BYTES)
    assert wire is not None
    reply = dns.message.from_wire(wire)
    assert reply.edns == 0
    assert bool(reply.ednsflags & dns.flags.DO) == want_dnssec


def test_one_tcp_connection_answers_several_questions() -> None:
    async def scenario() -> list[list[str]]:
        running = nameserver()
        reader, writer = await asyncio.open_connection(*await running.start())
        results = []
        for name in ("www.example.com.", "www.example.com."):
            wire = dns.message.make_query(name, "A").to_wire()
            writer.write(struct.pack("!H", len(wire)) + wire)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            results.append(values(dns.message.from_wire(await reader.readexactly(length))))
        writer.transport.abort()
        await running.stop()
        await asyncio.sleep(0)
        return results

    assert asyncio.run(scenario()) == [["203.0.113.10"]] * 2


@pytest.mark.parametrize(
    "sent", [b"\x00", b"\x00\x05hello", b"\xff\xff\x00", b"\x00\x00", b"GET / HTTP/1.1\r\n\r\n"], ids=repr
)
def test_garbage_over_tcp_ends_no_more_than_its_own_connection(sent: bytes) -> None:
    async def scenario() -> dns.message.Message:
        running = nameserver()
        host, port = await running.start()
        _, writer = await asyncio.open_connection(host, port)
        writer.write(sent)
        writer.write_eof()
        query = dns.message.make_query("www.example.com.", "A")
        reply = await asyncio.to_thread(dns.query.tcp, query, host, LIMIT_SECONDS, port)
        writer.transport.abort()
        await running.stop()
        await asyncio.sleep(0)
        return reply

    assert values(asyncio.run(scenario())) == ["203.0.113.10"]


def check_reply_to(packet: bytes) -> None:
    """Check that the reply to any packet is None, or a response with the packet's id."""
    reply = nameserver().respond(packet, limit_bytes=PLAIN_UDP_BYTES)
    if reply is not None:
        assert reply[:2] == packet[:2], "the id says to which question it belongs"
        assert reply[2] & 0x80, "a response"


@given(st.binary(max_size=600))
def test_no_packet_whatever_crashes_it(packet: bytes) -> None:
    check_reply_to(packet)


@given(st.binary(min_size=2, max_size=2), st.binary(max_size=300), st.integers(0, 3), st.integers(0, 3))
def test_no_packet_that_begins_like_a_query_crashes_it(
    identifier: bytes, rest: bytes, questions: int, additional: int
) -> None:
    check_reply_to(identifier + struct.pack("!HHHHH", 0x0100, questions, 0, 0, additional) + rest)


@given(st.data())
@settings(max_examples=300)
def test_no_damaged_query_crashes_it(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["A", "TXT", "ANY", "AXFR", "TYPE65280"]))
    packet = bytearray(dns.message.make_query("some.example.com.", kind, use_edns=0).to_wire())
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(2, len(packet) - 1))] = data.draw(st.integers(0, 255))
    check_reply_to(bytes(packet[: data.draw(st.integers(0, len(packet)))]))


@given(st.lists(st.text(st.characters(max_codepoint=127), min_size=1, max_size=63).map(str.encode), max_size=3))
def test_any_ascii_name_is_answered_and_shown_as_it_was_asked(labels: list[bytes]) -> None:
    """Dots and control characters within labels included."""
    name = dns.name.Name([*labels, b"any", b"example", b"com", b""])
    wildcard = RecordSet("*.example.com.", "A", ("203.0.113.10",), 60)
    wire = nameserver((HostedZone("Z1", "example.com.", (wildcard, SOA)),)).respond(
        dns.message.make_query(name, "A").to_wire()
    )
    assert wire is not None
    reply = dns.message.from_wire(wire)
    assert [rrset.name.to_wire() for rrset in reply.answer] == [name.to_wire()]
    assert values(reply) == ["203.0.113.10"]


@pytest.mark.parametrize("length", range(12))
def test_a_packet_shorter_than_a_header_gets_no_answer(length: int) -> None:
    assert nameserver().respond(b"\x00" * length) is None


def test_a_malformed_query_is_a_format_error() -> None:
    wire = dns.message.make_query("www.example.com.", "A").to_wire()
    reply = nameserver().respond(wire[:-3])
    assert reply is not None
    assert dns.message.from_wire(reply).rcode() == dns.rcode.FORMERR


def test_a_name_that_never_ends_is_a_format_error() -> None:
    """A pointer into itself, read as a label, and a pointer back."""
    header = bytes.fromhex("000101000001000000000000")
    packet = header + b"\xc0\x0d" + b"x" * 13 + b"\xc0\x0c" + bytes.fromhex("00010001")
    reply = nameserver().respond(packet)
    assert reply is not None
    assert dns.message.from_wire(reply).rcode() == dns.rcode.FORMERR


def test_a_response_gets_no_answer() -> None:
    query = dns.message.make_query("www.example.com.", "A")
    query.flags |= dns.flags.QR
    assert nameserver().respond(query.to_wire()) is None


def test_what_goes_wrong_inside_is_a_server_failure_for_that_question_alone() -> None:
    broken = RecordSet("broken.example.com.", "A", ("not an address",), 60)
    running = nameserver((HostedZone("Z1", "example.com.", (broken, *pair(), SOA)),))
    codes = {}
    for name in ("broken.example.com.", "www.example.com."):
        wire = running.respond(dns.message.make_query(name, "A").to_wire())
        assert wire is not None
        codes[name] = dns.message.from_wire(wire).rcode()
    assert codes == {"broken.example.com.": dns.rcode.SERVFAIL, "www.example.com.": dns.rcode.NOERROR}


def test_after_stop_nobody_listens() -> None:
    async def scenario() -> None:
        running = nameserver()
        host, port = await running.start()
        await running.stop()
        await asyncio.sleep(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)

    asyncio.run(scenario())
