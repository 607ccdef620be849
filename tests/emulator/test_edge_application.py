"""Which distribution answers, and what becomes of its answer: without a network."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, strategies as st

from understudy_failover.emulator import edge_application
from understudy_failover.emulator.edge_application import EdgeApplication, find_distribution
from understudy_failover.emulator.model import Distribution, ViewerRequest, ViewerResponse
from understudy_failover.emulator.tls import server_name


def distribution(identifier: str, *aliases: str, enabled: bool = True) -> Distribution:
    return Distribution(identifier, f"{identifier.lower()}.cloudfront.net", enabled=enabled, aliases=aliases)


WWW = distribution("EWWW", "www.example.com", "example.com")
ALL = distribution("EALL", "*.example.com")
APPS = distribution("EAPPS", "*.apps.example.com")
OFF = distribution("EOFF", "off.example.net", enabled=False)
DISTRIBUTIONS = (ALL, WWW, OFF, APPS)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.example.com", WWW),
        ("example.com", WWW),
        ("ewww.cloudfront.net", WWW),
        ("shop.example.com", ALL),
        ("a.b.example.com", ALL),
        ("shop.apps.example.com", APPS),
        ("a.b.apps.example.com", APPS),
        ("apps.example.com", ALL),  # a wildcard does not stand for its own parent
        ("off.example.net", None),
        ("eoff.cloudfront.net", None),
        ("example.net", None),
        ("notexample.com", None),
        ("", None),
    ],
)
def test_a_host_finds_the_enabled_distribution_with_the_most_specific_alias(
    host: str, expected: Distribution | None, order: int
) -> None:
    assert find_distribution(DISTRIBUTIONS[::order], host) == expected


def test_an_exact_alias_comes_before_a_wildcard_of_another_distribution() -> None:
    exact, wildcard = distribution("E1", "a.b.example.com"), distribution("E2", "*.b.example.com")
    assert find_distribution((wildcard, exact), "a.b.example.com") == exact
    assert find_distribution((exact, wildcard), "a.b.example.com") == exact


@given(st.text(max_size=40))
def test_no_host_whatever_is_more_than_unknown(host: str) -> None:
    find_distribution(DISTRIBUTIONS, host)


class Served:
    """An edge application with one answer, and what reached it."""

    def __init__(self, response: ViewerResponse | Exception | None = None) -> None:
        self.response = response or ViewerResponse(200, (("Content-Type", "text/plain"),), b"hello")
        self.requests: list[tuple[str, ViewerRequest]] = []
        self.application = EdgeApplication(lambda: DISTRIBUTIONS, self.serve)

    async def serve(self, distribution_id: str, request: ViewerRequest) -> ViewerResponse:
        self.requests.append((distribution_id, request))
        if isinstance(self.response, Exception):
            raise self.response
        return self.response

    def ask(
        self,
        *,
        method: str = "GET",
        path: bytes = b"/",
        query: bytes = b"",
        headers: tuple[tuple[bytes, bytes], ...] = ((b"host", b"www.example.com"),),
        body: tuple[bytes, ...] = (),
        scheme: str = "https",
        sni: str | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, header fields and body of one request as an ASGI server would pass it on."""
        parts = [*body, b""]
        incoming = iter(
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, start=1)
        )
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return next(incoming)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "scheme": scheme,
            "raw_path": path,
            "query_string": query,
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
        }

        async def scenario() -> None:
            server_name.set(sni)
            await self.application(scope, receive, send)

        asyncio.run(scenario())
        start, *rest = sent
        fields = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return start["status"], fields, b"".join(message["body"] for message in rest)


def test_a_request_reaches_its_distribution_as_the_viewer_sent_it() -> None:
    served = Served()
    served.ask(
        method="POST",
        path=b"/a%20b/%C3%BC",
        query=b"c=%20d",
        headers=((b"Host", b"WWW.Example.Com:8443"), (b"X-Mine", b"1")),
        body=(b"he", b"llo"),
        scheme="http",
    )
    ((identifier, request),) = served.requests
    assert identifier == "EWWW"
    assert request == ViewerRequest(
        method="POST",
        scheme="http",
        path="/a b/ü",
        raw_path="/a%20b/%C3%BC",
        query_string="c=%20d",
        headers={"host": "WWW.Example.Com:8443", "x-mine": "1"},
        body=b"hello",
        client_ip="127.0.0.1",
    )


