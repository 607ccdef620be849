"""Whatever a server answers, the clients end in time and say it in printable words."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.operations.odd_answers import ANSWERS, ESC, JSON_BODIES
from tests.operations.servers import Answer, Proxy, Serve
from understudy_failover.contract import health_probe
from understudy_failover.operations import connection
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import HttpsClient, Response
from understudy_failover.operations.maintenance_response import API_CLIENT, PageRequest, answer_problems
from understudy_failover.operations.preflight.probe import ProbeError, probe
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.verify.answers import plain_request
from understudy_failover.settings import HealthCheck, Page

HOST = "www.example.com"
PAGE = Page.model_validate({"title": "Back soon"})
every_answer = pytest.mark.parametrize("raw", ANSWERS.values(), ids=ANSWERS)


@pytest.fixture
def proxies() -> Iterator[list[Proxy]]:
    started: list[Proxy] = []
    yield started
    for proxy in started:
        proxy.close()


def client(trust: ssl.SSLContext, address: tuple[str, int], proxies: list[Proxy], seconds: float = 5) -> HttpsClient:
    proxies.append(Proxy(address))
    return HttpsClient(trust, timeout_seconds=seconds, proxy=proxies[-1].address)


def outcome(request: Callable[[], object]) -> str:
    """What `look` answers, or why it could not: printable, whatever it is."""
    try:
        text = str(request())
    except (UnreachableError, ProbeError) as error:
        text = str(error)
    assert text.isprintable()
    return text


@every_answer
def test_the_https_client_answers_or_says_why_not(
    serve: Serve, trust: ssl.SSLContext, proxies: list[Proxy], raw: bytes
) -> None:
    server = serve(HOST, answer=Answer(raw))
    assert outcome(lambda: client(trust, server.address, proxies).request(HOST).status)


@every_answer
def test_the_proxys_refusal_is_printable(trust: ssl.SSLContext, proxies: list[Proxy], raw: bytes) -> None:
    proxies.append(Proxy(("127.0.0.1", 9), raw or b"\r\n\r\n"))
    with pytest.raises(UnreachableError) as caught:
        HttpsClient(trust, timeout_seconds=5, proxy=proxies[-1].address).request(HOST)
    assert str(caught.value).isprintable()


@every_answer
def test_plain_http_answers_or_says_why_not(proxies: list[Proxy], raw: bytes) -> None:
    # As a proxy's answer to CONNECT, and then as the server's.
    proxies.append(Proxy(("127.0.0.1", 9), b"HTTP/1.1 200 OK\r\n\r\n" + raw))
    reach = Reach(proxy=proxies[-1].address, timeout_seconds=5)
    assert outcome(lambda: plain_request(HOST, "198.51.100.10", reach)[0])


@every_answer
@pytest.mark.parametrize("search", [None, "wanted"])
def test_a_health_checkers_probe_answers_or_says_why_not(proxies: list[Proxy], raw: bytes, search: str | None) -> None:
    proxies.append(Proxy(("127.0.0.1", 9), b"HTTP/1.1 200 OK\r\n\r\n" + raw))
    values: dict[str, Any] = {"host_name": HOST, "type": "HTTP", "search_string": search}
    check = HealthCheck.model_validate({name: value for name, value in values.items() if value})
    assert outcome(lambda: f"healthy {probe(check, HOST, '198.51.100.10', proxies[-1].address).location}")


def test_an_answer_that_never_ends_is_cut_off_at_the_limit(
    serve: Serve, trust: ssl.SSLContext, proxies: list[Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(HOST, answer=Answer(b"HTTP/1.1 200 OK\r\n\r\n", again=b"x" * 10_000))
    monkeypatch.setattr(connection.BoundedStream.__init__, "__kwdefaults__", {"limit_bytes": 100_000})
    response = client(trust, server.address, proxies).request(HOST)
    assert not response.whole
    assert 0 < len(response.body) < 100_000


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "headers", "body"]
)
def test_an_answer_that_comes_byte_by_byte_ends_with_the_deadline(
    serve: Serve, trust: ssl.SSLContext, proxies: list[Proxy], raw: bytes
) -> None:
    """Each byte comes in time, all of them never do."""
    server = serve(HOST, answer=Answer(raw, again=b"H", pause_seconds=0.02))
    with pytest.raises(UnreachableError, match=r"^no whole answer within 0\.5 s$"):
        client(trust, server.address, proxies, seconds=0.5).request(HOST)


def test_a_slow_body_keeps_nobody_from_a_status(serve: Serve, trust: ssl.SSLContext, proxies: list[Proxy]) -> None:
    server = serve(HOST, answer=Answer(b"HTTP/1.1 200 OK\r\n\r\n", again=b"x", pause_seconds=0.02))
    assert client(trust, server.address, proxies).request(HOST, read_body=False).status == 200


def test_a_proxy_that_answers_byte_by_byte_ends_with_the_deadline(trust: ssl.SSLContext, proxies: list[Proxy]) -> None:
    proxies.append(Proxy(("127.0.0.1", 9), again=b"H", pause_seconds=0.02))
    with pytest.raises(UnreachableError, match=r"within 0\.5 s$"):
        HttpsClient(trust, timeout_seconds=0.5, proxy=proxies[-1].address).request(HOST)


def test_a_status_that_comes_byte_by_byte_is_slow_to_a_health_checker(
    proxies: list[Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_probe, "STATUS_SECONDS", 0.3)
    proxies.append(
        Proxy(("127.0.0.1", 9), b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nX: ", again=b"H", pause_seconds=0.02)
    )
    check = HealthCheck.model_validate({"host_name": HOST, "type": "HTTP"})
    with pytest.raises(ProbeError) as caught:
        probe(check, HOST, "198.51.100.10", proxies[-1].address)
    assert caught.value.fault == "server-slow"


@pytest.mark.parametrize("body", JSON_BODIES, ids=lambda body: body[:20])
def test_a_body_that_is_no_problem_document_is_a_complaint(body: str) -> None:
    response = Response(503, {}, body.encode(), "AB")
    problems = list(answer_problems(PageRequest("GET", "/api", API_CLIENT, form="problem"), response, PAGE))
    assert any("problem" in text or "JSON" in text for text in problems)


@pytest.mark.parametrize("value", ["", "ten", "-1", "９９", "9" * 5_000, ESC.decode()])
def test_a_retry_after_that_is_no_number_is_a_complaint_in_printable_words(value: str) -> None:
    response = Response(503, {"retry-after": value}, b"", "AB")
    problems = list(answer_problems(PageRequest("GET", "/"), response, PAGE))
    assert [text for text in problems if text.startswith("retry-after is")]
    assert all(text.isprintable() for text in problems)
