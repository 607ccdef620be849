"""The preview answers only known hosts, and its index contains nothing of a request."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from understudy_failover.rehearsal.preview import handler

HOST = "shop.example.com"


class Gateway(BaseHTTPRequestHandler):
    """Opens a tunnel to itself, and answers with the requested host."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = False  # http.client asks for a tunnel in HTTP/1.0

    def do_GET(self) -> None:
        body = ", ".join(self.headers.get_all("Host", [])).encode()
        self.send_response(503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def _serving(kind: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with _serving(Gateway) as gateway, _serving(handler(("127.0.0.1", gateway), [HOST])) as own:
        yield own


def _request(port: int, host: str | None, field: str = "Host") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.putrequest("GET", "/", skip_host=True)
    if host is not None:
        connection.putheader(field, host)
    connection.endheaders()
    answer = connection.getresponse()
    result = answer.status, answer.read().decode()
    connection.close()
    return result


@pytest.mark.parametrize("end", ["", ":1", ':"><script>x</script>', ":1/x?y"])
@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1"])
def test_the_index_leads_to_the_servers_own_port(port: int, name: str, end: str) -> None:
    status, body = _request(port, name + end)
    assert status == 200
    assert f'<a href="http://{HOST}.localhost:{port}/">{HOST}</a>' in body
    assert "script" not in body
    assert ":1/" not in body


@pytest.mark.parametrize("name", [f"{HOST}.localhost", f"{HOST}.localhost:1", f"{HOST.title()}.localhost"])
def test_a_known_host_is_answered_through_the_gateway(port: int, name: str) -> None:
    assert _request(port, name) == (503, HOST)


@pytest.mark.parametrize("field", ["host", "HOST"])
def test_the_host_is_forwarded_once_however_the_field_is_written(port: int, field: str) -> None:
    """Node's and Go's clients write field names in small letters."""
    assert _request(port, f"{HOST}.localhost", field) == (503, HOST)


@pytest.mark.parametrize(
    "name", [None, "", HOST, "elsewhere.example", "elsewhere.example.localhost", ".localhost", '"><script>.localhost']
)
def test_an_unknown_host_is_refused(port: int, name: str | None) -> None:
    status, body = _request(port, name)
    assert (status, body) == (421, f"unknown host; allowed are those that http://localhost:{port}/ lists\n")
    # The advice.
    assert _request(port, f"localhost:{port}")[0] == 200


@pytest.mark.parametrize(
    ("line", "field", "status"),
    [
        ("POST /", "Content-Length: x", 400),
        ("POST /", "Content-Length: -1", 400),
        ("POST /", "Content-Length: 99999999999", 400),
        ("GET /\u00e9", "X: y", 502),
        ("GET /\x01", "X: y", 502),
        ("G\u00c9T /", "X: y", 502),
    ],
)
def test_an_odd_request_is_refused_without_a_traceback(
    port: int, capfd: pytest.CaptureFixture[str], line: str, field: str, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        stream.sendall(f"{line} HTTP/1.1\r\nHost: {HOST}.localhost\r\n{field}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(stream)
        answer.begin()
        assert answer.status == status
        answer.read()
    assert capfd.readouterr().err == ""
