"""pipeline/roles.yaml: what the jobs may do is what they do, for nobody but them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from docs.generate_roles import PAGE, page
from tests.pipeline.workflows import gitlab, workflow
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.permissions import COMMANDS, DEPLOY
from understudy_failover.pipeline.roles import ROLES

PARAMETERS = {
    "App": "understudy-example",
    "HostedZoneArns": "arn:aws:route53:::hostedzone/Z1,arn:aws:route53:::hostedzone/Z2",
    "PrivateKeySecret": "understudy/example/private-key",
    "GitHubRepository": "owner/understudy",
    "GitHubProviderArn": "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com",
}
LOOKS = re.compile(r"\w+:(Describe|Get|List)\w+")


@pytest.fixture(scope="module")
def made(processes: None) -> Iterator[dict[str, dict[str, Any]]]:
    """The roles as CloudFormation makes them for a repository on GitHub, by their short names."""
    with EmbeddedAws(rate=1) as aws:
        aws.client("cloudformation").create_stack(
            StackName="roles",
            TemplateBody=PAGE.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        aws.client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName="roles", WaiterConfig={"Delay": 1}
        )
        (stack,) = aws.client("cloudformation").describe_stacks(StackName="roles")["Stacks"]
        iam = aws.client("iam")
        found = {}
        for output in stack["Outputs"]:
            name = output["OutputValue"].rpartition("/")[2]
            policy = iam.get_role_policy(RoleName=name, PolicyName="Job")["PolicyDocument"]
            trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
            found[output["OutputKey"].removesuffix("RoleArn")] = {
                "policy": policy if isinstance(policy, dict) else json.loads(policy),
                "trust": trust if isinstance(trust, dict) else json.loads(trust),
            }
        yield found


def _allowed(role: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (action, resource)
        for statement in role["policy"]["Statement"]
        for action in statement["Action"]
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    }


def test_the_file_is_what_the_commands_need() -> None:
    """If not: `python -m docs.generate_roles`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_cloudformation_makes_a_role_for_every_variable_that_a_job_names(made: dict[str, Any]) -> None:
    variables = {f"AWS_{name.upper()}_ROLE" for name in made}
    text = yaml.dump(workflow())
    assert set(re.findall(r"AWS_\w+_ROLE", text)) == variables
    assert set(re.findall(r"AWS_\w+_ROLE\b", yaml.dump(gitlab()))) - {"AWS_ROLE"} == variables


def test_each_is_for_its_job_in_its_repository_alone(made: dict[str, Any]) -> None:
    subjects = {
        "Diff": "repo:owner/understudy:pull_request",
        "Deploy": "repo:owner/understudy:environment:production",
        "Watch": "repo:owner/understudy:ref:refs/heads/main",
        "Renew": "repo:owner/understudy:environment:renewal",
    }
    for name, role in made.items():
        (statement,) = role["trust"]["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert statement["Principal"] == {"Federated": PARAMETERS["GitHubProviderArn"]}
        host = "token.actions.githubusercontent.com"
        assert statement["Condition"] == {
            "StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subjects[name]}
        }
    jobs = workflow()["jobs"]
    assert [jobs[name].get("environment") for name in ("deploy", "drift", "renew")] == ["production", None, "renewal"]


def test_each_may_do_what_its_targets_do_and_no_more(made: dict[str, Any]) -> None:
    reads = {"cloudformation:DescribeStacks", "cloudformation:GetTemplate", "cloudformation:ListStacks"}
    verify = {need.action for need in COMMANDS["verify"]}
    challenge = {"route53:ListHostedZones", "route53:GetChange", "route53:ChangeResourceRecordSets"}
    assert {name: {action for action, _ in _allowed(role)} for name, role in made.items()} == {
        "Diff": reads,
        "Deploy": reads | verify | {need.action for need in DEPLOY},
        "Watch": reads | verify,
        "Renew": challenge | {need.action for need in COMMANDS["certificate push"]},
    }
    assert {need.action for need in COMMANDS["diff, gate, destroy"]} <= reads


@pytest.mark.parametrize("name", ["Diff", "Watch"])
def test_who_only_looks_may_change_nothing(made: dict[str, Any], name: str) -> None:
    assert all(LOOKS.fullmatch(action) for action, _ in _allowed(made[name]))
    assert all("Secret" not in action for action, _ in _allowed(made[name]))


def test_resources_are_those_of_this_installation(made: dict[str, Any]) -> None:
    assert _allowed(made["Diff"]) == {
        (f"cloudformation:{action}", "arn:aws:cloudformation:us-east-1:000000000000:stack/understudy-example-*")
        for action in ("DescribeStacks", "GetTemplate")
    } | {("cloudformation:ListStacks", "*")}
    roles = {resource for action, resource in _allowed(made["Deploy"]) if action == "sts:AssumeRole"}
    assert roles == {need.resource.format(account="000000000000") for need in DEPLOY}
    assert not any(mark in resource for role in made.values() for _, resource in _allowed(role) for mark in "{}$")


def test_renewal_changes_no_record_but_those_of_challenges_in_its_zones(made: dict[str, Any]) -> None:
    changes = [
        one for one in made["Renew"]["policy"]["Statement"] if "route53:ChangeResourceRecordSets" in one["Action"]
    ]
    (change,) = changes
    assert change["Resource"] == PARAMETERS["HostedZoneArns"].split(",")
    assert change["Condition"] == {
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]},
        "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]},
    }
    assert ROLES["Renew"].conditional
