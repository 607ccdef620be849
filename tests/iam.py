"""Whether a role of a template may do something: policies evaluated as IAM does, by the evaluator of MiniStack.

Identity policies of one account, without boundaries and without policies of organizations:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.stacks.templates import PSEUDO_PARAMETERS, ROOT, Template

ACCOUNT = PSEUDO_PARAMETERS["AWS::AccountId"]


def may(
    statements: Sequence[Mapping[str, Any]], action: str, resource: str, keys: Mapping[str, Any] | None = None
) -> bool:
    """Return whether identity policies of `statements` allow a request with these condition keys."""
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/role/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        service_context={name.lower(): value for name, value in (keys or {}).items()},
    )
    decision: str = evaluate(context, [parse_policy_document({"Statement": list(statements)})]).decision
    return decision == "Allow"


def pipeline_roles(parameters: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of every role of roles.yaml, by its logical id, with these values of its parameters."""
    template = yaml.safe_load((ROOT / "understudy_failover/pipeline/roles.yaml").read_text(encoding="utf-8"))
    return {
        name: [
            _filled(statement, parameters)
            for statement in resource["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        ]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }


def stack_roles(template: Template, names: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of every role of a stack, by its logical id without the hash.

    `names` are physical names by `<Id.Attribute>`, as tests write references.
    """
    roles = {}
    for logical_id in template.of_type("AWS::IAM::Role"):
        text = json.dumps(template.statements(f"<{logical_id}.Arn>"))
        for reference, name in names.items():
            text = text.replace(reference, name)
        roles[re.sub("[0-9A-F]{8}$", "", logical_id)] = json.loads(text)
    return roles


def _filled(value: Any, parameters: Mapping[str, str]) -> Any:
    match value:
        case {"Ref": name}:
            return parameters[name].split(",")
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(.+?)\}", lambda match: parameters[match[1]], text)
        case dict():
            return {key: _filled(inner, parameters) for key, inner in value.items()}
        case list():
            return [_filled(inner, parameters) for inner in value]
    return value
