"""Addresses that Route 53 can check from the internet, and those it cannot."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, strategies as st

from tests.settings.properties import repeatable
from understudy_failover.settings.aws_values import BadValueError, check_ipv4, check_ipv6


def _refusal(text: str) -> str:
    with pytest.raises(BadValueError) as caught:
        (check_ipv6 if ":" in text else check_ipv4)(text)
    assert caught.value.fix == "write the address at which the internet reaches the server"
    return caught.value.wrong


@pytest.mark.parametrize(
    ("first", "last", "network"),
    [
        ("0.0.0.0", "0.255.255.255", "0.0.0.0/8 (this network)"),  # noqa: S104 - an address to refuse
        ("10.0.0.0", "10.255.255.255", "10.0.0.0/8 (private)"),
        ("100.64.0.0", "100.127.255.255", "100.64.0.0/10 (carrier-grade NAT)"),
        ("127.0.0.0", "127.255.255.255", "127.0.0.0/8 (loopback)"),
        ("169.254.0.0", "169.254.255.255", "169.254.0.0/16 (link-local)"),
        ("172.16.0.0", "172.31.255.255", "172.16.0.0/12 (private)"),
        ("192.0.0.0", "192.0.0.255", "192.0.0.0/24 (protocol assignments)"),
        ("192.88.99.0", "192.88.99.255", "192.88.99.0/24 (6to4 relay)"),
        ("192.168.0.0", "192.168.255.255", "192.168.0.0/16 (private)"),
        ("198.18.0.0", "198.19.255.255", "198.18.0.0/15 (benchmarks)"),
        ("224.0.0.0", "239.255.255.255", "224.0.0.0/4 (multicast)"),
        ("240.0.0.0", "255.255.255.255", "240.0.0.0/4 (reserved)"),
        ("::1", "::1", "::1/128 (loopback)"),
        ("::ffff:203.0.113.10", "::ffff:ffff:ffff", "::ffff:0:0/96 (an IPv4 address in IPv6 form)"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001::/32 (Teredo)"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::/16 (6to4)"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::/7 (private)"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::/10 (link-local)"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::/8 (multicast)"),
    ],
)
def test_a_range_that_is_not_public_is_refused_from_end_to_end(first: str, last: str, network: str) -> None:
    assert _refusal(first) == _refusal(last) == f"is in {network}, where Route 53 checks nothing"


@pytest.mark.parametrize("text", ["::", "64:ff9b::1", "1fff::1", "4000::1", "2001:db8::1%eth0"])
def test_ipv6_outside_the_public_range_is_refused(text: str) -> None:
    assert _refusal(text) == "is in no range of public addresses, where Route 53 checks nothing"


@pytest.mark.parametrize(
    "text",
    [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
    ],
)
def test_the_neighbours_of_refused_ranges_are_accepted(text: str) -> None:
    assert check_ipv4(text) == IPv4Address(text)


@pytest.mark.parametrize("text", ["192.0.2.1", "198.51.100.1", "203.0.113.1"])
def test_the_ipv4_ranges_of_documentation_are_accepted(text: str) -> None:
    """The shipped example uses them, so that it can never point at somebody's machine."""
    assert check_ipv4(text) == IPv4Address(text)


@pytest.mark.parametrize("text", ["2001:db8::1", "2001:DB8:0::10", "2000::", "2003::1", "2a00:1450::1"])
def test_public_ipv6_and_its_range_of_documentation_are_accepted(text: str) -> None:
    assert check_ipv6(text) == IPv6Address(text)


@pytest.mark.parametrize("text", ["203.0.113", "203.0.113.010", "203.0.113.10/32", " 203.0.113.10", "2001:db8::10", ""])
def test_what_is_no_ipv4_address_is_refused(text: str) -> None:
    with pytest.raises(BadValueError) as caught:
        check_ipv4(text)
    assert caught.value.wrong == "is not an IPv4 address"
    assert caught.value.fix == "write four numbers, like 203.0.113.10"


@pytest.mark.parametrize("text", ["203.0.113.10", "[2001:db8::10]", "2001:db8::10/64", "2001:db8:::1", ""])
def test_what_is_no_ipv6_address_is_refused(text: str) -> None:
    with pytest.raises(BadValueError) as caught:
        check_ipv6(text)
    assert caught.value.wrong == "is not an IPv6 address"
    assert caught.value.fix == "write one like 2001:db8::10, or leave ipv6 out"


@repeatable
@given(st.text() | st.ip_addresses().map(str) | st.text("0123456789abcdef:.%/", max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for check, kind in ((check_ipv4, IPv4Address), (check_ipv6, IPv6Address)):
        with suppress(BadValueError):
            assert check(text) == kind(text)
