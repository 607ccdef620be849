"""Whatever a valid failover.toml says: what holds of every template that is made of one."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from stacks.stage import FailoverStage
from tests.settings.samples import load_from
from tests.stacks.templates import cdk_context, issue_certificate
from understudy_failover.operations.review.templates import Resources, synthesized_resources
from understudy_failover.settings import Server, Settings

RECORD_SET = "AWS::Route53::RecordSet"
HEALTH_CHECK = "AWS::Route53::HealthCheck"
ZONES = ("example.com", "deep.example.com", "example.org")
LABELS = ("www", "shop", "a-b", "*")
NAMES = [zone if label is None else f"{label}.{zone}" for zone in ZONES for label in (None, *LABELS)]
EXAMPLES = 15
"""Each is a synthesis of a second or so."""


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid contents of failover.toml: every option of servers, records and checks, in any combination."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique=True))
    servers: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        beside_the_last = draw(st.booleans())
        if servers and beside_the_last:
            servers[-1]["hosts"].append(name)
        else:
            servers.append({"name": f"s{number}", "hosts": [name], **draw(_addresses(number))})
    for number, server in enumerate(servers):
        server["health_check"] = draw(_health_checks(number))
        if draw(st.booleans()):
            server["stack"] = draw(st.sampled_from(["b", "c"]))
        if not set(server["hosts"]) & set(ZONES) and draw(st.booleans()):
            server["cname"] = f"s{number}.origin.example.net"
            for key in ("more_ipv4", "ipv6", "more_ipv6"):
                server.pop(key, None)
    return {
        "app": "any",
        "certificate": {"name": "example", "private_key_secret": "any/key"},
        "timing": {"profile": draw(st.sampled_from(["economy", "standard", "fast"]))},
        "zones": [{"name": zone, "id": f"Z{number}"} for number, zone in enumerate(ZONES)],
        "servers": servers,
    }


@st.composite
def _addresses(draw: st.DrawFn, number: int) -> dict[str, Any]:
    server: dict[str, Any] = {"ipv4": f"203.0.113.{2 * number + 1}"}
    if draw(st.booleans()):
        server["more_ipv4"] = [f"203.0.113.{2 * number + 2}"]
    if draw(st.booleans()):
        server["ipv6"] = f"2001:db8::{number + 1}"
        if draw(st.booleans()):
            server["more_ipv6"] = [f"2001:db8::1:{number + 1}"]
    return server


@st.composite
def _health_checks(draw: st.DrawFn, number: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["HTTPS", "HTTP", "TCP"]))
    settings: dict[str, Any] = {
        "type": kind,
        "host_name": f"s{number}.checked.example.net",
        "per_address": draw(st.booleans()),
    }
    if kind != "TCP":
        settings["per_host"] = draw(st.booleans())
        if draw(st.booleans()):
            settings["search_string"] = "well"
    return settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a certificate for all names."""
    return issue_certificate(
        tmp_path_factory.mktemp("any"), *ZONES, *(f"*.{zone}" for zone in ZONES), intermediate=False
    )


@hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(document=documents())
def test_what_holds_of_every_valid_file(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    settings = load_from(folder, document)
    assembly = tmp_path_factory.mktemp("assembly")
    app = App(context=cdk_context(), outdir=str(assembly), builtin_cloud_formation_validation=False)
    FailoverStage(app, "Understudy", settings=settings)
    app.synth()
    resources = synthesized_resources(assembly)
    servers = {f"{host.name}.": server for server in settings.servers for host in server.hosts}
    _records_come_in_symmetrical_pairs(resources, servers)
    _every_secondary_goes_by_the_check_of_the_distribution(resources)
    _every_primary_has_checks_that_probe_its_own_server(resources, servers)
    _no_check_asks_a_name_that_fails_over(resources, settings)
    _every_check_passes_a_gate(resources)
    _every_reference_leads_to_a_resource_of_its_stack(resources)


def _properties(resources: Resources, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((key, resource["Properties"]) for key, resource in resources.items() if resource["Type"] == kind)


def _records_come_in_symmetrical_pairs(resources: Resources, servers: dict[str, Server]) -> None:
    pairs: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for _, record in _properties(resources, RECORD_SET):
        assert record["Failover"] not in pairs[record["Name"], record["Type"]]
        pairs[record["Name"], record["Type"]][record["Failover"]] = record
    assert {name for name, _ in pairs} == servers.keys()
    for (name, type_), roles in pairs.items():
        primary, secondary = roles["PRIMARY"], roles["SECONDARY"]
        assert tuple(primary["ResourceRecords"]) == servers[name].record_values[type_]
        assert primary["HostedZoneId"] == secondary["HostedZoneId"]
        assert primary["SetIdentifier"] != secondary["SetIdentifier"]
        assert ("AliasTarget" in secondary) is (type_ != "CNAME")
    for name, server in servers.items():
        types = {type_ for of_name, type_ in pairs if of_name == name}
        assert types == ({"CNAME"} if server.cname else {"A", "AAAA"} if server.ipv6 else {"A"})


def _every_secondary_goes_by_the_check_of_the_distribution(resources: Resources) -> None:
    (page,) = (
        key.partition("/")[2] for key, _ in _properties(resources, HEALTH_CHECK) if key.startswith("any-maintenance/")
    )
    for _, record in _properties(resources, RECORD_SET):
        if record["Failover"] == "SECONDARY":
            exported = record["HealthCheckId"]["Fn::ImportValue"]
            assert exported.startswith(f"any-maintenance:ExportsOutputFnGetAtt{page}HealthCheckId"), exported


def _configs(resources: Resources) -> dict[str, dict[str, Any]]:
    return {key: properties["HealthCheckConfig"] for key, properties in _properties(resources, HEALTH_CHECK)}


def _referred(stack: str, value: Any) -> str:
    logical_id, _ = value["Fn::GetAtt"]
    return f"{stack}/{logical_id}"


def _every_primary_has_checks_that_probe_its_own_server(resources: Resources, servers: dict[str, Server]) -> None:
    configs = _configs(resources)
    for key, record in _properties(resources, RECORD_SET):
        if record["Failover"] == "SECONDARY":
            continue
        stack, server = key.partition("/")[0], servers[record["Name"]]
        joined = configs[_referred(stack, record["HealthCheckId"])]
        children = [configs[_referred(stack, child)] for child in joined["ChildHealthChecks"]]
        assert joined["Type"] == "CALCULATED"
        assert joined["HealthThreshold"] == len(children)
        probed = [child["IPAddress"] for child in children if not child.get("Inverted")]
        assert probed == [
            str(address) for address in (server.addresses if server.health_check.per_address else [server.ipv4])
        ]
        assert sum(bool(child.get("Inverted")) for child in children) == 2


def _no_check_asks_a_name_that_fails_over(resources: Resources, settings: Settings) -> None:
    for config in _configs(resources).values():
        name = config.get("FullyQualifiedDomainName")
        # Where there is an address, the name is only said; where there is none, it is resolved.
        if isinstance(name, str) and "IPAddress" not in config:
            assert name not in settings.host_names
        elif "IPAddress" not in config and config["Type"] != "CALCULATED":
            assert "PageDistribution" in json.dumps(name), "page and switches are asked for at the distribution itself"


def _every_check_passes_a_gate(resources: Resources) -> None:
    gated = {
        _referred(key.partition("/")[0], check["HealthCheckId"])
        for key, gate in _properties(resources, "Custom::HealthGate")
        for check in gate["Checks"]
    }
    # A new check of a page counts as healthy, and decides about nobody whose server answers.
    assert gated == {
        key
        for key, config in _configs(resources).items()
        if config["Type"] != "CALCULATED" and key.startswith("any-failover")
    }


def _every_reference_leads_to_a_resource_of_its_stack(resources: Resources) -> None:
    for key, resource in resources.items():
        stack = key.partition("/")[0]
        for name in _references(resource):
            assert name.startswith("AWS::") or f"{stack}/{name}" in resources or name == "BootstrapVersion", (key, name)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield value["Ref"]
        elif set(value) == {"Fn::GetAtt"} and isinstance(value["Fn::GetAtt"], list):
            yield value["Fn::GetAtt"][0]
        yield from value.get("DependsOn", ()) if isinstance(value.get("DependsOn"), list) else ()
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
