"""Asking the name servers of several zones, each for its own names."""

from typing import Literal

import pytest

from understudy_failover.operations import name_server as zone_name_servers
from understudy_failover.operations.name_server import DnsError, ZoneNameServers

ADDRESSES = {"example.com": ("192.0.2.1", "192.0.2.2"), "shop.example.com": ("192.0.2.3",), "example.org": ()}


class _Server:
    """At its address it answers with that address; the first one of all is down."""

    def __init__(self, address: str) -> None:
        self._address = address

    def answer(self, name: str, kind: Literal["A", "AAAA"]) -> tuple[tuple[str, ...], str]:
        if self._address == "192.0.2.1":
            raise DnsError(f"{name} {kind}: no answer")
        return (self._address,), ""


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> ZoneNameServers:
    monkeypatch.setattr(zone_name_servers, "NameServer", _Server)
    return ZoneNameServers(ADDRESSES, ADDRESSES.__getitem__)


def test_the_zone_that_a_name_lies_in_is_asked(servers: ZoneNameServers) -> None:
    assert servers.addresses("a.shop.example.com", "A") == ("192.0.2.3",)


def test_where_the_first_does_not_answer_the_next_is_asked(servers: ZoneNameServers) -> None:
    assert servers.addresses("www.example.com", "A") == ("192.0.2.2",)


@pytest.mark.parametrize(
    ("name", "said"),
    [("www.example.org", "example.org has no name server"), ("www.example.net", "www.example.net lies in none of")],
)
def test_a_name_that_nobody_answers_for_says_why(servers: ZoneNameServers, name: str, said: str) -> None:
    with pytest.raises(DnsError, match=said):
        servers.addresses(name, "A")
