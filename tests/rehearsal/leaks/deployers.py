"""Credentials that may deploy, and those that read what is deployed."""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.iam import pipeline_roles
from tests.rehearsal.faults.case import WWW
from tests.rehearsal.leaks.keys import has_no_key
from tests.rehearsal.leaks.world import DEPLOY_ROLE, PIPELINES, Trial, World, by, permissions_checked, roles_able_to
from tests.rehearsal.looking import server_named
from tests.stacks.templates import ROOT
from understudy_failover.rehearsal.bed import ACCOUNT


def _bootstrap() -> Any:
    """The stack of `cdk bootstrap`, as the CDK's command line has it."""
    command = Path(str(shutil.which("cdk"))).resolve()
    file = command.parents[1] / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))["Resources"]


def _deploys_as_administrator(world: World) -> None:
    assert roles_able_to(world, partial(assumes_the_deploy_role, world)) == {"DeployRole"}
    passed = json.dumps(_bootstrap()["DeploymentActionRole"])
    assert "iam:PassRole" in passed
    assert "CloudFormationExecutionRole.Arn" in passed
    assert "policy/AdministratorAccess" in json.dumps(_bootstrap()["CloudFormationExecutionRole"])


def assumes_the_deploy_role(world: World, role: str) -> object:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{DEPLOY_ROLE}"
    return world.client(role, "sts").assume_role(RoleArn=arn, RoleSessionName="further")


def _owners_policies_take_their_place(world: World) -> None:
    which = _bootstrap()["CloudFormationExecutionRole"]["Properties"]["ManagedPolicyArns"]["Fn::If"]
    assert which[:2] == ["HasCloudFormationExecutionPolicies", {"Ref": "CloudFormationExecutionPolicies"}]


def _sessions_of_pipelines_end(world: World) -> None:
    template = yaml.safe_load((ROOT / "understudy_failover/pipeline/roles.yaml").read_text(encoding="utf-8"))
    secrets = {
        name: resource["Properties"]["MaxSessionDuration"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    assert secrets == dict.fromkeys(PIPELINES, 3600)


def _templates(world: World) -> str:
    """Every template, read with the leaked credentials."""
    with permissions_checked(world.bed):
        client = world.client("DiffRole", "cloudformation")
        names = [summary["StackName"] for summary in client.list_stacks()["StackSummaries"]]
        return "\n".join(json.dumps(client.get_template(StackName=name)["TemplateBody"]) for name in names)


def _reads_templates(world: World) -> None:
    text, zone = _templates(world), world.bed.settings.zones[0]
    for named_in_it in (WWW, str(server_named(world.bed, "web").ipv4), zone.id):
        assert named_in_it in text


def _lists_stacks(world: World) -> None:
    def list_stacks(role: str) -> object:
        return world.client(role, "cloudformation").list_stacks()

    assert "DiffRole" in roles_able_to(world, list_stacks)


def _templates_have_no_key(world: World) -> None:
    has_no_key(world, _templates(world))


def _only_reads(world: World) -> None:
    statements = pipeline_roles(defaultdict(str))["DiffRole"]
    actions = {action.partition(":")[2] for statement in statements for action in statement["Action"]}
    assert actions
    assert all(re.match("Get|List|Describe", action) for action in actions), actions


def _revoked_sessions_end(world: World) -> None:
    """IAM's own policy for it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html"""
    before = f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    revoked = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"]}
    revoked["Condition"] = {"DateLessThan": {"aws:TokenIssueTime": before}}  # type: ignore[assignment]
    iam, where = world.bed.aws.client("iam"), {"RoleName": "DiffRole", "PolicyName": "AWSRevokeOlderSessions"}

    def list_stacks(role: str) -> object:
        return world.client(role, "cloudformation").list_stacks()

    able = roles_able_to(world, list_stacks)
    assert "DiffRole" in able
    iam.put_role_policy(**where, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [revoked]}))
    try:
        assert roles_able_to(world, list_stacks) == able - {"DiffRole"}
    finally:
        iam.delete_role_policy(**where)


TRIALS: Mapping[str, Trial] = {
    '"Revoke active sessions" of a role in IAM ends its sessions: do that first.': _revoked_sessions_end,
    "everything that CloudFormation's execution role may: by default the whole account": _deploys_as_administrator,
    "a bootstrap with policies of your own": _owners_policies_take_their_place,
    "sessions of pipelines end after an hour": _sessions_of_pipelines_end,
    "`understudy verify` shows what differs from the settings": by(
        "rehearsal/test_verify.py::test_a_fault_is_found_and_named_and_no_other_and_its_advice_removes_it"
    ),
    "to read templates: host names, addresses, ids": _reads_templates,
    "to list all stacks in us-east-1": _lists_stacks,
    "no piece of a private key is in a template": _templates_have_no_key,
    "none of its actions writes": _only_reads,
}
