"""pipeline/roles.yaml: what the jobs may do is what they do, for nobody but them."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from glob import escape
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
    "GitHubOwnerId": "41",
    "GitHubRepositoryId": "4217",
    "GitHubProviderArn": "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com",
}
GITLAB_PROVIDER = "arn:aws:iam::000000000000:oidc-provider/gitlab.com"
READS = re.compile(r"\w+:(Describe|Get|List)\w+")


@pytest.fixture(scope="module")
def roles(processes: None) -> Iterator[dict[str, dict[str, Any]]]:
    """The roles as CloudFormation makes them for a repository on GitHub, by their short names."""
    with EmbeddedAws(rate=1) as aws:
        yield _created(aws, PARAMETERS)


@pytest.fixture(scope="module")
def made_by_name(processes: None) -> Iterator[dict[str, dict[str, Any]]]:
    """The same for a repository whose tokens name no ids."""
    with EmbeddedAws(rate=1) as aws:
        yield _created(aws, PARAMETERS | {"GitHubSubject": "names-only"})


@pytest.fixture(scope="module")
def made_on_gitlab(processes: None) -> Iterator[dict[str, dict[str, Any]]]:
    """The same for a project on GitLab."""
    given = {name: value for name, value in PARAMETERS.items() if not name.startswith("GitHub")}
    with EmbeddedAws(rate=1) as aws:
        project = {"GitLabProject": "group/understudy", "GitLabProjectId": "5318", "GitLabProviderArn": GITLAB_PROVIDER}
        yield _created(aws, given | project)


def _created(aws: EmbeddedAws, parameters: dict[str, str]) -> dict[str, dict[str, Any]]:
    aws.client("cloudformation").create_stack(
        StackName="roles",
        TemplateBody=PAGE.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    aws.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="roles", WaiterConfig={"Delay": 1})
    (stack,) = aws.client("cloudformation").describe_stacks(StackName="roles")["Stacks"]
    iam = aws.client("iam")
    roles = {}
    for output in stack["Outputs"]:
        name = output["OutputValue"].rpartition("/")[2]
        policy = iam.get_role_policy(RoleName=name, PolicyName="Job")["PolicyDocument"]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        roles[output["OutputKey"].removesuffix("RoleArn")] = {
            "policy": policy if isinstance(policy, dict) else json.loads(policy),
            "trust": trust if isinstance(trust, dict) else json.loads(trust),
        }
    return roles


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


def test_cloudformation_makes_a_role_for_every_variable_that_a_job_names(roles: dict[str, Any]) -> None:
    variables = {f"AWS_{name.upper()}_ROLE" for name in roles}
    text = yaml.dump(workflow())
    assert set(re.findall(r"AWS_\w+_ROLE", text)) == variables
    assert set(re.findall(r"AWS_\w+_ROLE\b", yaml.dump(gitlab()))) - {"AWS_ROLE"} == variables


ENDS = {
    "Diff": "pull_request",
    "Deploy": "environment:production",
    "Watch": "ref:refs/heads/main",
    "Renew": "environment:renewal",
}
HOST = "token.actions.githubusercontent.com"


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize(
    ("form", "begin"),
    [("roles", "repo:owner@41/understudy@4217:"), ("made_by_name", "repo:owner/understudy:")],
    ids=["with ids", "by name"],
)
def test_each_is_for_its_job_in_its_repository_alone(request: pytest.FixtureRequest, form: str, begin: str) -> None:
    roles = request.getfixturevalue(form)
    assert roles.keys() == ENDS.keys()
    for name, role in roles.items():
        (statement,) = role["trust"]["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert statement["Principal"] == {"Federated": PARAMETERS["GitHubProviderArn"]}
        expected = {"aud": "sts.amazonaws.com", "sub": begin + ENDS[name], "repository_id": "4217"}
        if name != "Diff":  # of a branch that is to be merged
            expected["ref"] = "refs/heads/main"
        assert statement["Condition"] == {"StringEquals": {f"{HOST}:{key}": value for key, value in expected.items()}}
    jobs = workflow()["jobs"]
    assert [jobs[name].get("environment") for name in ("deploy", "drift", "renew")] == ["production", None, "renewal"]


def test_a_token_of_another_repository_branch_or_form_is_not_trusted(roles: dict[str, Any]) -> None:
    """As IAM compares: all of StringEquals, each to the letter."""
    good = {
        "aud": "sts.amazonaws.com",
        "sub": "repo:owner@41/understudy@4217:environment:production",
        "repository_id": "4217",
        "ref": "refs/heads/main",
    }
    others = (
        {"sub": "repo:owner/understudy:environment:production"},
        {"sub": "repo:owner@42/understudy@4217:environment:production"},
        {"sub": "repo:owner@41/understudy@4218:environment:production"},
        {"sub": "repo:owner@41/understudy@4217:environment:renewal"},
        {"sub": "repo:owner@41/understudy@4217:pull_request"},
        {"repository_id": "4218"},
        {"ref": "refs/heads/topic"},
        {"ref": "refs/tags/main"},
        {"aud": "https://github.com/owner"},
    )
    ((condition,),) = ([statement["Condition"]["StringEquals"] for statement in roles["Deploy"]["trust"]["Statement"]],)

    def trusted(claims: dict[str, str]) -> bool:
        return all(claims.get(key.removeprefix(f"{HOST}:")) == value for key, value in condition.items())

    assert trusted(good)
    assert [other for other in others if trusted(good | other)] == []


def test_on_gitlab_nothing_of_github_is_trusted(made_on_gitlab: dict[str, Any]) -> None:
    for role in made_on_gitlab.values():
        (statement,) = role["trust"]["Statement"]
        assert "github" not in json.dumps(statement)
        subject = (statement["Condition"].get("StringLike") or statement["Condition"]["StringEquals"])["gitlab.com:sub"]
        assert subject.startswith("project_path:group/understudy:ref_type:branch:ref:")


MAIN_OF_PROJECT = {
    "aud": "sts.amazonaws.com",
    "sub": "project_path:group/understudy:ref_type:branch:ref:main",
    "project_id": "5318",
    "ref_protected": "true",
}
OTHER_ON_GITLAB: dict[str, dict[str, str]] = {
    "a fork's pipeline in the parent project": {
        "project_id": "9999",
        "sub": "project_path:attacker/understudy:ref_type:branch:ref:main",
    },
    "a fork that took the project's path": {"project_id": "9999"},
    "a project whose subject begins with where the job runs": {
        "project_id": "9999",
        "sub": "job_project_path:group/understudy:ref_type:branch:ref:main",
    },
    "a tag called main": {"sub": "project_path:group/understudy:ref_type:tag:ref:main"},
    "another audience": {"aud": "https://gitlab.com"},
}


@pytest.mark.parametrize("token", OTHER_ON_GITLAB)
def test_on_gitlab_no_role_trusts_a_fork_or_another_project(made_on_gitlab: dict[str, Any], token: str) -> None:
    """Tokens as GitLab makes them since 18.2.2. https://gitlab.com/gitlab-org/gitlab/-/issues/563038"""
    trusting = {name for name, role in made_on_gitlab.items() if _trusts_on_gitlab(role, MAIN_OF_PROJECT)}
    assert trusting == made_on_gitlab.keys()
    other = MAIN_OF_PROJECT | OTHER_ON_GITLAB[token]
    assert {name for name, role in made_on_gitlab.items() if _trusts_on_gitlab(role, other)} == set()