def test_repeated_header_fields_are_joined_and_cookies_in_their_own_way() -> None:
    served = Served()
    fields = ((b"accept", b"a"), (b"cookie", b"x=1"), (b"accept", b"b"), (b"cookie", b"y=2"))
    served.ask(headers=((b"host", b"www.example.com"), *fields))
    assert served.requests[0][1].headers == {"host": "www.example.com", "accept": "a, b", "cookie": "x=1; y=2"}


@pytest.mark.parametrize("host", [b"unknown.example.net", b"off.example.net", b"127.0.0.1", b"eoff.cloudfront.net"])
def test_a_host_without_an_enabled_distribution_is_403(host: bytes) -> None:
    served = Served()
    status, fields, body = served.ask(headers=((b"host", host),))
    assert status == 403
    assert fields["server"] == "CloudFront"
    assert host in body
    assert served.requests == []


@pytest.mark.parametrize("headers", [(), ((b"host", b""),), ((b"host", b":443"),)])
def test_a_request_that_names_no_host_is_400(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert Served().ask(headers=headers)[0] == 400


@pytest.mark.parametrize("host", [b"www.example.com.", b"www.example.com:443", b" WWW.EXAMPLE.COM "])
def test_a_host_is_known_in_every_spelling(host: bytes) -> None:
    assert Served().ask(headers=((b"host", host),))[0] == 200


def test_a_host_of_another_distribution_than_the_tls_connections_is_421() -> None:
    served = Served()
    status, _, body = served.ask(sni="shop.example.com")
    assert status == 421
    assert b"shop.example.com" in body
    assert served.requests == []


@pytest.mark.parametrize("sni", ["www.example.com", "example.com", "ewww.cloudfront.net", "unknown.example.net", None])
def test_a_host_of_the_same_distribution_or_of_no_other_is_answered(sni: str | None) -> None:
    assert Served().ask(sni=sni)[0] == 200


def test_without_tls_there_is_no_name_to_contradict() -> None:
    assert Served().ask(sni="shop.example.com", scheme="http")[0] == 200


def test_get_with_a_body_is_403() -> None:
    served = Served()
    assert served.ask(body=(b"x",))[0] == 403
    assert served.requests == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_may_have_a_body(method: str) -> None:
    assert Served().ask(method=method, body=(b"x",))[0] == 200


def test_a_body_beyond_the_limit_is_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_application, "_BODY_LIMIT_BYTES", 10)
    served = Served()
    assert served.ask(method="POST", body=(b"x" * 5, b"x" * 5))[0] == 200
    served.requests.clear()
    assert served.ask(method="POST", body=(b"x" * 5, b"x" * 6))[0] == 413
    assert served.requests == []


def test_the_answer_of_the_distribution_reaches_the_viewer() -> None:
    response = ViewerResponse(503, (("Retry-After", "120"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), b"later")
    status, fields, body = Served(response).ask()
    assert (status, fields["retry-after"], body) == (503, "120", b"later")
    assert fields["content-length"] == "5"


def test_head_has_the_header_fields_of_get_and_no_body() -> None:
    status, fields, body = Served().ask(method="HEAD")
    assert (status, fields["content-length"], body) == (200, "5", b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_neither_body_nor_length(status: int) -> None:
    answered, fields, body = Served(ViewerResponse(status, (("Content-Length", "5"),), b"hello")).ask()
    assert (answered, body) == (status, b"")
    assert "content-length" not in fields


@pytest.mark.parametrize("name", ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "TE", "Proxy-Connection"])
def test_header_fields_of_one_connection_are_not_passed_on(name: str) -> None:
    assert name.lower() not in Served(ViewerResponse(200, ((name, "x"),))).ask()[1]


def test_a_distribution_that_cannot_be_run_is_500_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    status, _, body = Served(RuntimeError("the function has no handler")).ask(path=b"/page")
    assert status == 500
    assert b"no handler" not in body
    assert "EWWW could not serve GET /page" in caplog.text
    assert "the function has no handler" in caplog.text


def test_a_refusal_shows_a_viewers_own_words_only_escaped() -> None:
    _, _, body = Served().ask(headers=((b"host", b"<script>.example.net"),))
    assert b"<script>" not in body


def test_requests_are_counted_by_distribution_and_those_of_nobodys_host_are_not() -> None:
    served = Served()
    for host in (b"www.example.com", b"example.com", b"shop.example.com", b"off.example.net"):
        served.ask(headers=((b"host", host),))
    counted = {
        dict(reading.metric.dimensions)["DistributionId"]: reading.value for reading in served.application.readings()
    }
    assert counted == {"EWWW": 2, "EALL": 1}
    assert served.application.readings() == []
