"""cdk-nag's AwsSolutions and cfn-lint over what the shipped sample synthesises, and CDK's own validation as errors."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnResource, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from settings import load
from stacks.stage import FailoverStage
from tests.stacks.templates import cdk_context

# The synthesis is validated, which takes most of its time.
pytestmark = pytest.mark.timeout(600)

ACKNOWLEDGED = {
    "IAM5": "every wildcard has its reason beside it in docs/permissions.md, which a test compares with the templates",
    "CFR1": "the page has to answer everybody whose server is down, wherever they are",
    "CFR2": "every request has to get its 503; a firewall would answer 403, before a static page that takes no input",
}
"""Rules that do not fit, and why; three at most."""
OPEN = {
    "CFR3": "no access logs yet",
    "S1": "likewise, of the buckets",
    "CFR4": "not seen: TLSv1.2_2021 is set by an override, as CDK's construct takes no IAM certificate",
    "L1": "the runtime of the CDK's own BucketDeployment",
}
"""Rules that are still to be mended. Nothing is to be added here; what is mended has to go."""
IGNORED = ("--ignore-checks", "W3005")
"""Of cfn-lint: the CDK always writes down that a function depends on its role, which the reference to it says, too."""


def _violations(app: App, folder: Path) -> list[dict[str, Any]]:
    """All that a synthesis finds: it fails where it finds anything."""
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    reports = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    return [one for report in reports for one in report["violations"]]


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assembly")


@pytest.fixture(scope="module")
def rules(root: Path, assembly: Path) -> set[str]:
    """What cdk-nag says about the sample: `IAM5`."""
    app = App(context=cdk_context(), outdir=str(assembly), builtin_cloud_formation_validation=False)
    FailoverStage(app, "Understudy", settings=load(root / "failover.toml"))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return {one["ruleName"].removeprefix("AwsSolutions-").partition("[")[0] for one in _violations(app, assembly)}


def test_cdk_nag_finds_what_is_acknowledged_or_known_and_nothing_else(rules: set[str]) -> None:
    assert rules == ACKNOWLEDGED.keys() | OPEN.keys()


def test_at_most_three_rules_are_acknowledged() -> None:
    assert len(ACKNOWLEDGED) <= 3


@pytest.mark.usefixtures("rules")
def test_cfn_lint_finds_nothing(assembly: Path) -> None:
    templates = [str(file) for file in sorted(assembly.glob("assembly-*/*.template.json"))]
    assert len(templates) == 2
    command = ["cfn-lint", "--regions", "us-east-1", *IGNORED, "--", *templates]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_cdks_own_validation_fails_a_synthesis_that_breaks_a_rule(tmp_path: Path) -> None:
    app = App(context=cdk_context(), outdir=str(tmp_path))
    properties = {"HealthCheckConfig": {"Type": "HTTPS", "RequestInterval": 7}}
    CfnResource(Stack(app, "Broken"), "Check", type="AWS::Route53::HealthCheck", properties=properties)
    assert [one["ruleName"] for one in _violations(app, tmp_path)] == ["F3034"]
