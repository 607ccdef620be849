"""What a server's record sets may hold: several addresses, or a name of its own."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.samples import changed, load_from, problems_from, smallest
from understudy_failover.settings.record_rules import CLOUDFRONT_NETWORKS


def _server(**keys: object) -> dict[str, Any]:
    document = smallest()
    document["servers"][0] |= keys
    return document


def test_all_addresses_of_a_server_stand_in_its_records_and_the_first_is_asked(folder: Path) -> None:
    document = _server(
        more_ipv4=["203.0.113.9", "203.0.113.11"], ipv6="2001:db8::2", more_ipv6=["2001:db8::1", "2001:db8::3"]
    )
    server = load_from(folder, document).servers[0]
    assert server.record_values == {
        "A": ("203.0.113.10", "203.0.113.9", "203.0.113.11"),
        "AAAA": ("2001:db8::2", "2001:db8::1", "2001:db8::3"),
    }
    assert server.addresses[0] == server.ipv4
    assert list(map(str, server.addresses)) == [value for values in server.record_values.values() for value in values]


def test_a_server_without_ipv6_has_no_records_of_type_aaaa(folder: Path) -> None:
    assert load_from(folder, smallest()).servers[0].record_values == {"A": ("203.0.113.10",)}


def test_a_server_with_a_name_of_its_own_has_records_of_type_cname_alone(folder: Path) -> None:
    server = load_from(folder, _server(cname="web.origin.example.net")).servers[0]
    assert server.record_values == {"CNAME": ("web.origin.example.net",)}


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"more_ipv4": ["203.0.113.10"]}, ("more_ipv4", 0)),
        ({"more_ipv4": ["203.0.113.11", "203.0.113.11"]}, ("more_ipv4", 1)),
        ({"ipv6": "2001:db8::1", "more_ipv6": ["2001:db8:0::1"]}, ("more_ipv6", 0)),
    ],
)
def test_the_same_address_twice_is_refused(folder: Path, keys: dict[str, Any], place: tuple[str | int, ...]) -> None:
    [problem] = problems_from(folder, _server(**keys))
    assert (problem.place, problem.wrong) == (("servers", 0, *place), "is an address of this server twice")


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"more_ipv4": ["2001:db8::1"]}, "is not an IPv4 address"),
        ({"more_ipv4": ["10.0.0.1"]}, "is in 10.0.0.0/8 (private), where Route 53 checks nothing"),
        ({"ipv6": "2001:db8::1", "more_ipv6": ["203.0.113.10"]}, "is not an IPv6 address"),
        ({"more_ipv4": [5]}, "is not text"),
    ],
)
def test_an_additional_address_is_refused_as_the_first_one_is(folder: Path, keys: dict[str, Any], wrong: str) -> None:
    [problem] = problems_from(folder, _server(**keys))
    assert problem.place == ("servers", 0, list(keys)[-1], 0)
    assert problem.wrong == wrong


def test_additional_ipv6_addresses_without_a_first_are_refused(folder: Path) -> None:
    [problem] = problems_from(folder, _server(more_ipv6=["2001:db8::1"]))
    assert (problem.place, problem.wrong) == (("servers", 0, "more_ipv6"), "stands without ipv6")
    assert problem.fix == "write the first of them as ipv6"


@pytest.mark.parametrize(
    "keys", [{"ipv6": "2001:db8::1"}, {"more_ipv4": ["203.0.113.11"]}], ids=lambda keys: next(iter(keys))
)
def test_addresses_that_no_record_would_hold_are_refused_beside_a_cname(folder: Path, keys: dict[str, Any]) -> None:
    [problem] = problems_from(folder, _server(cname="web.origin.example.net", **keys))
    assert problem.place == ("servers", 0, next(iter(keys)))
    assert problem.wrong == "has no meaning beside cname: clients find the addresses under that name"


ASKED = {"health_check": {"host_name": "www.example.com"}}


def test_the_apex_cannot_have_a_cname(folder: Path) -> None:
    hosts = ["www.example.com", "example.com"]
    [problem] = problems_from(folder, _server(cname="web.origin.example.net", hosts=hosts, **ASKED))
    assert problem.place == ("servers", 0, "hosts", 1)
    assert problem.wrong == "is the apex of its zone, where DNS allows no CNAME"


@pytest.mark.parametrize("cname", ["www.example.com", "other.example.com"])
def test_a_cname_that_fails_over_itself_is_refused(folder: Path, cname: str) -> None:
    """Its primary would be the host's own answer, and lead to the page as soon as that does."""
    [problem] = problems_from(
        folder,
        _server(cname=cname, hosts=["www.example.com", "*.example.com"], health_check={"host_name": "www.example.com"}),
    )
    assert problem.place == ("servers", 0, "cname")
    assert problem.wrong.startswith("is a host that fails over (")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("servers.0.cname", "d111111abcdef8.cloudfront.net"),
        ("servers.0.health_check.host_name", "d111111abcdef8.cloudfront.net"),
        ("servers.0.ipv4", "13.224.0.1"),
        ("servers.0.ipv6", "2600:9000:2000::1"),
    ],
)
def test_a_server_that_is_cloudfront_is_refused_with_the_reason(folder: Path, place: str, value: str) -> None:
    [problem] = problems_from(folder, changed(place, value))
    assert problem.value == f'"{value}"'
    assert problem.wrong == (
        "is CloudFront, which cannot be PRIMARY where CloudFront is SECONDARY: a host name belongs to one "
        "distribution, and that is the one of the page"
    )


@pytest.mark.parametrize("value", ["notcloudfront.net", "cloudfront.net.example.com"])
def test_a_name_that_only_resembles_cloudfronts_is_accepted(folder: Path, value: str) -> None:
    assert load_from(folder, changed("servers.0.cname", value)).servers[0].cname == value


def test_the_ranges_of_cloudfront_do_not_overlap() -> None:
    for number, cloudfront_network in enumerate(CLOUDFRONT_NETWORKS):
        for other in CLOUDFRONT_NETWORKS[number + 1 :]:
            assert cloudfront_network.version != other.version or not cloudfront_network.overlaps(other)
