"""An upgrade of every stored release to this tree: no resource is lost, and every host is served."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.looking import served_all_the_while
from tests.rehearsal.verifying import findings
from tests.upgrade.kept import Kept, Physical, declared, kept_releases, losses_of_deployed, undeclared
from tools.kept_authority import KeptAuthority
from understudy_failover.rehearsal.stage import Stage

# Two deploys with the real CDK of each release and settings file.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(params=kept_releases(), ids=str)
def release(request: pytest.FixtureRequest) -> Kept:
    """Each kept settings file of each release."""
    result: Kept = request.param
    return result


@pytest.fixture
def stage(release: Kept, tmp_path: Path) -> Iterator[Stage]:
    """The release deployed, every health check reporting."""
    settings = release.settings(tmp_path / "settings")
    with bootstrapped(settings, command_line=True, authority=KeptAuthority()) as prepared:
        prepared.cdk.deploy_assembly(release.assembly(tmp_path / "released"), print)
        prepared.wait_for_health_checks()
        yield prepared


def deployed(stage: Stage) -> Physical:
    """Return CloudFormation's resources, by stack and logical id."""
    cloudformation = stage.aws.client("cloudformation")
    return {
        f"{stack}/{resource['LogicalResourceId']}": (resource["ResourceType"], resource["PhysicalResourceId"])
        for stack in stage.aws.resources()["stacks"]
        for resource in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    }


def test_an_upgrade_loses_nothing_and_every_host_is_answered_all_the_while(stage: Stage, release: Kept) -> None:
    before = deployed(stage)
    with served_all_the_while(stage) as observations:
        stage.cdk.deploy(print)
    assert observations.looks > 0
    assert observations.faults == []
    assert undeclared(list(losses_of_deployed(before, deployed(stage))), release, declared()) == []
    stage.wait_for_health_checks()
    assert [finding for finding in findings(stage) if finding.verdict != "passed"] == []
    assert "Number of stacks with differences: 0" in stage.cdk.diff(print)
