"""Health checks of single hosts, and the regions and latency that a check may ask for."""

from typing import Any

import pytest

from tests.stacks.templates import Synthesis

ADDRESS = "203.0.113.35"


@pytest.fixture
def configs(per_host: Synthesis) -> dict[str, dict[str, Any]]:
    """Configurations of all health checks, by what a reference to them gives."""
    return {
        f"<{logical_id}.HealthCheckId>": per_host.failover.resolved(check["HealthCheckConfig"])
        for logical_id, check in per_host.failover.of_type("AWS::Route53::HealthCheck").items()
    }


def _asked(configs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The checks of the server `each`, by the host name that they ask for."""
    return {
        config["FullyQualifiedDomainName"]: config for config in configs.values() if config.get("IPAddress") == ADDRESS
    }


def test_every_concrete_host_is_asked_for_by_its_own_name_and_wildcards_share_one(
    configs: dict[str, dict[str, Any]],
) -> None:
    assert _asked(configs).keys() == {"one.example.com", "two.example.com", "shared.example.com"}
    assert {config["ResourcePath"] for config in _asked(configs).values()} == {"/up"}


def test_every_host_goes_by_its_own_check_and_by_the_switches_of_its_server(
    per_host: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    goes_by = {}
    for record in per_host.failover.of_type("AWS::Route53::RecordSet").values():
        if record["Failover"] == "PRIMARY" and record["ResourceRecords"] == [ADDRESS]:
            calculated = configs[per_host.failover.resolved(record["HealthCheckId"])]
            children = [configs[child] for child in calculated["ChildHealthChecks"]]
            (own,) = (child for child in children if "IPAddress" in child)
            goes_by[record["Name"]] = own["FullyQualifiedDomainName"]
            assert calculated["HealthThreshold"] == len(children) == 3
            assert sorted(child["ResourcePath"] for child in children if child.get("Inverted")) == [
                "/.understudy/switch/_all",
                "/.understudy/switch/each",
            ]
    assert goes_by == {
        "one.example.com.": "one.example.com",
        "two.example.com.": "two.example.com",
        "*.each.example.com.": "shared.example.com",
    }


def test_one_gate_waits_for_all_checks_of_the_server(per_host: Synthesis, configs: dict[str, dict[str, Any]]) -> None:
    (gate,) = (
        resource
        for resource in per_host.failover.of_type("Custom::HealthGate").values()
        if resource["Server"] == "each"
    )
    gated = [configs[check["HealthCheckId"]] for check in per_host.failover.resolved(gate["Checks"])]
    assert {config["FullyQualifiedDomainName"] for config in gated if "IPAddress" in config} == _asked(configs).keys()
    assert len(gated) == 5


def test_chosen_regions_and_latency_reach_the_checks_and_the_gate_of_that_server_alone(
    per_host: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    chosen = {"us-east-1", "sa-east-1", "eu-west-1"}
    for config in configs.values():
        if config.get("IPAddress") == ADDRESS:
            assert set(config["Regions"]) == chosen
            assert config["MeasureLatency"] is True
        else:
            assert "MeasureLatency" not in config
            assert ("Regions" in config) is bool(config.get("Inverted"))
    for gate in per_host.failover.of_type("Custom::HealthGate").values():
        for check in gate["Checks"]:
            own = gate["Server"] == "each" and check["Expects"] == "answer"
            assert (set(check["Regions"]) == chosen) is own
            assert (len(check["Regions"]) < 8) is (own or check["Expects"] == "none")


def test_the_other_servers_keep_what_they_had(sample: Synthesis, per_host: Synthesis) -> None:
    old, new = sample.failover.document["Resources"], per_host.failover.document["Resources"]
    # The cutover is told of the new hosts, and the policy that names them is another one.
    assert {name for name in old if old[name] != new.get(name)} == {
        sample.failover.only(type_)[0] for type_ in ("Custom::RecordCutover", "AWS::IAM::Policy")
    }
