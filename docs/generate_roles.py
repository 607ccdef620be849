"""Writes the roles in pipeline/roles.yaml from permissions and pipeline/roles.py: `python -m docs.generate_roles`."""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any

import yaml

from docs.generation import DOCS, Grant, statements, write
from understudy_failover.operations.permissions import ZONE, Need
from understudy_failover.pipeline.roles import ROLES, Role

PAGE = DOCS.parent / "understudy_failover" / "pipeline" / "roles.yaml"
MARK = "  # Below: written by `python -m docs.generate_roles` from pipeline/roles.py. Do not edit.\n"
GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.com"
CLIENT_ID = "sts.amazonaws.com"
ARNS = {
    "{account}": "${AWS::AccountId}",
    "{qualifier}": "${Qualifier}",
    "{app}": "${App}",
    "{secret}": "${PrivateKeySecret}",
}
LONGEST_SESSION_SECONDS = 3600


def page() -> str:
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    resources = {f"{name}Role": _role(role) for name, role in ROLES.items()}
    outputs = {
        f"{name}RoleArn": {
            "Description": f"The variable AWS_{name.upper()}_ROLE of the repository",
            "Value": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
        }
        for name in ROLES
    }
    return head + MARK + indent(_yaml(resources), "  ") + _yaml({"Outputs": outputs})


def _yaml(document: dict[str, Any]) -> str:
    return yaml.dump(document, sort_keys=False, width=120, allow_unicode=True, Dumper=_Plain)


class _Plain(yaml.SafeDumper):
    """A dumper without anchors, which CloudFormation refuses."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the library's signature)
        return True


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
    """Return the subject with the ids of owner and repository behind their names, as since 2026-07-15, or without.

    https://docs.github.com/en/actions/reference/security/oidc
    """
    # The additional slash gives two parts also where no repository is on GitHub.
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
    """Return the statement that trusts tokens of a forge whose `claims` STS compares.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    """
    condition: dict[str, dict[str, Any]] = {"StringEquals": {f"{host}:aud": CLIENT_ID}}
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
    yield from _granted(role.needs)
    for need, condition in role.conditional:
        yield from (statement | {"Condition": dict(condition)} for statement in _granted([need]))


def _granted(needs: Iterable[Need]) -> Iterator[dict[str, Any]]:
    for statement in statements(map(Grant.of_need, needs)):
        yield statement | {"Resource": _arn(statement["Resource"])}


def _arn(resource: str) -> str | Mapping[str, str]:
    if resource == ZONE:
        return {"Ref": "HostedZoneArns"}
    named = resource
    for placeholder, parameter in ARNS.items():
        named = named.replace(placeholder, parameter)
    assert "{" not in named.replace("${", ""), resource
    return {"Fn::Sub": named} if "${" in named else named


if __name__ == "__main__":
    write(PAGE, page())
