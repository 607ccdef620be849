"""Finds templates that exceed limits of CloudFormation, Lambda and IAM, before a deploy."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Stack,
)

from understudy_failover.contract.documentation import documentation

RESOURCE_LIMIT_CONTEXT = "@aws-cdk/core:stackResourceLimit"
"""The CDK's own check would end in a traceback before this plug-in."""
MAX_RESOURCES = 500
MAX_TEMPLATE_BYTES = 1_000_000
"""Limit of a template in S3.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
MAX_ENVIRONMENT_BYTES = 4_096
"""Limit of all variables of a function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_POLICY_CHARACTERS = 10_240
"""Limit of all inline policies of a role. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

RULE = "stack-limits"
FIX = (
    'write stack = "NAME" at new servers, which puts them into another failover stack: '
    f"{documentation('scale')}. For the role "
    'of the schedules: [maintenance] switches = "one"'
)


@jsii.implements(IPolicyValidationPlugin)
class Limits:
    """A validation plug-in of the CDK for the templates of `stacks`."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self._files = {stack.template_file for stack in stacks}

    @property
    def name(self) -> str:
        return "understudy-limits"

    @property
    def version(self) -> str | None:
        return None

    @property
    def rule_ids(self) -> list[str]:
        return [RULE]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Return a violation for each excess."""
        violations = [
            PolicyViolation(
                rule_name=RULE,
                description=fault,
                fix=FIX,
                violating_resources=[
                    PolicyViolatingResource(resource_logical_id=logical_id, template_path=path, locations=[])
                ],
            )
            for path in context.template_paths
            if Path(path).name in self._files
            for logical_id, fault in faults(Path(path))
        ]
        return PolicyValidationPluginReport(success=not violations, violations=violations)


def faults(file: Path) -> Iterator[tuple[str, str]]:
    """Return each excess of a template, with the logical id of its resource."""
    text = file.read_text(encoding="utf-8")
    template: Mapping[str, Any] = json.loads(text)
    name = template.get("Description", file.name)
    resources = template.get("Resources", {})
    first = next(iter(resources), "")
    if len(resources) > MAX_RESOURCES:
        yield first, f"{name}: has {len(resources)} resources; CloudFormation accepts {MAX_RESOURCES} in a stack"
    if (size := len(text.encode())) > MAX_TEMPLATE_BYTES:
        yield first, f"{name}: has {size:,} bytes; CloudFormation accepts {MAX_TEMPLATE_BYTES:,}"
    for logical_id, size in _policy_sizes(resources).items():
        if size > MAX_POLICY_CHARACTERS:
            yield (
                logical_id,
                f"{name}: role {logical_id} has policies of {size:,} characters; IAM accepts {MAX_POLICY_CHARACTERS:,}",
            )
    for logical_id, resource in resources.items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        variables = resource["Properties"].get("Environment", {}).get("Variables", {})
        # A value with references is longer than its deployed value.
        texts = (value if isinstance(value, str) else json.dumps(value) for value in variables.values())
        size = sum(map(len, (*variables, *texts)))
        if size > MAX_ENVIRONMENT_BYTES:
            yield (
                logical_id,
                f"{name}: function {logical_id} has environment variables of {size:,} bytes; Lambda accepts "
                f"{MAX_ENVIRONMENT_BYTES:,}",
            )


def _policy_sizes(resources: Mapping[str, Any]) -> dict[str, int]:
    """Return the characters of the inline policies by role; with references more than deployed."""
    sizes: dict[str, int] = {}
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", ()):
                sizes[logical_id] = sizes.get(logical_id, 0) + _size(policy["PolicyDocument"])
        elif resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                sizes[role["Ref"]] = sizes.get(role["Ref"], 0) + _size(properties["PolicyDocument"])
    return sizes


def _size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))
