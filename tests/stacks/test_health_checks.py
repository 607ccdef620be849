"""The health checks of the servers: of the right one, by its address, in the way that the settings say."""

from typing import Any

import pytest

from tests.stacks.templates import Synthesis
from understudy_failover.settings import Server

HEALTH_CHECK = "AWS::Route53::HealthCheck"


def _checks(synthesis: Synthesis) -> dict[str, dict[str, Any]]:
    """The checks that ask an address, by logical id; the others are those of test_switches.py."""
    checks = synthesis.failover.of_type(HEALTH_CHECK).items()
    return {logical_id: check for logical_id, check in checks if "IPAddress" in check["HealthCheckConfig"]}


def _pairs(synthesis: Synthesis) -> list[tuple[Server, dict[str, Any]]]:
    """Every server with the configuration of the one check that asks its IPv4 address."""
    configs = [check["HealthCheckConfig"] for check in _checks(synthesis).values()]
    pairs = []
    for server in synthesis.settings.servers:
        (config,) = (config for config in configs if config.get("IPAddress") == str(server.ipv4))
        pairs.append((server, config))
    return pairs


def _config(synthesis: Synthesis, name: str) -> dict[str, Any]:
    (config,) = (config for server, config in _pairs(synthesis) if server.name == name)
    return config


def test_every_server_has_one_health_check_however_many_hosts_it_has(synthesis: Synthesis) -> None:
    assert max(len(server.hosts) for server in synthesis.settings.servers) > 1, "the settings show nothing"
    assert len(_checks(synthesis)) == len(synthesis.settings.servers) == len(_pairs(synthesis))


def test_no_health_check_asks_for_a_name_that_fails_over(synthesis: Synthesis) -> None:
    servers = {str(server.ipv4) for server in synthesis.settings.servers}
    distribution, _ = synthesis.maintenance.only("AWS::CloudFront::Distribution")
    for check in synthesis.failover.of_type(HEALTH_CHECK).values():
        config = synthesis.failover.resolved(check["HealthCheckConfig"])
        assert (
            config.get("IPAddress") in servers
            or config.get("FullyQualifiedDomainName") == f"<{distribution}.DomainName>"
            or config["Type"] == "CALCULATED"
        )


def test_an_https_check_sends_the_host_name_of_the_settings_also_in_the_tls_handshake(synthesis: Synthesis) -> None:
    pairs = [(server, config) for server, config in _pairs(synthesis) if server.health_check.type == "HTTPS"]
    assert pairs
    for server, config in pairs:
        assert config["FullyQualifiedDomainName"] == server.health_check.host_name
        assert config["EnableSNI"] is True


def test_an_http_check_sends_the_host_name_of_the_settings_and_knows_no_sni(variants: Synthesis) -> None:
    config = _config(variants, "http")
    assert config["FullyQualifiedDomainName"] == "http.example.com"
    assert "EnableSNI" not in config


def test_a_tcp_check_only_connects(variants: Synthesis) -> None:
    config = _config(variants, "tcp-1")
    assert config["Type"] == "TCP"
    assert not config.keys() & {"FullyQualifiedDomainName", "EnableSNI", "ResourcePath", "SearchString"}


@pytest.mark.parametrize(
    ("server", "type_"),
    [("tcp-1", "TCP"), ("http", "HTTP"), ("http-text", "HTTP_STR_MATCH"), ("https-text", "HTTPS_STR_MATCH")],
)
def test_a_check_matches_strings_exactly_when_the_settings_have_one(
    variants: Synthesis, server: str, type_: str
) -> None:
    (settings,) = (candidate.health_check for candidate in variants.settings.servers if candidate.name == server)
    config = _config(variants, server)
    assert config["Type"] == type_
    assert config.get("SearchString") == settings.search_string


def test_the_samples_servers_are_checked_without_and_with_a_string(sample: Synthesis) -> None:
    assert (_config(sample, "web")["Type"], _config(sample, "web").get("SearchString")) == ("HTTPS", None)
    assert (_config(sample, "api")["Type"], _config(sample, "api").get("SearchString")) == (
        "HTTPS_STR_MATCH",
        "healthy",
    )


def test_port_and_path_follow_the_settings(synthesis: Synthesis) -> None:
    for server, config in _pairs(synthesis):
        assert config["Port"] == server.health_check.port
        if server.health_check.type != "TCP":
            assert config["ResourcePath"] == server.health_check.path


def test_interval_and_threshold_follow_the_settings(synthesis: Synthesis) -> None:
    timing = synthesis.settings.timing
    for _, config in _pairs(synthesis):
        assert config["RequestInterval"] == timing.request_interval_seconds
        assert config["FailureThreshold"] == timing.failure_threshold


def test_the_settings_of_these_tests_differ_in_their_timing(sample: Synthesis, variants: Synthesis) -> None:
    ours, theirs = sample.settings.timing, variants.settings.timing
    assert ours.request_interval_seconds != theirs.request_interval_seconds
    assert ours.failure_threshold != theirs.failure_threshold
    assert ours.ttl_seconds != theirs.ttl_seconds


def test_the_console_shows_a_health_check_under_the_names_of_app_and_server(synthesis: Synthesis) -> None:
    checks = _checks(synthesis).values()
    shown = {
        (check["HealthCheckConfig"]["IPAddress"], tag["Value"])
        for check in checks
        for tag in check["HealthCheckTags"]
        if tag["Key"] == "Name"
    }
    settings = synthesis.settings
    assert shown == {(str(server.ipv4), f"{settings.app} {server.name}") for server in settings.servers}


def test_the_stack_shows_the_id_of_every_servers_health_check(synthesis: Synthesis) -> None:
    template = synthesis.failover
    outputs = template.document["Outputs"].items()
    outputs_of_checks = {
        template.resolved(output["Value"]) for name, output in outputs if name.startswith("HealthCheckId")
    }
    assert outputs_of_checks == {f"<{logical_id}.HealthCheckId>" for logical_id in _checks(synthesis)}
