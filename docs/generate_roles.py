"""Writes pipeline/roles.yaml from the table of commands and pipeline/roles.py: `python -m docs.generate_roles`."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from understudy_failover.operations.permissions import ZONE, Need
from understudy_failover.pipeline.roles import ROLES, Role

PAGE = Path(__file__).parent.parent / "understudy_failover" / "pipeline" / "roles.yaml"
HEAD = """\
# The roles of the pipelines' jobs; docs/pipelines.md tells how to make them.
# Written by `python -m docs.generate_roles`. Do not edit: understudy_failover/pipeline/roles.py says who needs what.
"""
GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.com"
AUDIENCE = "sts.amazonaws.com"
ARNS = {
    "{account}": "${AWS::AccountId}",
    "{qualifier}": "${Qualifier}",
    "{app}": "${App}",
    "{secret}": "${PrivateKeySecret}",
}
LONGEST_SESSION_SECONDS = 3600
OIDC_ARN = "^(arn:aws:iam::[0-9]{12}:oidc-provider/.+)?$"
NUMBER = "^[0-9]*$"
PATH = r"^([\w.-]+(/[\w.-]+)+)?$"


def page() -> str:
    """The whole template."""
    return HEAD + yaml.dump(template(), sort_keys=False, width=120, allow_unicode=True, Dumper=_Plain)


class _Plain(yaml.SafeDumper):
    """Without anchors: CloudFormation knows none."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the library's signature)
        return True


