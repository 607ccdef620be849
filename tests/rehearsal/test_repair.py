"""`understudy repair` on a deployed test bed: what a deploy does not put back, and what it cannot put back itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.advice import COMMAND, advised, follow, run
from tests.rehearsal.faults.case import WWW
from tests.rehearsal.looking import served_all_the_while
from tests.rehearsal.verifying import (
    account_of,
    check_of,
    distribution,
    findings,
    named,
    operations,
    record,
)
from understudy_failover.operations.finding import Finding
from understudy_failover.operations.preflight.records import records
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import load

# One deploy, and a few more of parts.
pytestmark = pytest.mark.timeout(900)
COM = "Z0EXAMPLECOM00000001"
SIMPLE = {"A": "203.0.113.10", "AAAA": "2001:db8::10"}


@pytest.fixture(autouse=True)
def _as_deployed(bed: RehearsalBed) -> Iterator[None]:
    """Every test leaves behind what it found: that is what it is about."""
    yield
    assert [finding for finding in findings(bed) if finding.verdict != "passed"] == []


def repaired(bed: RehearsalBed, findings_before: list[Finding]) -> None:
    """Follow the advice, while every host is answered by its server all the time."""
    with served_all_the_while(bed) as observations:
        assert follow(bed, advised(findings_before), lambda: findings(bed)) == []
    assert observations.probes > 0
    assert observations.faults == []


def replaced_by_simple_records(bed: RehearsalBed) -> None:
    """As another tool does it: the pairs of both types in one batch."""
    route53 = bed.aws.client("route53")
    every = route53.list_resource_record_sets(HostedZoneId=COM)["ResourceRecordSets"]
    changes: list[dict[str, Any]] = [
        {"Action": "DELETE", "ResourceRecordSet": entry} for entry in every if entry["Name"] == f"{WWW}."
    ]
    changes += [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": f"{WWW}.",
                "Type": type_,
                "TTL": 300,
                "ResourceRecords": [{"Value": value}],
            },
        }
        for type_, value in SIMPLE.items()
    ]
    route53.change_resource_record_sets(HostedZoneId=COM, ChangeBatch={"Changes": changes})


def preflight_of_records(bed: RehearsalBed) -> list[Finding]:
    with account_of(bed):
        assembly = bed.settings_path.parent / "cdk.out"
        return [*records(Subject(bed.settings, bed.aws.client, assembly, datetime.now(UTC)))]


def advised_by_preflight(findings_before: list[Finding]) -> list[str]:
    return list(dict.fromkeys(command for finding in findings_before for command in COMMAND.findall(finding.advice)))


def test_a_pair_that_another_tool_replaced_is_repaired_and_a_deploy_would_not_do_it(bed: RehearsalBed) -> None:
    replaced_by_simple_records(bed)
    bed.cdk.deploy(print)
    all_findings = findings(bed)
    assert named(all_findings).keys() >= {"record pairs", "bypasses"}
    assert advised(all_findings) == ["understudy repair --apply"]
    before = preflight_of_records(bed)
    assert {finding.id for finding in before} == {"", "pair-changed"}
    assert advised_by_preflight(before) == ["understudy repair --apply"]
    repaired(bed, all_findings)
    assert {finding.id for finding in preflight_of_records(bed)} == {""}


def test_so_is_one_that_was_adopted_after_that(bed: RehearsalBed) -> None:
    replaced_by_simple_records(bed)
    with account_of(bed):
        run(bed, f"understudy import {WWW} --apply --unchecked")
    all_findings = findings(bed)
    assert advised(all_findings) == ["understudy repair --apply"]
    repaired(bed, all_findings)


def test_nothing_is_planned_where_nothing_was_changed(root: Path, bed: RehearsalBed) -> None:
    process = operations(root, bed, "repair", "--json", options=False)
    document = json.loads(process.stdout)
    assert (process.returncode, document["actions"], document["lost"], document["unseen"]) == (0, [], [], []), document


def test_drift_of_every_service_at_once_is_planned_first_and_then_repaired(root: Path, bed: RehearsalBed) -> None:
    route53 = bed.aws.client("route53")
    primary = record(bed, COM, "shop.example.com", "A", "PRIMARY")
    upsert = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {**primary, "TTL": 300}}]}
    route53.change_resource_record_sets(HostedZoneId=COM, ChangeBatch=upsert)
    route53.update_health_check(HealthCheckId=check_of(bed, "server")["Id"], FailureThreshold=9)
    cloudfront, before = bed.aws.client("cloudfront"), distribution(bed)
    config = {**before["DistributionConfig"], "HttpVersion": "http2"}
    cloudfront.update_distribution(Id=before["Id"], IfMatch=before["ETag"], DistributionConfig=config)
    s3 = bed.aws.client("s3")
    bucket = next(bucket["Name"] for bucket in s3.list_buckets()["Buckets"] if "sitebucket" in bucket["Name"])
    s3.delete_object(Bucket=bucket, Key=".pages/default./planned/de.html")
    all_findings = findings(bed)
    assert {*named(all_findings)} == {"TTL", "server checks", "HTTP version", "page objects"}
    planned = operations(root, bed, "repair", "--json", options=False)
    document = json.loads(planned.stdout)
    assert (planned.returncode, document["applied"], len(document["actions"])) == (0, False, 4)
    assert named(findings(bed)) == named(all_findings)
    repaired(bed, all_findings)


def test_a_deleted_health_check_is_made_again_as_advised_without_a_moment_unanswered(bed: RehearsalBed) -> None:
    bed.aws.client("route53").delete_health_check(HealthCheckId=check_of(bed, "server")["Id"])
    all_findings = findings(bed)
    assert advised(all_findings) == ["cdk destroy 'Failover*'", "cdk deploy --all"]
    repaired(bed, all_findings)


def test_what_was_edited_and_not_deployed_is_for_a_deploy(bed: RehearsalBed) -> None:
    text = bed.settings_path.read_text(encoding="utf-8")
    bed.settings_path.write_text(text.replace("keep_days = 30", "keep_days = 31"), encoding="utf-8")
    edited = load(bed.settings_path)
    all_findings = findings(bed, settings=edited)
    assert advised(all_findings) == ["cdk deploy --all"]
    assert follow(bed, advised(all_findings), lambda: findings(bed, settings=edited)) == []
    bed.settings_path.write_text(text, encoding="utf-8")
    bed.cdk.deploy(print)


def test_a_deleted_bucket_of_access_logs_is_made_again_as_advised(bed: RehearsalBed) -> None:
    s3 = bed.aws.client("s3")
    bucket = next(bucket["Name"] for bucket in s3.list_buckets()["Buckets"] if "accesslogs" in bucket["Name"])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
    (advice,) = {finding.advice for finding in findings(bed) if finding.verdict != "passed"}
    assert advice == "`cdk deploy --all` without [access_logs] in failover.toml, then `cdk deploy --all` with it"
    text = bed.settings_path.read_text(encoding="utf-8")
    bed.settings_path.write_text(text.replace("[access_logs]\nkeep_days = 30", "# without "), encoding="utf-8")
    bed.cdk.deploy(print)
    bed.settings_path.write_text(text, encoding="utf-8")
    bed.cdk.deploy(print)
