"""Servers with several addresses, and with a name of their own."""

from typing import Any

import pytest

from tests.stacks.conftest import Write
from tests.stacks.templates import Synthesis, issue_certificate

SETTINGS = """
app = "records"

[certificate]
name = "example"
private_key_secret = "records/key"

[[zones]]
name = "example.com"
id = "Z0EXAMPLECOM00000001"

[[servers]]
name = "several"
ipv4 = "203.0.113.31"
more_ipv4 = ["203.0.113.32"]
ipv6 = "2001:db8::31"
more_ipv6 = ["2001:db8::32"]
hosts = ["example.com", "several.example.com"]
health_check = { host_name = "example.com", per_address = true }

[[servers]]
name = "first"
ipv4 = "203.0.113.33"
more_ipv4 = ["203.0.113.34"]
hosts = ["first.example.com"]

[[servers]]
name = "named"
ipv4 = "203.0.113.35"
cname = "named.origin.example.net"
hosts = ["named.example.com", "*.named.example.com"]
"""
RECORD_SET = "AWS::Route53::RecordSet"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """`SETTINGS`."""
    names = ("example.com", "*.example.com", "*.named.example.com")
    return write(issue_certificate(tmp_path_factory.mktemp("records"), *names), SETTINGS)


@pytest.fixture(scope="module")
def fewer(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The same without the second IPv4 address of `several`."""
    folder = tmp_path_factory.mktemp("fewer")
    names = ("example.com", "*.example.com", "*.named.example.com")
    issue_certificate(folder, *names)
    return write(folder, SETTINGS.replace('more_ipv4 = ["203.0.113.32"]\n', ""))


def _record(synthesis: Synthesis, name: str, type_: str, role: str) -> dict[str, Any]:
    [check] = (
        record
        for record in synthesis.failover.of_type(RECORD_SET).values()
        if (record["Name"], record["Type"], record["Failover"]) == (f"{name}.", type_, role)
    )
    return check


def _asked(synthesis: Synthesis, name: str, type_: str) -> set[str]:
    """Addresses of the checks that must all be healthy for a primary to be answered."""
    template = synthesis.failover
    checks = {
        f"<{logical_id}.HealthCheckId>": template.resolved(resource["HealthCheckConfig"])
        for logical_id, resource in template.of_type("AWS::Route53::HealthCheck").items()
    }
    joined = checks[template.resolved(_record(synthesis, name, type_, "PRIMARY")["HealthCheckId"])]
    assert joined["HealthThreshold"] == len(joined["ChildHealthChecks"])
    children = [checks[child] for child in joined["ChildHealthChecks"]]
    assert sum(child.get("Inverted", False) for child in children) == 2, "its switch, and the one for all"
    return {child["IPAddress"] for child in children if "IPAddress" in child}


def test_a_primary_holds_all_addresses_of_its_type(records: Synthesis) -> None:
    checks = {
        type_: _record(records, "several.example.com", type_, "PRIMARY")["ResourceRecords"] for type_ in ("A", "AAAA")
    }
    assert checks == {"A": ["203.0.113.31", "203.0.113.32"], "AAAA": ["2001:db8::31", "2001:db8::32"]}


@pytest.mark.parametrize("type_", ["A", "AAAA"])
def test_with_a_check_per_address_the_server_works_while_all_of_them_answer(records: Synthesis, type_: str) -> None:
    asked = {"203.0.113.31", "203.0.113.32", "2001:db8::31", "2001:db8::32"}
    assert _asked(records, "example.com", type_) == asked


def test_otherwise_the_first_address_alone_is_asked(records: Synthesis) -> None:
    assert _asked(records, "first.example.com", "A") == {"203.0.113.33"}


def test_every_check_of_an_address_passes_the_gate_and_is_distinguished_from_the_others(records: Synthesis) -> None:
    gates = records.failover.of_type("Custom::HealthGate").values()
    [checks] = (gate["Checks"] for gate in gates if gate["Server"] == "several")
    asks = [check["Asks"] for check in checks if check["Expects"] == "answer"]
    names = [check["Name"] for check in checks]
    assert len(asks) == len(set(asks)) == 4
    assert len(names) == len(set(names))
    assert "records several 203.0.113.32" in names


def test_every_address_is_reported_by_itself(records: Synthesis) -> None:
    notices = [resource["AlarmName"] for resource in records.failover.of_type("AWS::CloudWatch::Alarm").values()]
    several = {f"records several{address}" for address in ("", " 203.0.113.32", " 2001:db8::31", " 2001:db8::32")}
    assert {name.removesuffix(" down") for name in notices if name.startswith("records several")} >= several