def template() -> dict[str, Any]:
    """As a document."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Understudy: who the jobs of its pipelines are in AWS",
        "Parameters": {
            "App": {"Type": "String", "Description": "app of failover.toml", "AllowedPattern": "^[a-z][a-z0-9-]+$"},
            "HostedZoneArns": {
                "Type": "CommaDelimitedList",
                "Description": "arn:aws:route53:::hostedzone/ID of every zone of failover.toml",
            },
            "PrivateKeySecret": {
                "Type": "String",
                "Description": "private_key_secret of failover.toml; of several, what all names begin with, and *",
                "AllowedPattern": r"^[A-Za-z0-9/_+=.@-]+\*?$",
            },
            "Qualifier": {
                "Type": "String",
                "Default": "hnb659fds",
                "Description": "Of the CDK's bootstrap (cdk bootstrap --qualifier)",
                "AllowedPattern": "^[A-Za-z0-9_-]{1,10}$",
            },
            "Branch": {"Type": "String", "Default": "main", "Description": "What is merged there is deployed"},
            "GitHubRepository": {
                "Type": "String",
                "Default": "",
                "Description": "OWNER/NAME, where it is on GitHub",
                "AllowedPattern": PATH,
            },
            "GitHubOwnerId": {
                "Type": "String",
                "Default": "",
                "Description": "Number of the owner: gh api repos/OWNER/NAME --jq .owner.id",
                "AllowedPattern": NUMBER,
            },
            "GitHubRepositoryId": {
                "Type": "String",
                "Default": "",
                "Description": "Number of the repository, which no other one gets: gh api repos/OWNER/NAME --jq .id",
                "AllowedPattern": NUMBER,
            },
            "GitHubSubject": {
                "Type": "String",
                "Default": "with-ids",
                "AllowedValues": ["with-ids", "names-only"],
                "Description": "names-only for a repository from before 2026-07-15 whose tokens name no ids",
            },
            "GitHubProviderArn": {
                "Type": "String",
                "Default": "",
                "Description": "The account's OIDC provider for GitHub, if it has one; else it is made",
                "AllowedPattern": OIDC_ARN,
            },
            "GitLabProject": {
                "Type": "String",
                "Default": "",
                "Description": "GROUP/NAME, where it is on GitLab",
                "AllowedPattern": PATH,
            },
            "GitLabProjectId": {
                "Type": "String",
                "Default": "",
                "Description": "Number of the project (its home page: Project ID), which no other one and no fork has",
                "AllowedPattern": NUMBER,
            },
            "GitLabProviderArn": {
                "Type": "String",
                "Default": "",
                "Description": "The account's OIDC provider for GitLab, if it has one; else it is made",
                "AllowedPattern": OIDC_ARN,
            },
        },
        "Rules": {
            "SomebodyIsTrusted": {
                "Assertions": [
                    {
                        "Assert": {
                            "Fn::Not": [{"Fn::And": [_empty("GitHubRepository"), _empty("GitLabProject")]}],
                        },
                        "AssertDescription": "Say GitHubRepository, or GitLabProject.",
                    }
                ]
            },
            "GitHubIdsAreGiven": _ids_are_given("GitHubRepository", "GitHubOwnerId", "GitHubRepositoryId"),
            "GitLabIdIsGiven": _ids_are_given("GitLabProject", "GitLabProjectId"),
        },
        "Conditions": {
            "GitHubNamesOnly": {"Fn::Equals": [{"Ref": "GitHubSubject"}, "names-only"]},
            "OnGitHub": {"Fn::Not": [_empty("GitHubRepository")]},
            "OnGitLab": {"Fn::Not": [_empty("GitLabProject")]},
            "MakeGitHubProvider": {"Fn::And": [{"Condition": "OnGitHub"}, _empty("GitHubProviderArn")]},
            "MakeGitLabProvider": {"Fn::And": [{"Condition": "OnGitLab"}, _empty("GitLabProviderArn")]},
        },
        "Resources": {
            "GitHubProvider": _provider("MakeGitHubProvider", GITHUB),
            "GitLabProvider": _provider("MakeGitLabProvider", GITLAB),
            **{f"{name}Role": _role(role) for name, role in ROLES.items()},
        },
        "Outputs": {
            f"{name}RoleArn": {
                "Description": f"The variable AWS_{name.upper()}_ROLE of the repository",
                "Value": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
            }
            for name in ROLES
        },
    }


def _empty(parameter: str) -> dict[str, Any]:
    return {"Fn::Equals": [{"Ref": parameter}, ""]}


def _ids_are_given(repository: str, *parameters: str) -> dict[str, Any]:
    """Return the rule that whoever names a repository also gives its ids."""
    return {
        "RuleCondition": {"Fn::Not": [_empty(repository)]},
        "Assertions": [
            {
                "Assert": {"Fn::Not": [_empty(parameter)]},
                "AssertDescription": f"Say {parameter}: names of repositories can be taken over.",
            }
            for parameter in parameters
        ],
    }


def _provider(condition: str, host: str) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::OIDCProvider",
        "Condition": condition,
        "Properties": {"Url": f"https://{host}", "ClientIdList": [AUDIENCE]},
    }


def _role(role: Role) -> dict[str, Any]:
    github: dict[str, Any] = {"repository_id": {"Ref": "GitHubRepositoryId"}}
    # A pipeline of a fork that runs in the parent project has the number of the fork, since GitLab 18.2.2.
    # https://gitlab.com/gitlab-org/gitlab/-/issues/563038
    gitlab: dict[str, Any] = {"project_id": {"Ref": "GitLabProjectId"}}
    if role.on_main:
        github["ref"] = {"Fn::Sub": "refs/heads/${Branch}"}
        gitlab["ref_protected"] = "true"
    likeness = "StringLike" if "*" in role.gitlab else "StringEquals"
    gitlab_subject = {"Fn::Sub": f"project_path:${{GitLabProject}}:{role.gitlab}"}
    trusted = [
        _trusted("GitHub", GITHUB, "StringEquals", _github_subject(role.github), github),
        _trusted("GitLab", GITLAB, likeness, gitlab_subject, gitlab),
    ]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Description": role.description,
            "MaxSessionDuration": LONGEST_SESSION_SECONDS,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trusted},
            "Policies": [
                {"PolicyName": "Job", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(_statements(role))}}
            ],
        },
    }


def _github_subject(end: str) -> dict[str, Any]:
    """With the numbers of owner and repository behind their names, as GitHub has it since 2026-07-15, or without.

    https://docs.github.com/en/actions/reference/security/oidc
    """
    # A slash more, so that both parts are there where nothing is on GitHub.
    parts = {"Fn::Split": ["/", {"Fn::Sub": "${GitHubRepository}/"}]}
    names = {"Owner": {"Fn::Select": [0, parts]}, "Name": {"Fn::Select": [1, parts]}}
    with_ids = f"repo:${{Owner}}@${{GitHubOwnerId}}/${{Name}}@${{GitHubRepositoryId}}:{end}"
    return {
        "Fn::If": [
            "GitHubNamesOnly",
            {"Fn::Sub": f"repo:${{GitHubRepository}}:{end}"},
            {"Fn::Sub": [with_ids, names]},
        ]
    }


def _trusted(
    forge: str, host: str, likeness: str, subject: Mapping[str, Any], claims: Mapping[str, Any]
) -> dict[str, Any]:
    """`claims` are those of GitHub's and gitlab.com's tokens that STS knows besides.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    """
    condition: dict[str, dict[str, Any]] = {"StringEquals": {f"{host}:aud": AUDIENCE}}
    condition["StringEquals"] |= {f"{host}:{name}": value for name, value in claims.items()}
    condition.setdefault(likeness, {})[f"{host}:sub"] = subject
    provider = {"Fn::If": [f"Make{forge}Provider", {"Ref": f"{forge}Provider"}, {"Ref": f"{forge}ProviderArn"}]}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": provider},
        "Condition": condition,
    }
    return {"Fn::If": [f"On{forge}", statement, {"Ref": "AWS::NoValue"}]}


def _statements(role: Role) -> Iterator[dict[str, Any]]:
    """One for each resource."""
    yield from _granted(role.needs)
    for need, condition in role.conditional:
        for statement in _granted([need]):
            yield statement | {"Condition": dict(condition)}


def _granted(needs: Iterable[Need]) -> Iterator[dict[str, Any]]:
    by_resource: dict[str, set[str]] = {}
    for need in needs:
        by_resource.setdefault(need.resource, set()).add(need.action)
    for resource, actions in sorted(by_resource.items()):
        yield {"Effect": "Allow", "Action": sorted(actions), "Resource": _arn(resource)}


def _arn(resource: str) -> str | Mapping[str, str]:
    if resource == ZONE:
        return {"Ref": "HostedZoneArns"}
    named = resource
    for placeholder, parameter in ARNS.items():
        named = named.replace(placeholder, parameter)
    assert "{" not in named.replace("${", ""), resource
    return {"Fn::Sub": named} if "${" in named else named


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
