"""An upgrade of every stored release to this tree: no resource is lost, and every host is served."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.looking import served_all_the_while
from tests.rehearsal.verifying import findings
from tests.upgrade.kept import Kept, Physical, declared, kept_releases, losses_of_deployed, undeclared
from tools.stored_authority import StoredAuthority
from understudy_failover.rehearsal.bed import RehearsalBed

# Two deploys with the real CDK of each release and settings file.
pytestmark = pytest.mark.timeout(600)


def _every_kept() -> Iterator[Any]:
    for kept in kept_releases():
        yield pytest.param(kept, marks=[] if kept.part == "sample" else [pytest.mark.release])


@pytest.fixture(params=_every_kept(), ids=str)
def release(request: pytest.FixtureRequest) -> Kept:
    """Each kept settings file of each release."""
    result: Kept = request.param
    return result


@pytest.fixture
def bed(release: Kept, tmp_path: Path) -> Iterator[RehearsalBed]:
    """The release deployed, every health check reporting."""
    settings = release.settings(tmp_path / "settings")
    with bootstrapped(settings, command_line=True, authority=StoredAuthority()) as prepared:
        prepared.cdk.deploy_assembly(release.assembly(tmp_path / "released"), print)
        prepared.wait_for_health_checks()
        yield prepared


def deployed(bed: RehearsalBed) -> Physical:
    """Return CloudFormation's resources, by stack and logical id."""
    cloudformation = bed.aws.client("cloudformation")
    return {
        f"{stack}/{resource['LogicalResourceId']}": (resource["ResourceType"], resource["PhysicalResourceId"])
        for stack in bed.aws.resources()["stacks"]
        for resource in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    }


def test_an_upgrade_loses_nothing_and_every_host_is_answered_all_the_while(bed: RehearsalBed, release: Kept) -> None:
    before = deployed(bed)
    with served_all_the_while(bed) as observations:
        bed.cdk.deploy(print)
    assert observations.probes > 0
    assert observations.faults == []
    assert undeclared(list(losses_of_deployed(before, deployed(bed))), release, declared()) == []
    bed.wait_for_health_checks()
    assert [finding for finding in findings(bed) if finding.verdict != "passed"] == []
    assert "Number of stacks with differences: 0" in bed.cdk.diff(print)
