"""Which record sets stand beside each other, as Route 53 has it, through its API and through CloudFormation."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.support import Stack
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.model import AliasTarget, RecordSet
from understudy_failover.emulator.record_rules import broken_rule

NAME = "www.example.com."


def simple(type_: str = "A", name: str = NAME) -> RecordSet:
    """Return one without a routing policy."""
    return RecordSet(name=name, type=type_, values=("203.0.113.1",), ttl_seconds=60)


def failover(role: Any, identifier: str, *, check: str | None = "check", alias: bool = False) -> RecordSet:
    return RecordSet(
        name=NAME,
        type="A",
        values=() if alias else ("203.0.113.1",),
        ttl_seconds=None if alias else 60,
        set_identifier=identifier,
        failover=role,
        health_check_id=check,
        alias_target=AliasTarget("d1.cloudfront.net.", "Z2FDTNDATAQYW2", evaluate_target_health=False)
        if alias
        else None,
    )


@pytest.mark.parametrize(
    "records",
    [
        [simple("A"), simple("AAAA"), simple("TXT")],
        [failover("PRIMARY", "one"), failover("SECONDARY", "two", check=None, alias=True)],
        [failover("SECONDARY", "two", check=None)],
        [failover("SECONDARY", "two", check=None), simple("AAAA")],
        [simple("CNAME"), simple("A", "other.example.com.")],
    ],
)
def test_what_route_53_takes(records: list[RecordSet]) -> None:
    assert broken_rule(records) is None


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([simple("A"), failover("SECONDARY", "two")], "another routing policy"),
        ([failover("SECONDARY", "one"), failover("SECONDARY", "two")], "the same failover role"),
        ([failover("PRIMARY", "one"), failover("PRIMARY", "two")], "the same failover role"),
        ([failover("PRIMARY", "one", check=None)], "must have an associated health check"),
        ([simple("CNAME"), simple("A")], "CNAME"),
    ],
)
def test_what_route_53_refuses(records: list[RecordSet], words: str) -> None:
    assert words in (broken_rule(records) or "")


def test_a_refused_batch_changes_nothing_and_an_atomic_one_may_pass_through_what_is_refused(aws: EmbeddedAws) -> None:
    zone = "Z0RULESEXAMPLE000001"
    aws.control.create_hosted_zone(id=zone, name="rules.example")
    route53 = aws.client("route53")
    record = {"Name": "www.rules.example.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.1"}]}
    secondary = record | {"SetIdentifier": "two", "Failover": "SECONDARY"}

    def change(*changes: tuple[str, dict[str, Any]]) -> None:
        batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})

    def list_records() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return [record for record in listed if record["Type"] == "A"]

    change(("CREATE", record))
    with pytest.raises(ClientError, match="InvalidChangeBatch"):
        change(("CREATE", record | {"Name": "new.rules.example."}), ("CREATE", secondary))
    assert list_records() == [record]
    change(("CREATE", secondary), ("DELETE", record))
    assert list_records() == [secondary]

    stack = Stack(aws.client("cloudformation"))
    assert "ROLLBACK" in stack.deploy(Record={"Type": "AWS::Route53::RecordSet", "Properties": _properties(zone)})
    assert list_records() == [secondary]


def _properties(zone: str) -> dict[str, Any]:
    """Return a second SECONDARY of that name, as CloudFormation has it."""
    return {
        "HostedZoneId": zone,
        "Name": "www.rules.example.",
        "Type": "A",
        "TTL": "60",
        "ResourceRecords": ["203.0.113.2"],
        "SetIdentifier": "three",
        "Failover": "SECONDARY",
    }
