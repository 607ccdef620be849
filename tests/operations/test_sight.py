"""Who is on stage, told from what DNS and HTTPS answer."""

from typing import Any, cast

import pytest

from operations.https_client import Response, TlsError, UnreachableError
from operations.name_server import DnsError
from operations.sight import OnStage, Sight, client_name, look
from settings import Server, Settings

EDGE = Sight(("198.51.100.10",), ("2001:db8:cf::10",), OnStage.PAGE, "503")


@pytest.fixture
def web(settings: Settings) -> Server:
    """Has IPv4 and IPv6."""
    return settings.servers[0]


@pytest.fixture
def api(settings: Settings) -> Server:
    """Has IPv4 alone."""
    return settings.servers[1]


class Names:
    """Answers one address of each kind, or raises."""

    def __init__(self, error: DnsError | None = None) -> None:
        self._error = error

    def addresses(self, name: str, kind: str) -> tuple[str, ...]:
        if self._error:
            raise self._error
        return ("203.0.113.10",) if kind == "A" else ("2001:db8::10",)


class Client:
    """Answers one thing, or raises it."""

    def __init__(self, answer: Response | Exception) -> None:
        self._answer = answer

    def request(self, host: str) -> Response:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def _look(web: Server, answer: Response | Exception, names: Names | None = None) -> Sight:
    return look(web.hosts[0], cast(Any, names or Names()), cast(Any, Client(answer)))


@pytest.mark.parametrize(
    ("status", "headers", "on_stage"),
    [
        (200, {}, OnStage.SERVER),
        (404, {}, OnStage.SERVER),
        (503, {"x-maintenance": "1"}, OnStage.PAGE),
        (503, {}, OnStage.NOBODY),
        (500, {}, OnStage.NOBODY),
    ],
)
def test_the_marker_header_tells_the_page_from_a_server_and_from_a_broken_one(
    web: Server, status: int, headers: dict[str, str], on_stage: OnStage
) -> None:
    sight = _look(web, Response(status, headers, b"", ""))
    assert (sight.on_stage, sight.detail, sight.trusted) == (on_stage, str(status), True)


def test_nobody_answers_where_the_connection_fails(web: Server) -> None:
    sight = _look(web, UnreachableError("refused"))
    assert (sight.on_stage, sight.detail, sight.trusted) == (OnStage.NOBODY, "refused", True)


def test_a_certificate_that_is_not_trusted_is_told_apart(web: Server) -> None:
    sight = _look(web, TlsError("TLS: expired"))
    assert (sight.on_stage, sight.trusted) == (OnStage.NOBODY, False)


def test_dns_without_an_answer_is_nobody(web: Server) -> None:
    sight = _look(web, Response(200, {}, b"", ""), Names(DnsError("SERVFAIL")))
    assert (sight.on_stage, sight.ipv4, sight.detail) == (OnStage.NOBODY, (), "SERVFAIL")


def test_dns_is_on_the_server_only_with_exactly_its_addresses(web: Server, api: Server) -> None:
    both = Sight((str(web.ipv4),), (str(web.ipv6),), OnStage.SERVER, "200")
    assert both.dns_is_on_server(web)
    assert not Sight(both.ipv4, (), OnStage.SERVER, "200").dns_is_on_server(web)
    assert not Sight((*both.ipv4, "198.51.100.10"), both.ipv6, OnStage.SERVER, "200").dns_is_on_server(web)
    assert Sight((str(api.ipv4),), (), OnStage.SERVER, "200").dns_is_on_server(api)
    assert not Sight((str(api.ipv4),), both.ipv6, OnStage.SERVER, "200").dns_is_on_server(api)


def test_dns_is_on_the_page_only_when_both_kinds_have_moved(web: Server, api: Server) -> None:
    assert EDGE.dns_is_on_page(web)
    assert not Sight(EDGE.ipv4, (str(web.ipv6),), OnStage.PAGE, "503").dns_is_on_page(web)
    assert not Sight((str(web.ipv4),), EDGE.ipv6, OnStage.PAGE, "503").dns_is_on_page(web)
    assert not Sight(EDGE.ipv4, (), OnStage.PAGE, "503").dns_is_on_page(web)
    assert not Sight((), (), OnStage.PAGE, "503").dns_is_on_page(web)


def test_an_aaaa_answer_for_a_server_without_ipv6_is_never_right(api: Server) -> None:
    assert not EDGE.dns_is_on_page(api)
    assert Sight(EDGE.ipv4, (), OnStage.PAGE, "503").dns_is_on_page(api)


def test_a_wildcard_is_asked_for_by_a_name_that_it_covers(settings: Settings) -> None:
    wildcard = settings.servers[1].hosts[1]
    assert wildcard.name == "*.example.org"
    assert client_name(wildcard) == "understudy-drill.example.org"
