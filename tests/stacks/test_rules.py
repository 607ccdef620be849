"""cdk-nag's AwsSolutions, cfn-lint and checkov over what is synthesised, and CDK's own validation as errors.

Of the shipped sample and of a file with every option.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnResource, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.stage import FailoverStage
from tests.real_tools import real_tool
from tests.stacks.templates import cdk_context
from tools.release import OPTIONS, OPTIONS_CERTIFICATES
from tools.stored_authority import StoredAuthority
from understudy_failover.settings import load

# The synthesis is validated, which takes most of its time.
pytestmark = pytest.mark.timeout(600)

ACKNOWLEDGED = {
    "IAM5": "every wildcard has its reason beside it in docs/permissions.md, which a test compares with the templates",
    "L1": "the function that copies files is the CDK's own, and so is the choice of its runtime",
    "CFR1": "the page has to answer everybody whose server is down, wherever they are",
    "CFR2": "every request has to get its 503; a firewall would answer 403, before a static page that takes no input",
}
"""Rules of cdk-nag that do not fit, and why; four at most."""
UNENCRYPTED_TOPIC = "CKV_AWS_26"
CHECKOV = {
    UNENCRYPTED_TOPIC: "messages hold no secrets; [notifications] encrypted = true is there for whoever wants a key",
    "CKV_AWS_18": "cdk-nag's S1 asks the same, and knows that the bucket of the access logs needs none of its own",
    "CKV_AWS_21": "versions: pages come from a deploy, a switch is there or not, and logs are to be forgotten in time",
    "CKV_AWS_34": "plain HTTP gets its 503, too: stacks/distribution.py",
    "CKV_AWS_68": "a firewall, like CFR2",
    "CKV_AWS_115": "nobody calls the functions from outside; a reservation is taken from all others of the account",
    "CKV_AWS_116": "CloudFormation hears of a failure itself; the monitor runs again; alarms report if not",
    "CKV_AWS_117": "the functions ask AWS's public APIs alone; out of a VPC they would need a NAT gateway to do so",
    "CKV_AWS_158": "CloudWatch encrypts logs with a key of its own, and a test holds that no secret is in them",
    "CKV_AWS_173": "Lambda encrypts the variables with a key of its own, and they hold names alone",
}
"""Likewise of checkov."""
IGNORED = ("--ignore-checks", "W3005")
"""Of cfn-lint: the CDK always writes down that a function depends on its role, which the reference to it says, too."""


@dataclass(frozen=True)
class Synthesised:
    """One settings file with what came of it."""

    name: str
    templates: tuple[Path, ...]
    nag: frozenset[str]
    """What cdk-nag says: `IAM5`."""


def _violations(app: App, folder: Path) -> list[dict[str, Any]]:
    """All that a synthesis finds: it fails where it finds anything."""
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    reports = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    return [violation for report in reports for violation in report["violations"]]


@pytest.fixture(scope="module", params=["sample", "options"])
def synthesized_resources(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Synthesised:
    """Synthesised once for each file."""
    folder = tmp_path_factory.mktemp(request.param)
    settings_file = root / "tests/sample/failover.toml"
    if request.param == "options":
        settings_file = folder / "failover.toml"
        settings_file.write_bytes((root / OPTIONS).read_bytes())
        for name, names in OPTIONS_CERTIFICATES.items():
            StoredAuthority().issue(names).write_public_files(folder / "certificates" / name)
    assembly = folder / "cdk.out"
    app = App(context=cdk_context(), outdir=str(assembly), builtin_cloud_formation_validation=False)
    settings = load(settings_file)
    FailoverStage(app, "Understudy", settings=settings)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    nag = {
        violation["ruleName"].removeprefix("AwsSolutions-").partition("[")[0]
        for violation in _violations(app, assembly)
    }
    templates = tuple(sorted(assembly.glob("assembly-*/*.template.json")))
    assert len(templates) == len(settings.certificate_names) + len(settings.stack_names)
    return Synthesised(request.param, templates, frozenset(nag))


def test_cdk_nag_finds_what_is_acknowledged_and_nothing_else(synthesized_resources: Synthesised) -> None:
    assert synthesized_resources.nag == ACKNOWLEDGED.keys()


def test_at_most_four_rules_are_acknowledged() -> None:
    assert len(ACKNOWLEDGED) <= 4


def test_cfn_lint_finds_nothing(synthesized_resources: Synthesised) -> None:
    command = ["cfn-lint", "--regions", "us-east-1", *IGNORED, "--", *map(str, synthesized_resources.templates)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_checkov_finds_what_is_acknowledged_and_nothing_else(
    root: Path, tmp_path: Path, synthesized_resources: Synthesised
) -> None:
    own = root / ".venv" / "checkov" / "bin" / "checkov"
    checkov = real_tool(str(own), "make test puts it there")
    # Without --skip-download it asks its maker for guidelines.
    options = ["--framework", "cloudformation", "--skip-download", "--output", "json"]
    # By their bare names, and not in the assembly: it takes a part of a long path for a secret.
    for number, template in enumerate(synthesized_resources.templates):
        shutil.copy(template, tmp_path / f"{number}.json")
    command = [checkov, *options, "--directory", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert run.stdout, run.stderr
    report = json.loads(run.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 80
    assert dict(_not_acknowledged(report)) == {}
    expected = CHECKOV.keys() if synthesized_resources.name == "sample" else CHECKOV.keys() - {UNENCRYPTED_TOPIC}
    assert {check["check_id"] for check in report["results"]["failed_checks"]} == expected


def _not_acknowledged(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Resource and check."""
    for check in report["results"]["failed_checks"]:
        if check["check_id"] not in CHECKOV:
            yield check["resource"], f"{check['check_id']}: {check['check_name']}"


def test_cdks_own_validation_fails_a_synthesis_that_breaks_a_rule(tmp_path: Path) -> None:
    app = App(context=cdk_context(), outdir=str(tmp_path))
    properties = {"HealthCheckConfig": {"Type": "HTTPS", "RequestInterval": 7}}
    CfnResource(Stack(app, "Broken"), "Check", type="AWS::Route53::HealthCheck", properties=properties)
    assert [violation["ruleName"] for violation in _violations(app, tmp_path)] == ["F3034"]
