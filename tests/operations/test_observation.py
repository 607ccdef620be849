"""Who serves a host, by what DNS and HTTPS answer."""

import dataclasses
from ipaddress import IPv4Address
from typing import Any, cast

import dns.name
import pytest

from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import Response, TlsError
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.observation import (
    Answers,
    HttpsProbe,
    ServedBy,
    client_name,
    observe,
    probe_https,
    resolve,
)
from understudy_failover.settings import Server, Settings

EDGE = Answers(("198.51.100.10",), ("2001:db8:cf::10",))


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
        return self.answer(name, kind)[0]

    def answer(self, name: str, kind: str) -> tuple[tuple[str, ...], str]:
        if self._error:
            raise self._error
        return ("203.0.113.10",) if kind == "A" else ("2001:db8::10",), ""


class Client:
    """Answers one thing, or raises it."""

    def __init__(self, answer: Response | Exception) -> None:
        self._answer = answer

    def request(self, host: str, *, address: str | None, read_body: bool) -> Response:
        assert not read_body
        self.address = address
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def _probe_(web: Server, answer: Response | Exception) -> HttpsProbe:
    return probe_https(web.hosts[0], cast(Any, Client(answer)))


@pytest.mark.parametrize(
    ("status", "headers", "served_by"),
    [
        (200, {}, ServedBy.SERVER),
        (404, {}, ServedBy.SERVER),
        (503, {"x-maintenance": "1"}, ServedBy.PAGE),
        (503, {}, ServedBy.NOBODY),
        (500, {}, ServedBy.NOBODY),
    ],
)
def test_the_marker_header_distinguishes_the_page_from_a_server_and_from_a_broken_one(
    web: Server, status: int, headers: dict[str, str], served_by: ServedBy
) -> None:
    assert _probe_(web, Response(status, headers, b"", "")) == HttpsProbe(served_by, str(status), status=status)


def test_nobody_answers_where_the_connection_fails(web: Server) -> None:
    assert _probe_(web, UnreachableError("refused")) == HttpsProbe(ServedBy.NOBODY, "refused")


def test_a_certificate_that_is_not_trusted_is_distinguished(web: Server) -> None:
    assert _probe_(web, TlsError("TLS: expired")) == HttpsProbe(ServedBy.NOBODY, "TLS: expired", trusted=False)


def test_an_address_is_visited_past_dns(web: Server) -> None:
    client = Client(Response(200, {}, b"", ""))
    probe_https(web.hosts[0], cast(Any, client), "203.0.113.10")
    assert client.address == "203.0.113.10"


def test_dns_without_an_answer_says_why(web: Server) -> None:
    answers = resolve(web.hosts[0], cast(Any, Names(DnsError("SERVFAIL", "SERVFAIL"))))
    assert answers == Answers((), (), "SERVFAIL", failed=True)
    assert str(answers) == "SERVFAIL"


def test_an_observation_is_both(web: Server) -> None:
    observation = observe(web.hosts[0], cast(Any, Names()), cast(Any, Client(Response(200, {}, b"", ""))))
    assert str(observation) == "server (200) at 203.0.113.10, 2001:db8::10"


def test_answers_are_the_servers_only_with_exactly_its_addresses(web: Server, api: Server) -> None:
    both = Answers((str(web.ipv4),), (str(web.ipv6),))
    assert both.are_of_server(web)
    assert not Answers(both.ipv4, ()).are_of_server(web)
    assert not Answers((*both.ipv4, "198.51.100.10"), both.ipv6).are_of_server(web)
    assert Answers((str(api.ipv4),), ()).are_of_server(api)
    assert not Answers((str(api.ipv4),), both.ipv6).are_of_server(api)


def test_answers_are_the_pages_only_when_both_kinds_have_moved(web: Server) -> None:
    assert EDGE.are_of_page(web)
    assert not Answers(EDGE.ipv4, (str(web.ipv6),)).are_of_page(web)
    assert not Answers((str(web.ipv4),), EDGE.ipv6).are_of_page(web)
    assert not Answers(EDGE.ipv4, ()).are_of_page(web)
    assert not Answers((), ()).are_of_page(web)


def test_an_aaaa_answer_for_a_server_without_ipv6_is_never_right(api: Server) -> None:
    assert not EDGE.are_of_page(api)
    assert Answers(EDGE.ipv4, ()).are_of_page(api)


def test_a_wildcard_is_asked_for_by_a_name_that_it_covers(settings: Settings) -> None:
    wildcard = settings.servers[1].hosts[1]
    assert wildcard.name == "*.example.org"
    assert client_name(wildcard) == "understudy-drill.example.org"


@pytest.mark.parametrize("length", [230, 238, 242, 253])
def test_the_name_for_a_long_wildcard_is_no_longer_than_dns_allows(settings: Settings, length: int) -> None:
    name = "*." + ".".join(["a" * 60] * 5)[: length - 2]
    host = dataclasses.replace(settings.servers[0].hosts[0], name=name)
    asked = client_name(host)
    assert dns.name.from_text(asked).to_text(omit_final_dot=True) == asked
    assert asked.endswith(name[1:])


def test_all_addresses_of_a_server_are_its_own_whatever_their_order(web: Server) -> None:
    several = web.model_copy(update={"more_ipv4": (IPv4Address("203.0.113.9"),)})
    ipv6 = (str(web.ipv6),)
    assert Answers(("203.0.113.9", "203.0.113.10"), ipv6).are_of_server(several)
    assert not Answers(("203.0.113.10",), ipv6).are_of_server(several)
    assert not Answers(("203.0.113.9", *EDGE.ipv4), EDGE.ipv6).are_of_page(several)
    assert Answers(EDGE.ipv4, EDGE.ipv6).are_of_page(several)


def test_a_server_with_a_name_of_its_own_is_known_by_that_name(api: Server) -> None:
    named = api.model_copy(update={"cname": "web.origin.example.net"})
    at_server = Answers((), (), alias="web.origin.example.net")
    at_page = Answers((), (), alias="d111111abcdef8.cloudfront.net")
    assert at_server.are_of_server(named)
    assert not at_server.are_of_page(named)
    assert at_page.are_of_page(named)
    assert not at_page.are_of_server(named)
    assert not Answers((), ()).are_of_page(named)
    assert str(at_page) == "d111111abcdef8.cloudfront.net"
