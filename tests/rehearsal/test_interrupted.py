"""A deploy that is cut off, or that fails half way: another one completes it, and what served goes on serving.

CloudFormation works on the server's side: it finishes what it began, whether somebody watches or not, here as on AWS.
Until it has, the stack is `…_IN_PROGRESS`, and AWS refuses another deploy of it: these tests wait, as an operator does
(docs/upgrading.md).
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import ROOT
from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.looking import all_on, served_all_the_while, wait
from tests.rehearsal.quick_cdk import SynthesizedCdk
from tests.rehearsal.verifying import findings
from tests.stacks.templates import replaced
from understudy_failover.operations.observation import ServedBy
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.cdk import UNATTENDED
from understudy_failover.rehearsal.errors import CdkError

# Eleven starts of the real CDK.
pytestmark = pytest.mark.timeout(900)

MAINTENANCE, FAILOVER = "understudy-example-maintenance", "understudy-example-failover"
FIRST_DEPLOYS = {
    "before anything is made": (signal.SIGKILL, MAINTENANCE, "REVIEW_IN_PROGRESS"),
    "while the page is made": (signal.SIGINT, MAINTENANCE, "CREATE_IN_PROGRESS"),
    "while records are made": (signal.SIGKILL, FAILOVER, "CREATE_IN_PROGRESS"),
}
UPDATES = {
    "while the page is changed": (signal.SIGKILL, MAINTENANCE, "UPDATE_IN_PROGRESS"),
    "while every health check is replaced": (signal.SIGINT, FAILOVER, "UPDATE_IN_PROGRESS"),
}
"""Signal, and the stack and its status at which it is sent."""
NEW = "blog.example.com"


@pytest.fixture(scope="module")
def bare() -> Iterator[RehearsalBed]:
    """A test bed for one life, in the order of the tests; nothing is deployed at first."""
    settings = ROOT / "tests/sample/failover.toml"
    with bootstrapped(settings, command_line=True) as prepared:
        yield prepared


def cut_off(bed: RehearsalBed, number: signal.Signals, stack: str, status: str) -> None:
    """`cdk deploy`, ended by a signal as soon as `stack` has that status."""
    assert isinstance(bed.cdk, SynthesizedCdk)
    bed.cdk.synthesize()
    where = ("--app", str(bed.settings_path.parent / "cdk.out"))
    process = subprocess.Popen(
        ("cdk", "--no-notices", "--no-color", "deploy", "**", *UNATTENDED, *where),
        cwd=ROOT,
        env=bed.aws.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while _statuses(bed).get(stack) != status:
            assert process.poll() is None, f"{stack} was never {status}: {_statuses(bed)}"
            time.sleep(0.02)
        os.killpg(process.pid, number)
        assert process.wait(30) != 0
        print("cut off:", _statuses(bed))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    _settle(bed)


def _statuses(bed: RehearsalBed) -> dict[str, str]:
    stacks = bed.aws.client("cloudformation").describe_stacks()["Stacks"]
    return {
        stack["StackName"]: stack["StackStatus"] for stack in stacks if stack["StackName"] in {MAINTENANCE, FAILOVER}
    }


def _settle(bed: RehearsalBed) -> None:
    """Until CloudFormation has finished what it began. A change set that was never executed has nothing begun."""

    def settled() -> bool:
        busy = [status for status in _statuses(bed).values() if status.endswith("_IN_PROGRESS")]
        return all(status == "REVIEW_IN_PROGRESS" for status in busy)

    assert wait(bed, 60, settled), _statuses(bed)


def _edit(bed: RehearsalBed, old: str, new: str) -> None:
    text = bed.settings_path.read_text(encoding="utf-8")
    bed.settings_path.write_text(replaced(text, old, new), encoding="utf-8")


@contextmanager
def _complete_afterwards(bed: RehearsalBed) -> Iterator[None]:
    """One more deploy makes everything whole."""
    yield
    bed.cdk.deploy(print)
    assert set(_statuses(bed).values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    bed.wait_for_health_checks()
    assert all(all_on(bed, server, ServedBy.SERVER) for server in bed.settings.servers)


def test_a_first_deploy_that_was_cut_off_thrice_is_completed_by_the_next(bare: RehearsalBed) -> None:
    with _complete_afterwards(bare):
        for timestamp in FIRST_DEPLOYS.values():
            cut_off(bare, *timestamp)
    assert [finding for finding in findings(bare) if finding.verdict != "passed"] == []


@pytest.mark.parametrize("when", UPDATES)
def test_an_update_that_was_cut_off_is_completed_by_the_next_and_nobody_notices(bare: RehearsalBed, when: str) -> None:
    if "page" in when:
        _edit(bare, "help@example.com", "support@example.com")
    else:
        _edit(bare, 'profile = "standard"', 'profile = "economy"')
    with served_all_the_while(bare) as observations, _complete_afterwards(bare):
        cut_off(bare, *UPDATES[when])
    assert observations.probes > 0
    assert observations.faults == []
    assert "Number of stacks with differences: 0" in bare.cdk.diff(print)


def test_an_update_that_fails_in_the_middle_leaves_what_was_and_nobody_notices(bare: RehearsalBed) -> None:
    def configured() -> tuple[object, object, dict[str, list[str]]]:
        route53 = bare.aws.client("route53")
        zones = [zone.id for zone in bare.settings.zones]
        records = [route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] for zone in zones]
        checks = {check["Id"]: check["HealthCheckConfig"] for check in route53.list_health_checks()["HealthChecks"]}
        return records, checks, bare.aws.resources()

    before = configured()
    _edit(bare, '"shop.example.com"]', f'"shop.example.com", "{NEW}"]')
    _edit(bare, "# failure_threshold = 3 ", "failure_threshold = 2 ")
    # The first record set is made, the second is not.
    bare.aws.control.plan_fault(operation="AWS::Route53::RecordSet", kind="access-denied", skip=1)
    with served_all_the_while(bare) as observations:
        with pytest.raises(CdkError, match="ROLLBACK"):
            bare.cdk.deploy(print)
        assert _statuses(bare)[FAILOVER] == "UPDATE_ROLLBACK_COMPLETE"
        assert configured() == before
        bare.aws.control.clear_faults()
        bare.cdk.deploy(print)
    assert observations.probes > 0
    assert observations.faults == []
    assert _statuses(bare)[FAILOVER] == "UPDATE_COMPLETE"
    assert len(bare.aws.resources()["record sets"]) > len(before[2]["record sets"])
