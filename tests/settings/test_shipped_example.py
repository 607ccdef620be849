"""The failover.toml in the root folder: a working example of everything that has a shape of its own."""

from pathlib import Path

import pytest

from understudy_failover.settings import Settings, load


@pytest.fixture(scope="module")
def shipped(root: Path) -> Settings:
    return load(root / "tests/sample/failover.toml")


def test_the_example_has_a_server_with_ipv6_and_one_without(shipped: Settings) -> None:
    assert [server.ipv6 is not None for server in shipped.servers] == [True, False]


def test_the_example_has_five_host_names_in_two_zones(shipped: Settings) -> None:
    zones = {host.name: host.zone.name for server in shipped.servers for host in server.hosts}
    assert zones == {
        "example.com": "example.com",
        "www.example.com": "example.com",
        "shop.example.com": "example.com",
        "api.example.org": "example.org",
        "*.example.org": "example.org",
    }


def test_the_example_has_one_apex_and_one_wildcard(shipped: Settings) -> None:
    hosts = [host for server in shipped.servers for host in server.hosts]
    assert [host.name for host in hosts if host.name == host.zone.name] == ["example.com"]
    assert [host.name for host in hosts if host.name.startswith("*")] == ["*.example.org"]


def test_the_example_shows_every_default_as_it_is(root: Path, tmp_path: Path) -> None:
    """Commented keys are said to show their default: switched on, they change nothing."""
    text = (root / "tests/sample/failover.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") if " = " in line and line.startswith("# ") else line for line in text.split("\n")]
    assert lines != text.split("\n")
    (tmp_path / "failover.toml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    assert load(tmp_path / "failover.toml") == load(root / "tests/sample/failover.toml")


def test_host_names_come_in_the_order_of_the_file(shipped: Settings) -> None:
    assert shipped.host_names == (
        "example.com",
        "www.example.com",
        "shop.example.com",
        "api.example.org",
        "*.example.org",
    )


def test_the_example_points_at_addresses_that_are_nobodys(shipped: Settings) -> None:
    """https://www.rfc-editor.org/rfc/rfc5737 and https://www.rfc-editor.org/rfc/rfc3849"""
    assert all(str(server.ipv4).startswith("203.0.113.") for server in shipped.servers)
    assert all(str(server.ipv6).startswith("2001:db8:") for server in shipped.servers if server.ipv6)