def test_on_gitlab_a_branch_that_is_not_protected_gets_the_diff_alone(made_on_gitlab: dict[str, Any]) -> None:
    topic = {"sub": "project_path:group/understudy:ref_type:branch:ref:topic"}
    for claims in (topic, {}):
        token = MAIN_OF_PROJECT | claims | {"ref_protected": "false"}
        assert {name for name, role in made_on_gitlab.items() if _trusts_on_gitlab(role, token)} == {"Diff"}


def _trusts_on_gitlab(role: dict[str, Any], claims: dict[str, str]) -> bool:
    """As IAM compares: every key of every operator."""
    ((conditions,),) = ([statement["Condition"] for statement in role["trust"]["Statement"]],)
    return all(
        fnmatchcase(claims[key.removeprefix("gitlab.com:")], value if operator == "StringLike" else escape(value))
        for operator, condition in conditions.items()
        for key, value in condition.items()
    )


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [("GitHubIdsAreGiven", ["GitHubOwnerId", "GitHubRepositoryId"]), ("GitLabIdIsGiven", ["GitLabProjectId"])],
)
def test_the_ids_are_asked_for(rule: str, parameters: list[str]) -> None:
    template = yaml.safe_load(page())
    assertions = template["Rules"][rule]["Assertions"]
    assert [item["Assert"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"] for item in assertions] == parameters
    assert template["Parameters"]["GitHubSubject"]["Default"] == "with-ids"


def test_each_may_do_what_its_targets_do_and_no_more(roles: dict[str, Any]) -> None:
    reads = {"cloudformation:DescribeStacks", "cloudformation:GetTemplate", "cloudformation:ListStacks"}
    verify = {need.action for need in COMMANDS["verify"]}
    challenge = {"route53:ListHostedZones", "route53:GetChange", "route53:ChangeResourceRecordSets"}
    assert {name: {action for action, _ in _allowed(role)} for name, role in roles.items()} == {
        "Diff": reads,
        "Deploy": reads | verify | {need.action for need in DEPLOY},
        "Watch": reads | verify,
        "Renew": challenge | {need.action for need in COMMANDS["certificate push"]},
    }
    assert {need.action for need in COMMANDS["diff, gate, destroy"]} <= reads


@pytest.mark.parametrize("name", ["Diff", "Watch"])
def test_who_only_reads_may_change_nothing(roles: dict[str, Any], name: str) -> None:
    assert all(READS.fullmatch(action) for action, _ in _allowed(roles[name]))
    assert all("Secret" not in action for action, _ in _allowed(roles[name]))


def test_resources_are_those_of_this_installation(roles: dict[str, Any]) -> None:
    assert _allowed(roles["Diff"]) == {
        (f"cloudformation:{action}", "arn:aws:cloudformation:us-east-1:000000000000:stack/understudy-example-*")
        for action in ("DescribeStacks", "GetTemplate")
    } | {("cloudformation:ListStacks", "*")}
    assumed = {resource for action, resource in _allowed(roles["Deploy"]) if action == "sts:AssumeRole"}
    assert assumed == {need.resource.format(account="000000000000", qualifier="hnb659fds") for need in DEPLOY}
    assert not any(mark in resource for role in roles.values() for _, resource in _allowed(role) for mark in "{}$")


def test_renewal_changes_no_record_but_those_of_challenges_in_its_zones(roles: dict[str, Any]) -> None:
    changes = [
        statement
        for statement in roles["Renew"]["policy"]["Statement"]
        if "route53:ChangeResourceRecordSets" in statement["Action"]
    ]
    (change,) = changes
    assert change["Resource"] == PARAMETERS["HostedZoneArns"].split(",")
    assert change["Condition"] == {
        "Null": {
            "route53:ChangeResourceRecordSetsRecordTypes": "false",
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": "false",
        },
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]},
        "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]},
    }
    assert ROLES["Renew"].conditional
