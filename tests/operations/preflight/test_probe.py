"""A server by the rules of Route 53's health checkers, on loopback."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from tests.operations.servers import Answer, Serve
from understudy_failover.contract import health_probe
from understudy_failover.operations.preflight import probe as module
from understudy_failover.operations.preflight.probe import ProbeError, probe
from understudy_failover.settings import HealthCheck

HOST = "www.example.com"


def check(**values: Any) -> HealthCheck:
    """A health check of that host."""
    return HealthCheck.model_validate({"host_name": HOST, **values})


def failing(health_check: HealthCheck, address: tuple[str, int]) -> ProbeError:
    """Why a checker would call it unhealthy."""
    with pytest.raises(ProbeError) as caught:
        probe(health_check, HOST, address[0])
    return caught.value


@pytest.fixture
def plain() -> Iterator[Callable[[Callable[[socket.socket], None]], tuple[str, int]]]:
    """Starts a TCP server that handles its first connections as given; it ends with the test."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(behave: Callable[[socket.socket], None]) -> tuple[str, int]:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # closed
                    return
                with connection:
                    try:
                        behave(connection)
                    except OSError:
                        continue  # the client is gone

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        address: tuple[str, int] = listener.getsockname()
        return address

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def test_a_status_of_200_is_healthy_and_the_certificate_need_not_be_trusted(serve: Serve) -> None:
    server = serve("other.example.net")
    healthy = probe(check(port=server.address[1]), HOST, "127.0.0.1")
    assert (healthy.status, healthy.location) == (200, "")
    assert healthy.not_after
    assert f"Host: {HOST}".encode() in server.answer.heads[0]


def test_a_redirect_is_healthy_and_reported(serve: Serve) -> None:
    answer = Answer(b"HTTP/1.1 301 Moved\r\nLocation: https://www.example.com/login\r\nContent-Length: 0\r\n\r\n")
    server = serve(HOST, answer=answer)
    healthy = probe(check(port=server.address[1]), HOST, "127.0.0.1")
    assert (healthy.status, healthy.location) == (301, "https://www.example.com/login")


def test_a_status_of_404_is_not_healthy(serve: Serve) -> None:
    server = serve(HOST, answer=Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
    error = failing(check(port=server.address[1], path="/health"), server.address)
    assert (error.fault, str(error)) == ("server-status", "/health answers 404; 2xx and 3xx are healthy")


@pytest.mark.parametrize(("before", "healthy"), [(0, True), (5_120 - 7, True), (5_120 - 6, False), (9_000, False)])
def test_the_searched_text_must_stand_in_the_first_5120_bytes(serve: Serve, before: int, healthy: bool) -> None:
    body = b"." * before + b"healthy" + b"." * 100
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    server = serve(HOST, answer=Answer(head + body))
    health_check = check(port=server.address[1], search_string="healthy")
    if healthy:
        assert probe(health_check, HOST, "127.0.0.1").status == 200
    else:
        assert failing(health_check, server.address).fault == "server-without-text"


def test_a_checker_is_recognized_by_its_user_agent_and_asks_for_any_encoding(serve: Serve) -> None:
    server = serve(HOST)
    probe(check(port=server.address[1]), HOST, "127.0.0.1")
    head = server.answer.heads[0].decode()
    assert "User-Agent: Amazon-Route53-Health-Check-Service (ref " in head
    assert "Accept-Encoding: *" in head


def test_a_compressed_body_is_distinguished_from_one_without_the_text(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\n"
    server = serve(HOST, answer=Answer(head + b"\x01\x02\x03\x04"))
    error = failing(check(port=server.address[1], search_string="healthy"), server.address)
    assert (error.fault, "(br)" in str(error)) == ("server-compresses", True)
    # Without compression, as the advice says, it is healthy.
    plain = serve(HOST, answer=Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhealthy"))
    assert probe(check(port=plain.address[1], search_string="healthy"), HOST, "127.0.0.1").status == 200


def test_a_server_that_refuses_checkers_alone_is_reported(
    plain: Callable[[Callable[[socket.socket], None]], tuple[str, int]],
) -> None:
    def filtering(connection: socket.socket) -> None:
        refused = b"Amazon-Route53" in connection.recv(4_096)
        status = b"403 Forbidden" if refused else b"200 OK"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    address = plain(filtering)
    error = failing(check(type="HTTP", port=address[1], path="/bots"), address)
    assert (error.fault, "/bots answers 403" in str(error)) == ("server-refuses-checkers", True)


def test_methods_that_the_page_cannot_answer_are_found_by_options(serve: Serve) -> None:
    answer = Answer(b"HTTP/1.1 200 OK\r\nAllow: GET, PUT, PROPFIND\r\nDAV: 1\r\nContent-Length: 0\r\n\r\n")
    server = serve(HOST, answer=answer)
    health_check = check(port=server.address[1])
    assert module.allowed_methods(health_check, HOST, "127.0.0.1") == {"GET", "PUT", "PROPFIND"}
    assert server.answer.heads[0].startswith(b"OPTIONS / HTTP/1.1")
    assert module.allowed_methods(check(port=1), HOST, "127.0.0.1") == frozenset()


def test_a_server_that_speaks_tls_1_3_alone_is_distinguished_from_one_without_tls(
    plain: Callable[[Callable[[socket.socket], None]], tuple[str, int]], authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    authority.issue_cert(HOST).configure_cert(context)

    def newest(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as session:
            session.recv(1)

    address = plain(newest)
    assert failing(check(port=address[1]), address).fault == "server-tls-1.3"
    address = plain(lambda connection: connection.sendall(b"This is no TLS.\r\n"))
    assert failing(check(port=address[1]), address).fault == "server-tls"


@pytest.mark.parametrize("drips", [False, True])
def test_a_status_that_takes_longer_than_two_seconds_is_too_late_even_if_bytes_come_all_the_while(
    plain: Callable[[Callable[[socket.socket], None]], tuple[str, int]], monkeypatch: pytest.MonkeyPatch, drips: bool
) -> None:
    monkeypatch.setattr(health_probe, "STATUS_SECONDS", 0.1)

    def slow(connection: socket.socket) -> None:
        connection.recv(4_096)
        for byte in b"HTTP/1.1 200 OK\r\n\r\n":
            if drips:
                connection.sendall(bytes([byte]))
            time.sleep(0.02)
        connection.sendall(b"" if drips else b"HTTP/1.1 200 OK\r\n\r\n")

    address = plain(slow)
    assert failing(check(type="HTTP", port=address[1]), address).fault == "server-slow"


def test_what_is_not_http_is_not_healthy(
    plain: Callable[[Callable[[socket.socket], None]], tuple[str, int]],
) -> None:
    address = plain(lambda connection: connection.sendall(b"220 mail.example.com ESMTP\r\n"))
    assert failing(check(type="HTTP", port=address[1]), address).fault == "server-not-http"


def test_a_tcp_check_is_content_with_a_connection(
    plain: Callable[[Callable[[socket.socket], None]], tuple[str, int]],
) -> None:
    address = plain(lambda _: None)
    assert probe(check(type="TCP", port=address[1]), HOST, "127.0.0.1").status is None


def test_a_closed_port_is_refused() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and never listens
        assert failing(check(port=bound.getsockname()[1]), bound.getsockname()).fault == "server-refuses"
