"""`verify` on a deployed test bed: every fault of the table is found and named, and nothing else is."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.rehearsal.advice import advised, follow, unsettled
from tests.rehearsal.faults import CASES
from tests.rehearsal.faults.case import API, WWW
from tests.rehearsal.faults.distribution import under_way
from tests.rehearsal.faults.services import stopped
from tests.rehearsal.verifying import (
    account_of,
    distribution,
    findings,
    named,
    operations,
    reach_of,
    record_changed,
)
from understudy_failover.operations.observation import client_name
from understudy_failover.operations.verify import command
from understudy_failover.operations.verify.checks import CHECKS
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.rehearsal.bed import RehearsalBed

# One deploy, and then some sixty looks at it.
pytestmark = pytest.mark.timeout(600)


def test_nothing_is_found_that_is_not_there(bed: RehearsalBed) -> None:
    all_findings = findings(bed)
    assert [finding for finding in all_findings if finding.verdict != "passed"] == []
    assert {finding.check for finding in all_findings} == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found_and_named_and_no_other_and_its_advice_removes_it(bed: RehearsalBed, name: str) -> None:
    case = CASES[name]
    with case.fault(bed):
        settings = case.settings(bed) if case.settings else None
        all_findings = findings(bed, settings=settings, now=case.now)
        commands = advised(all_findings)
        if case.by_hand:
            case.by_hand(bed)
        if case.advice:
            assert commands[0] == case.advice
            assert follow(bed, commands, lambda: findings(bed, now=case.now)) == []
        else:
            # Of settings that differ from what is deployed; tests/rehearsal/test_edits.py deploys such.
            assert case.settings or commands == []
            if case.by_hand:
                assert unsettled(lambda: findings(bed, now=case.now)) == []
    assert {*case.plays} <= {finding.id for finding in all_findings}
    assert named(all_findings) == case.expected, [finding for finding in all_findings if finding.verdict != "passed"]
    output = [f"{finding.text} {finding.advice}" for finding in all_findings if finding.verdict != "passed"]
    assert any(case.expected_text in text for text in output), output
    assert all(finding.advice for finding in all_findings if finding.verdict != "passed")


def test_every_fault_was_put_back(bed: RehearsalBed) -> None:
    assert len(CASES) >= 30
    assert [finding for finding in findings(bed) if finding.verdict != "passed"] == []


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {check.name for check in CHECKS} == {name for case in CASES.values() for name in case.expected}


def test_the_command_shows_passes_in_a_table_json_and_junit(root: Path, bed: RehearsalBed, tmp_path: Path) -> None:
    process = operations(root, bed, "verify", "--junit", str(tmp_path / "verify.xml"))
    assert process.returncode == 0, process.stdout + process.stderr
    assert "✔ record pairs            5 of 5\n" in process.stdout
    assert "✘" not in process.stdout
    text = (tmp_path / "verify.xml").read_text(encoding="utf-8")
    suite = ElementTree.fromstring(text)  # noqa: S314 (written by ourselves)
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    document = json.loads(operations(root, bed, "verify", "--json").stdout)
    assert (document["passed"], document["failed"], document["unknown"]) == (int(suite.get("tests", 0)), 0, 0)


def test_the_command_shows_a_failure_with_advice_and_exit_code_1(root: Path, bed: RehearsalBed) -> None:
    with record_changed(bed, WWW, "A", "PRIMARY", lambda record: {**record, "TTL": 3600}):
        process = operations(root, bed, "verify")
    assert process.returncode == 1
    assert "✘ TTL                     www.example.com: A 3600 s instead of 10 s\n" in process.stdout
    assert "→ somebody changed it: `understudy repair --apply`\n" in process.stdout


def test_what_could_not_be_determined_is_exit_code_3(root: Path, bed: RehearsalBed) -> None:
    with stopped(bed, "scheduler"):
        process = operations(root, bed, "verify")
    assert process.returncode == 3, process.stdout
    assert "? windows" in process.stdout


def test_it_waits_until_the_distribution_is_deployed(bed: RehearsalBed) -> None:
    results: list[str] = []

    def hear(text: str) -> None:
        results.append(text)
        bed.aws.control.set_distribution_status(id=distribution(bed)["Id"], status="Deployed")

    with under_way(bed), account_of(bed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "POLL_SECONDS", 0.01)
        deployment = Deployment(bed.settings, reach_of(bed))
        command.wait_until_deployed(deployment, 60, hear)
        assert deployment.distribution()["Status"] == "Deployed"
    assert len(results) == 1
    assert "waiting for" in results[0]


def test_the_hosts_of_the_table_are_those_of_the_sample(bed: RehearsalBed) -> None:
    names = [client_name(host) for server in bed.settings.servers for host in server.hosts]
    assert {WWW, API} <= set(names)
