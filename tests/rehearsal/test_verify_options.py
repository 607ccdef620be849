"""`verify` and `status` with several certificates and stacks, several addresses, a CNAME pair and a hold."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployed import deployed
from tests.rehearsal.faults.case import FAILED, UNKNOWN, Case
from tests.rehearsal.test_record_options import CERTIFIED, SETTINGS
from tests.rehearsal.verifying import configured, distribution, findings, named, operations, record, record_changed
from understudy_failover.operations.verify.checks import CHECKS
from understudy_failover.rehearsal.bed import RehearsalBed

# One deploy, and then a handful of looks at it.
pytestmark = pytest.mark.timeout(600)
WITH_HOLD = SETTINGS.replace('profile = "fast"\n', 'profile = "fast"\nfailback_hold_minutes = 1\n')
COM, SHOP, NAMED = "example.com", "one.shops.example", "named.example.com"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalBed]:
    """`HELD`, deployed, every health check reporting."""
    assert WITH_HOLD != SETTINGS
    with deployed(tmp_path_factory.mktemp("options"), WITH_HOLD, CERTIFIED) as prepared:
        prepared.wait_for_health_checks()
        yield prepared


def _not_passed(bed: RehearsalBed) -> list[Any]:
    return [finding for finding in findings(bed) if finding.verdict != "passed"]


@contextmanager
def _without_hold(bed: RehearsalBed) -> Iterator[None]:
    """Yield a deployment in which the calculated check of `several` lacks one hold."""
    route53 = bed.aws.client("route53")
    checks = {check["Id"]: check["HealthCheckConfig"] for check in route53.list_health_checks()["HealthChecks"]}
    primary = record(bed, bed.settings.zones[0].id, COM, "A", "PRIMARY")
    children = checks[primary["HealthCheckId"]]["ChildHealthChecks"]
    hold = next(child for child in children if checks[child]["Type"] == "CLOUDWATCH_METRIC")
    left = [child for child in children if child != hold]
    route53.update_health_check(
        HealthCheckId=primary["HealthCheckId"], ChildHealthChecks=left, HealthThreshold=len(left)
    )
    try:
        yield
    finally:
        route53.update_health_check(
            HealthCheckId=primary["HealthCheckId"], ChildHealthChecks=children, HealthThreshold=len(children)
        )
        bed.wait_for_health_checks()


def _without_address(bed: RehearsalBed) -> AbstractContextManager[None]:
    return record_changed(
        bed, SHOP, "A", "PRIMARY", lambda entry: {**entry, "ResourceRecords": entry["ResourceRecords"][:1]}
    )


def _secondary_elsewhere(bed: RehearsalBed) -> AbstractContextManager[None]:
    elsewhere = {"ResourceRecords": [{"Value": "delsewhere.cloudfront.net"}]}
    return record_changed(bed, NAMED, "CNAME", "SECONDARY", lambda entry: {**entry, **elsewhere})


def _without_alias(bed: RehearsalBed) -> AbstractContextManager[None]:
    return configured(bed, lambda config: config.update(Aliases={"Quantity": 0}), "shops")


CASES = {
    "hold not watched by the calculated check": Case(
        _without_hold, {"calculated checks": FAILED}, "does not watch the hold of several at "
    ),
    "one address missing in the primary": Case(
        _without_address,
        {"record pairs": FAILED, "name servers": FAILED, "serving": UNKNOWN},
        "instead of 203.0.113.31, 203.0.113.32",
    ),
    "CNAME secondary leads elsewhere": Case(_secondary_elsewhere, {"record pairs": FAILED}, "leads to delsewhere"),
    "alias of an additional certificate missing": Case(
        _without_alias,
        {"alternate domain names": FAILED, "TLS": FAILED, "answers": UNKNOWN, "plain HTTP": FAILED},
        "(shops)",
    ),
}


def test_nothing_is_found_that_is_not_there(bed: RehearsalBed) -> None:
    all_findings = findings(bed)
    assert [finding for finding in all_findings if finding.verdict != "passed"] == []
    assert {finding.check for finding in all_findings} == {check.name for check in CHECKS}


def test_every_certificate_stack_and_address_was_looked_at(bed: RehearsalBed) -> None:
    looked: dict[str, set[str]] = {}
    for finding in findings(bed):
        looked.setdefault(finding.check, set()).add(finding.subject)
    assert looked["stacks"] == {
        "options-maintenance",
        "options-maintenance-shops",
        "options-failover",
        "options-failover-b",
    }
    both = {distribution(bed)["Id"], f"{distribution(bed, 'shops')['Id']} (shops)"}
    assert looked["distribution"] == looked["viewer certificate"] == looked["alternate domain names"] == both
    assert looked["edge functions"] == {
        f"{app}-viewer-{half}" for app in ("options", "options_shops") for half in ("request", "response")
    }
    assert len(looked["page objects"]) == 2
    assert looked["TLS"] == {COM, SHOP, NAMED}
    several = [f"several at {address}" for address in ("203.0.113.31", "203.0.113.32", "2001:db8::31")]
    assert looked["server verdicts"] == {*several, "named"}
    assert looked["server checks"] == {*several, "named", *(f"hold of {kind}" for kind in (*several, "named"))}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found_and_named_and_no_other(bed: RehearsalBed, name: str) -> None:
    case = CASES[name]
    with case.fault(bed):
        all_findings = findings(bed)
    assert named(all_findings) == case.expected, [finding for finding in all_findings if finding.verdict != "passed"]
    assert any(
        case.expected_text in f"{finding.subject}: {finding.text}"
        for finding in all_findings
        if finding.verdict != "passed"
    )


def test_every_fault_was_put_back(bed: RehearsalBed) -> None:
    assert _not_passed(bed) == []


def test_status_shows_every_certificate_and_address(root: Path, bed: RehearsalBed) -> None:
    run = operations(root, bed, "status")
    assert run.returncode == 0, run.stdout
    assert "DNS: named.origin.example.net\n" in run.stdout
    assert "certificate  main: " in run.stdout
    assert "certificate  shops: " in run.stdout
    document = json.loads(operations(root, bed, "status", "--json").stdout)
    assert [certificate["name"] for certificate in document["certificates"]] == ["main", "shops"]
    assert {entry["subject"] for entry in document["health"]} >= {"several at 203.0.113.32", "named"}
    assert {host["on_stage"] for host in document["hosts"]} == {"server"}
