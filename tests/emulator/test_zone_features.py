"""Guardrails, protections and accelerated recovery of a hosted zone: what they refuse, CloudFormation included."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.support import Stack
from understudy_failover.emulator import EmbeddedAws

ZONE = "Z0FEATURESEXAMPLE001"
NAME = "www.features.example."
SIMPLE = {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.1"}]}
KEPT = SIMPLE | {"SetIdentifier": "kept", "Failover": "SECONDARY"}
CNAME = {"Name": NAME, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "other.example."}]}
TARGET = {"HostedZoneId": ZONE, "DNSName": NAME, "EvaluateTargetHealth": False}
ALIAS = {"Name": "app.features.example.", "Type": "A", "AliasTarget": TARGET}
PROTECTION = (NAME, "A", "of the shop")
ADOPT = [("DELETE", SIMPLE), ("CREATE", KEPT)]
TO_CNAME = [("DELETE", SIMPLE), ("CREATE", CNAME)]
REMOVE = [("DELETE", SIMPLE)]


@pytest.fixture(scope="module", autouse=True)
def _zone(aws: EmbeddedAws) -> None:
    aws.control.create_hosted_zone(id=ZONE, name="features.example")


@pytest.fixture
def zone(aws: EmbeddedAws) -> Iterator[None]:
    """A simple record, with an alias to it, in a zone that a test gives features."""
    change(aws, ("CREATE", SIMPLE), ("CREATE", ALIAS))
    yield
    aws.control.set_zone_features(id=ZONE)
    change(aws, *(("DELETE", entry) for entry in list_records(aws)))


def change(aws: EmbeddedAws, *changes: tuple[str, dict[str, Any]]) -> None:
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    aws.client("route53").change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch={"Changes": batch})


def list_records(aws: EmbeddedAws) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = aws.client("route53").list_resource_record_sets(HostedZoneId=ZONE)[
        "ResourceRecordSets"
    ]
    return [record for record in listed if record["Type"] not in {"NS", "SOA"}]


@pytest.mark.parametrize(
    ("features", "changes", "refused"),
    [
        *(
            ({"recovery": state}, ADOPT, "marked disabled for mutation")
            for state in ("ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED")
        ),
        *(({"recovery": state}, ADOPT, "") for state in ("ENABLED", "DISABLED", "ENABLE_FAILED", "DISABLE_FAILED")),
        ({"protections": [PROTECTION]}, ADOPT, "of the shop"),
        ({"protections": [PROTECTION]}, REMOVE, "of the shop"),
        ({"protections": [(NAME, "AAAA", "")]}, ADOPT, ""),
        ({"guardrails": ["ACTIVE_RECORD_CHECK"]}, ADOPT, ""),
        ({"guardrails": ["ACTIVE_RECORD_CHECK"]}, TO_CNAME, "ACTIVE_RECORD_CHECK"),
        ({"guardrails": ["ACTIVE_RECORD_CHECK"]}, REMOVE, "ACTIVE_RECORD_CHECK"),
        ({"guardrails": ["ALIAS_TARGET_CHECK"]}, ADOPT, ""),
        ({"guardrails": ["ALIAS_TARGET_CHECK"]}, TO_CNAME, "ALIAS_TARGET_CHECK"),
        ({"guardrails": ["ALIAS_TARGET_CHECK"]}, [("DELETE", ALIAS)], ""),
        ({"guardrails": ["NS_OCCLUSION_CHECK", "ACTIVE_DELEGATION_CHECK"]}, REMOVE, ""),
        ({}, TO_CNAME, ""),
    ],
)
def test_a_batch_is_refused_as_a_whole_or_taken(
    aws: EmbeddedAws, zone: None, features: dict[str, Any], changes: list[Any], refused: str
) -> None:
    aws.control.set_zone_features(id=ZONE, tier="ADVANCED", **features)
    before = list_records(aws)
    if refused:
        with pytest.raises(ClientError, match=refused):
            change(aws, *changes)
        assert list_records(aws) == before
    else:
        change(aws, *changes)
        assert list_records(aws) != before


def test_cloudformation_is_refused_likewise(aws: EmbeddedAws) -> None:
    properties = {
        "HostedZoneId": ZONE,
        "Name": NAME,
        "Type": "A",
        "TTL": "60",
        "ResourceRecords": ["203.0.113.2"],
    }
    stack = Stack(aws.client("cloudformation"))
    record = {"Type": "AWS::Route53::RecordSet", "Properties": properties}
    assert stack.deploy(Record=record) == "CREATE_COMPLETE"
    aws.control.set_zone_features(id=ZONE, protections=[PROTECTION])
    assert stack.delete() == "DELETE_FAILED"
    assert len(list_records(aws)) == 1
    aws.control.set_zone_features(id=ZONE)
    assert stack.delete() == "DELETE_COMPLETE"
    assert list_records(aws) == []
