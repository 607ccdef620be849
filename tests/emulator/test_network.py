import ipaddress

import pytest
from hypothesis import given, strategies as st

from understudy_failover.emulator.network import EDGE_IPV4, EDGE_IPV6, Network

TARGET = ("127.0.0.1", 4430)
ADDRESSES = st.ip_addresses().map(str)
PORTS = st.integers(1, 65535)


@given(ADDRESSES, PORTS)
def test_a_route_leads_to_its_target(address: str, port: int) -> None:
    network = Network()
    network.route(address, port, TARGET)
    assert network.resolve(address, port) == TARGET


@given(ADDRESSES.filter(lambda address: not ipaddress.ip_address(address).is_loopback), PORTS)
def test_a_target_off_this_machine_is_refused(address: str, port: int) -> None:
    network = Network()
    with pytest.raises(ValueError, match="only loopback is allowed"):
        network.route("203.0.113.10", port, (address, port))
    assert network.resolve("203.0.113.10", port) is None


@pytest.mark.parametrize("name", ["localhost", "example.com", "", "127.0.0.1.example.com"])
def test_a_target_given_by_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        Network().route("203.0.113.10", 443, (name, 443))


@pytest.mark.parametrize("target", ["127.0.0.1", "127.8.9.10", "::1"])
def test_every_loopback_address_may_be_a_target(target: str) -> None:
    network = Network()
    network.route("203.0.113.10", 443, (target, 4430))
    assert network.resolve("203.0.113.10", 443) == (target, 4430)


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_what_is_no_port_is_refused_on_both_sides(port: int) -> None:
    with pytest.raises(ValueError, match=f"{port} is not a port"):
        Network().route("203.0.113.10", port, TARGET)
    with pytest.raises(ValueError, match=f"{port} is not a port"):
        Network().route("203.0.113.10", 443, ("127.0.0.1", port))


def test_a_later_route_replaces_the_earlier_one() -> None:
    network = Network()
    network.route("203.0.113.10", 443, ("127.0.0.1", 1))
    network.route("203.0.113.10", 443, ("127.0.0.1", 2))
    assert network.resolve("203.0.113.10", 443) == ("127.0.0.1", 2)


def test_an_ipv6_address_is_the_same_in_every_spelling() -> None:
    network = Network()
    network.route("2001:db8::10", 443, TARGET)
    assert network.resolve("2001:0DB8:0:0::0010", 443) == TARGET


def test_a_route_leads_nowhere_once_taken_away() -> None:
    network = Network()
    network.route("203.0.113.10", 443, TARGET)
    network.unroute("203.0.113.10", 443)
    assert network.resolve("203.0.113.10", 443) is None
    assert not network.has_host("203.0.113.10")


def test_taking_away_a_route_that_is_not_there_is_no_error() -> None:
    Network().unroute("203.0.113.10", 443)


def test_a_host_is_there_on_all_ports_if_one_of_them_is_routed() -> None:
    network = Network()
    network.route("203.0.113.10", 443, TARGET)
    assert network.has_host("203.0.113.10")
    assert network.resolve("203.0.113.10", 80) is None
    assert not network.has_host("203.0.113.11")


def test_loopback_itself_is_not_on_the_rehearsals_internet() -> None:
    assert Network().resolve("127.0.0.1", 22) is None


def test_all_addresses_of_the_edge_lead_to_it() -> None:
    network = Network()
    network.route_edge(https=("127.0.0.1", 4430), http=("127.0.0.1", 8000))
    for address in (*EDGE_IPV4, *EDGE_IPV6):
        assert network.resolve(address, 443) == ("127.0.0.1", 4430)
        assert network.resolve(address, 80) == ("127.0.0.1", 8000)


def test_the_edges_addresses_are_of_documentation_ranges() -> None:
    documentation = ipaddress.ip_network("198.51.100.0/24"), ipaddress.ip_network("2001:db8::/32")
    assert all(ipaddress.ip_address(address) in documentation[0] for address in EDGE_IPV4)
    assert all(ipaddress.ip_address(address) in documentation[1] for address in EDGE_IPV6)
