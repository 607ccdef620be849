"""Asking one name server, against dnslib's."""

import socket
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from dnslib import RD, RR, A
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from understudy_failover.operations.name_server import DnsError, NameServer

Reply = Callable[[Any], Any]


@pytest.fixture
def name_server() -> Iterator[Callable[[Reply], NameServer]]:
    """Starts a name server with given replies; it ends with the test."""
    started: list[DNSServer] = []

    def start(reply: Reply) -> NameServer:
        class Resolver(BaseResolver):  # type: ignore[misc]
            def resolve(self, request: Any, handler: Any) -> Any:
                return reply(request)

        server = DNSServer(Resolver(), address="127.0.0.1", port=0, logger=DNSLogger("", prefix=False))
        # As its own start_thread, which looks twice a second whether it is to end.
        server.thread = Thread(target=server.server.serve_forever, args=[0.01], daemon=True)
        server.thread.start()
        started.append(server)
        return NameServer(*server.server.server_address, timeout_seconds=2.0)

    yield start
    for server in started:
        server.stop()
        server.server.server_close()


def test_addresses_come_in_numeric_order(name_server: Callable[[Reply], NameServer]) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.add_answer(*RR.fromZone("www.example.com. 60 IN A 198.51.100.74\nwww.example.com. 60 IN A 198.51.100.9"))
        return answer

    assert name_server(reply).addresses("www.example.com", "A") == ("198.51.100.9", "198.51.100.74")


def test_only_the_asked_type_counts(name_server: Callable[[Reply], NameServer]) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.add_answer(*RR.fromZone("www.example.com. 60 IN CNAME a.example.com.\na.example.com. 60 IN A 192.0.2.1"))
        return answer

    assert name_server(reply).addresses("www.example.com", "A") == ("192.0.2.1",)
    assert name_server(reply).addresses("www.example.com", "AAAA") == ()


def test_a_name_that_does_not_exist_has_no_address(name_server: Callable[[Reply], NameServer]) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.header.rcode = 3
        return answer

    assert name_server(reply).addresses("www.example.com", "A") == ()


def test_another_error_is_named(name_server: Callable[[Reply], NameServer]) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.header.rcode = 2
        return answer

    with pytest.raises(DnsError, match=r"www\.example\.com A: SERVFAIL"):
        name_server(reply).addresses("www.example.com", "A")


def test_it_is_not_asked_to_resolve_elsewhere(name_server: Callable[[Reply], NameServer]) -> None:
    asked: list[Any] = []

    def reply(request: Any) -> Any:
        asked.append(request.header.rd)
        return request.reply()

    name_server(reply).addresses("www.example.com", "A")
    assert asked == [0]


def test_silence_is_an_error() -> None:
    with pytest.raises(DnsError):
        NameServer("127.0.0.1", 9, timeout_seconds=0.3).addresses("www.example.com", "A")


def test_an_end_of_the_connection_after_a_truncated_answer_is_an_error(
    name_server: Callable[[Reply], NameServer],
) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.header.tc = 1
        return answer

    def close() -> None:
        with listener.accept()[0] as connection:
            connection.recv(512)

    server = name_server(reply)
    with socket.create_server(("127.0.0.1", server._port)) as listener:
        closing = Thread(target=close, daemon=True)
        closing.start()
        with pytest.raises(DnsError, match=r"www\.example\.com A: EOF"):
            server.addresses("www.example.com", "A")
        closing.join()


def test_an_alias_is_reported_beside_the_addresses_that_the_name_server_knows(
    name_server: Callable[[Reply], NameServer],
) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        zone = "www.example.com. 60 IN CNAME A.example.com.\na.example.com. 60 IN CNAME b.example.com."
        answer.add_answer(*RR.fromZone(f"{zone}\nb.example.com. 60 IN A 192.0.2.1"))
        return answer

    assert name_server(reply).answer("www.example.com", "A") == (("192.0.2.1",), "a.example.com")
    assert name_server(reply).answer("other.example.com", "A")[1] == ""


@pytest.mark.parametrize("class_", [3, 4, 9])
def test_an_address_of_another_class_is_none(name_server: Callable[[Reply], NameServer], class_: int) -> None:
    """An A record of class CHAOS holds a name and a number."""

    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.add_answer(RR("www.example.com", 1, class_, 60, RD(b"\x01a\x00\x00\x01")))
        return answer

    server = name_server(reply)
    assert server.answer("www.example.com", "A") == ((), "")
    assert server.records("www.example.com", "A").values == ()


def test_an_answer_with_very_many_records_is_an_error(name_server: Callable[[Reply], NameServer]) -> None:
    def reply(request: Any) -> Any:
        answer = request.reply()
        answer.add_answer(*(RR("www.example.com", 1, 1, 60, A(f"192.0.2.{n}")) for n in range(65)))
        return answer

    with pytest.raises(DnsError, match="more than 64 records"):
        name_server(reply).addresses("www.example.com", "A")
