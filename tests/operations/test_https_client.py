"""The client through a proxy, as the rehearsal uses it: no test may need port 443."""

import ssl
from collections.abc import Callable, Iterator

import pytest
import trustme

from tests.operations.servers import Answer, HttpsServer, Proxy, Serve
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import HttpsClient, TlsError

TIMEOUT_SECONDS = 5.0


@pytest.fixture
def through(trust: ssl.SSLContext) -> Iterator[Callable[..., tuple[HttpsClient, Proxy]]]:
    """A client whose proxy leads to a server, and the proxy."""
    proxies: list[Proxy] = []

    def make(
        server: HttpsServer | None = None, *, refusal: bytes = b"", timeout_seconds: float = TIMEOUT_SECONDS
    ) -> tuple[HttpsClient, Proxy]:
        proxy = Proxy(server.address if server else ("127.0.0.1", 9), refusal)
        proxies.append(proxy)
        return HttpsClient(trust, timeout_seconds=timeout_seconds, proxy=proxy.address), proxy

    yield make
    for proxy in proxies:
        proxy.close()


Through = Callable[..., tuple[HttpsClient, Proxy]]


def test_an_answer_has_status_lower_case_headers_body_and_fingerprint(serve: Serve, through: Through) -> None:
    client, _ = through(serve("www.example.com"))
    response = client.request("www.example.com")
    assert (response.status, response.body) == (200, b"ok")
    assert response.headers["x-served-by"] == "test"
    assert len(response.certificate_sha256.split(":")) == 32


@pytest.mark.parametrize("path", ["/../a//b/./c", "/caf%C3%A9/%2e%2e/x?y=%20", "/" + "long/" * 1_000, "//", "/?#"])
def test_the_path_goes_out_to_the_letter(serve: Serve, through: Through, path: str) -> None:
    server = serve("www.example.com")
    through(server)[0].request("www.example.com", method="PATCH", path=path, headers={"X-One": "1"})
    head = server.answer.heads[0].decode()
    assert head.startswith(f"PATCH {path} HTTP/1.1\r\nHost: www.example.com\r\n")
    assert "X-One: 1\r\n" in head


def test_an_address_is_connected_to_while_host_and_certificate_stay_those_of_the_name(
    serve: Serve, through: Through
) -> None:
    server = serve("www.example.com")
    client, proxy = through(server)
    client.request("www.example.com", address="198.51.100.10")
    client.request("www.example.com", address="2001:db8::10")
    assert [request.split(b"\r\n")[0] for request in proxy.requests] == [
        b"CONNECT 198.51.100.10:443 HTTP/1.1",
        b"CONNECT [2001:db8::10]:443 HTTP/1.1",
    ]
    assert all(b"Host: www.example.com\r\n" in head for head in server.answer.heads)


def test_a_certificate_for_another_name_is_refused(serve: Serve, through: Through) -> None:
    client, _ = through(serve("www.example.net"))
    with pytest.raises(TlsError, match="Hostname mismatch"):
        client.request("www.example.com")


def test_a_certificate_of_an_unknown_authority_is_refused(through: Through) -> None:
    server = HttpsServer(trustme.CA().issue_cert("www.example.com"), Answer())
    client, _ = through(server)
    with pytest.raises(TlsError, match="unable to get local issuer certificate"):
        client.request("www.example.com")
    server.close()


def test_verification_cannot_be_switched_off_by_the_context(serve: Serve, authority: trustme.CA) -> None:
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    authority.configure_trust(careless)
    proxy = Proxy(serve("www.example.net").address)
    with pytest.raises(TlsError):
        HttpsClient(careless, timeout_seconds=TIMEOUT_SECONDS, proxy=proxy.address).request("www.example.com")
    proxy.close()


def test_a_proxy_that_refuses_is_quoted(through: Through) -> None:
    refusal = b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\nnothing answers there\n"
    client, _ = through(refusal=refusal)
    with pytest.raises(UnreachableError, match=r"^nothing answers there$"):
        client.request("www.example.com")


@pytest.mark.parametrize("refusal", [b"\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1\r\n\r\n"])
def test_something_else_than_a_proxy_is_no_crash(through: Through, refusal: bytes) -> None:
    client, _ = through(refusal=refusal)
    with pytest.raises(UnreachableError):
        client.request("www.example.com")


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"])
def test_an_answer_that_is_no_http_is_unreachable(serve: Serve, through: Through, raw: bytes) -> None:
    client, _ = through(serve("www.example.com", answer=Answer(raw)))
    with pytest.raises(UnreachableError):
        client.request("www.example.com")


def test_nobody_listening_is_unreachable(trust: ssl.SSLContext) -> None:
    client = HttpsClient(trust, timeout_seconds=TIMEOUT_SECONDS, proxy=("127.0.0.1", 9))
    with pytest.raises(UnreachableError, match="refused"):
        client.request("www.example.com")
