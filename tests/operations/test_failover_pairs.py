"""Failover pairs as Route 53 lists them, and what is wrong with them."""

from ipaddress import IPv4Address
from typing import Any

import pytest

from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations.failover_pairs import Pair, pairs, wrong
from understudy_failover.settings import Server, Settings

EDGE = "d111111abcdef8.cloudfront.net"


def _primary(name: str, kind: str, *addresses: str) -> dict[str, Any]:
    values = [{"Value": address} for address in addresses]
    return {"Name": name, "Type": kind, "Failover": "PRIMARY", "TTL": 30, "ResourceRecords": values}


def _secondary(name: str, kind: str) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Failover": "SECONDARY", "AliasTarget": {"DNSName": f"{EDGE}."}}


def _simple(name: str, kind: str, address: str) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": address}]}


WHOLE = [
    *(_primary("example.com.", "A", "203.0.113.10"), _secondary("example.com.", "A")),
    *(_primary("example.com.", "AAAA", "2001:db8::10"), _secondary("example.com.", "AAAA")),
]


class FakeRoute53:
    """Lists record sets, one a page."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self._records = records

    def get_paginator(self, operation: str) -> "FakeRoute53":
        assert operation == "list_resource_record_sets"
        return self

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        assert arguments == {"HostedZoneId": "Z0EXAMPLECOM00000001"}
        return [{"ResourceRecordSets": [record]} for record in self._records]


def _wrong(settings: Settings, records: list[dict[str, Any]], *, server: Server | None = None) -> list[str]:
    deployed = pairs(FakeRoute53(records), settings.zones[0])
    owner = server or settings.servers[0]
    return list(wrong(owner, owner.hosts[0], deployed, ttl_seconds=30))


def test_a_pair_is_found_with_its_addresses_and_its_distribution(settings: Settings) -> None:
    others = [{"Name": "example.com.", "Type": "SOA", "ResourceRecords": [{"Value": "x"}]}]
    deployed = pairs(FakeRoute53([*others, *WHOLE]), settings.zones[0])
    assert deployed == {
        ("example.com", "A"): Pair(("203.0.113.10",), EDGE),
        ("example.com", "AAAA"): Pair(("2001:db8::10",), EDGE),
    }
    assert _wrong(settings, WHOLE) == []


def test_a_wildcard_is_known_in_the_api_s_own_writing(settings: Settings) -> None:
    deployed = pairs(FakeRoute53([_primary("\\052.example.com.", "A", "203.0.113.10")]), settings.zones[0])
    assert list(deployed) == [("*.example.com", "A")]


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (WHOLE[1:], "example.com: A PRIMARY is missing, not 203.0.113.10"),
        ([WHOLE[0], *WHOLE[2:]], "example.com: A SECONDARY is missing"),
        (WHOLE[:2], "example.com: AAAA PRIMARY is missing, not 2001:db8::10"),
        (
            [_primary("example.com.", "A", "203.0.113.99"), *WHOLE[1:]],
            "example.com: A PRIMARY is 203.0.113.99, not 203.0.113.10",
        ),
        (
            [WHOLE[0] | {"TTL": 300}, *WHOLE[1:]],
            "example.com: TTL of the A pair is 300 s, not 30 s",
        ),
        (
            [*WHOLE, _simple("example.com.", "A", "203.0.113.77")],
            "example.com: A has record sets beside the pair: 203.0.113.77",
        ),
    ],
)
def test_what_is_not_as_declared_is_named(settings: Settings, records: list[dict[str, Any]], said: str) -> None:
    assert said in _wrong(settings, records)


def test_several_addresses_are_compared_in_whatever_order(settings: Settings) -> None:
    web = settings.servers[0].model_copy(update={"more_ipv4": (IPv4Address("203.0.113.11"),)})
    both = [_primary("example.com.", "A", "203.0.113.11", "203.0.113.10"), *WHOLE[1:]]
    assert _wrong(settings, both, server=web) == []
    assert _wrong(settings, WHOLE, server=web) == [
        "example.com: A PRIMARY is 203.0.113.10, not 203.0.113.10, 203.0.113.11"
    ]


def test_a_pair_of_type_cname_is_one(settings: Settings) -> None:
    web = settings.servers[0].model_copy(update={"ipv6": None, "cname": "web.origin.example.net"})
    pair = [
        _primary("example.com.", "CNAME", "web.origin.example.net."),
        {**_simple("example.com.", "CNAME", EDGE), "TTL": 30, "Failover": "SECONDARY"},
    ]
    assert _wrong(settings, pair, server=web) == []
    assert _wrong(settings, pair[:1], server=web) == ["example.com: CNAME SECONDARY is missing"]
    assert "example.com: there is a CNAME record, but the settings make a pair of another type" in _wrong(
        settings, pair
    )


def test_a_record_set_that_is_kept_for_a_deploy_is_no_secondary(settings: Settings) -> None:
    kept = {**_simple("example.com.", "A", "203.0.113.10"), "Failover": "SECONDARY", "SetIdentifier": PLACEHOLDER}
    assert _wrong(settings, [WHOLE[0], kept, *WHOLE[2:]]) == [
        "example.com: A SECONDARY is missing",
        "example.com: A has record sets beside the pair: 203.0.113.10",
    ]


def test_an_ipv6_record_of_a_server_without_ipv6_is_named(settings: Settings) -> None:
    web = settings.servers[0].model_copy(update={"ipv6": None})
    assert _wrong(settings, WHOLE, server=web) == [
        "example.com: there is an AAAA record, but the server has no IPv6",
    ]
