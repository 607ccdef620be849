"""What a health check takes over from its server and from its type."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.settings.samples import load_from, problems_from, smallest
from understudy_failover.settings import HealthCheck


def _document(hosts: list[str], health_check: dict[str, Any] | None) -> dict[str, Any]:
    document = smallest()
    document["servers"][0]["hosts"] = hosts
    if health_check is not None:
        document["servers"][0]["health_check"] = health_check
    return document


def _health_check(folder: Path, hosts: list[str], health_check: dict[str, Any] | None) -> HealthCheck:
    return load_from(folder, _document(hosts, health_check)).servers[0].health_check


@pytest.mark.parametrize("written", [None, {}, {"path": "/health"}])
def test_the_host_name_is_the_one_host_that_is_no_wildcard(folder: Path, written: dict[str, Any] | None) -> None:
    hosts = ["*.example.com", "b.example.com"]
    assert _health_check(folder, hosts, written).host_name == "b.example.com"


@pytest.mark.parametrize("written", [None, {}, {"path": "/health"}, {"per_host": True}])
def test_a_server_of_several_hosts_must_say_its_host_name(folder: Path, written: dict[str, Any] | None) -> None:
    hosts = ["*.example.com", "b.example.com", "a.example.com"]
    [problem] = problems_from(folder, _document(hosts, written))
    assert problem.place == ("servers", 0, "health_check", "host_name")
    assert problem.wrong == "is missing, and the server has 2 hosts that it could be"
    advised = re.search(r'write host_name = "(.+?)" under \[servers.health_check\]', problem.fix)
    assert advised
    assert _health_check(folder, hosts, {**(written or {}), "host_name": advised[1]}).host_name == "b.example.com"


@pytest.mark.parametrize("position", range(4))
def test_a_host_added_anywhere_moves_no_health_check(folder: Path, position: int) -> None:
    hosts = ["www.example.com", "*.example.com", "example.com"]
    hosts.insert(position, "a.example.com")
    assert _health_check(folder, hosts, {"host_name": "www.example.com"}).host_name == "www.example.com"


@pytest.mark.parametrize("written", [{"type": "TCP"}, {"per_host": True}])
def test_a_check_that_asks_for_no_shared_name_needs_none(folder: Path, written: dict[str, Any]) -> None:
    assert _health_check(folder, ["b.example.com", "a.example.com"], written)


def test_a_host_name_of_its_own_stays(folder: Path) -> None:
    assert _health_check(folder, ["a.example.com"], {"host_name": "origin.example.net"}).host_name == (
        "origin.example.net"
    )


@pytest.mark.parametrize("written", [None, {}, {"path": "/health"}])
def test_a_server_of_wildcards_alone_must_say_its_host_name(folder: Path, written: dict[str, Any] | None) -> None:
    document = _document(["*.example.org"], written)
    document["zones"].append({"name": "example.org", "id": "Z0EXAMPLE2"})
    [problem] = problems_from(folder, document)
    assert problem.place == ("servers", 0, "health_check", "host_name")
    assert problem.wrong == "is missing"
    # A name that this server's own wildcard covers.
    assert problem.fix == 'add host_name = "www.example.org" in [servers.health_check]'


def test_wrong_hosts_do_not_count_as_a_missing_host_name(folder: Path) -> None:
    problems = problems_from(folder, _document(["*.example.com", "Example.com"], {"path": "/health"}))
    assert [problem.place for problem in problems] == [("servers", 0, "hosts", 1)]


@pytest.mark.parametrize(("kind", "port"), [("HTTPS", 443), ("HTTP", 80), ("TCP", 443)])
def test_the_port_follows_from_the_type(folder: Path, kind: str, port: int) -> None:
    assert _health_check(folder, ["a.example.com"], {"type": kind}).port == port


def test_a_port_of_its_own_stays(folder: Path) -> None:
    assert _health_check(folder, ["a.example.com"], {"type": "HTTP", "port": 8080}).port == 8080


def test_a_wrong_type_says_nothing_about_the_port(folder: Path) -> None:
    problems = problems_from(folder, _document(["a.example.com"], {"type": "UDP"}))
    assert [problem.place for problem in problems] == [("servers", 0, "health_check", "type")]


@pytest.mark.parametrize(("key", "value"), [("path", "/health"), ("path", "/"), ("search_string", "ok")])
def test_a_tcp_check_takes_neither_path_nor_search_string(folder: Path, key: str, value: str) -> None:
    [problem] = problems_from(folder, _document(["a.example.com"], {"type": "TCP", key: value}))
    assert problem.place == ("servers", 0, "health_check", key)
    assert problem.wrong == "has no meaning for a TCP check, which only connects"
    assert problem.fix == 'remove it, or write type = "HTTPS"'
    assert problem.value == f'"{value}"'


def test_the_check_of_one_server_leaves_the_others_alone(folder: Path) -> None:
    document = _document(["a.example.com"], {"type": "TCP"})
    other = {"name": "other", "ipv4": "203.0.113.20", "hosts": ["b.example.com"], "health_check": {"path": "/ok"}}
    document["servers"].append(other)
    first, second = (server.health_check for server in load_from(folder, document).servers)
    assert (first.type, first.path) == ("TCP", "/")
    assert (second.type, second.path, second.host_name) == ("HTTPS", "/ok", "b.example.com")


def test_a_tcp_check_of_each_host_would_be_the_same_check_many_times(folder: Path) -> None:
    [problem] = problems_from(folder, _document(["a.example.com"], {"type": "TCP", "per_host": True}))
    assert problem.place == ("servers", 0, "health_check", "per_host")
    assert problem.wrong == "has no meaning for a TCP check, which asks for no name"
    assert load_from(folder, _document(["a.example.com"], {"type": "TCP", "per_host": False}))


def test_a_region_that_has_no_health_checkers_is_named(folder: Path) -> None:
    regions = ["us-east-1", "eu-central-1", "sa-east-1"]
    [problem] = problems_from(folder, _document(["a.example.com"], {"regions": regions}))
    assert problem.place == ("servers", 0, "health_check", "regions", 1)
    assert problem.value == '"eu-central-1"'


@pytest.mark.parametrize(("host", "own"), [("a.example.com", True), ("*.example.com", False)])
def test_per_host_every_host_asks_for_itself_but_wildcards(folder: Path, host: str, own: bool) -> None:
    check = {"per_host": True, "host_name": "b.example.com"}
    server = load_from(folder, _document([host], check)).servers[0]
    assert server.has_own_check(server.hosts[0]) is own
    server = load_from(folder, _document([host], {"host_name": "b.example.com"})).servers[0]
    assert not server.has_own_check(server.hosts[0])
