"""What CloudFormation and Lambda do not accept, found in the templates before anything is deployed."""

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
"""The CDK's own check ends in a traceback, before the plug-in could say what to do."""
MAX_RESOURCES = 500
MAX_TEMPLATE_BYTES = 1_000_000
"""Of a template in S3, where the CDK puts them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
MAX_ENVIRONMENT_BYTES = 4_096
"""Of all variables of a function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_POLICY_CHARACTERS = 10_240
"""Of all inline policies of a role. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

RULE = "stack-limits"
FIX = (
    'write stack = "NAME" at new servers, which gives them a failover stack of their own: '
    f"{documentation('scale')}. For the role "
    'of the schedules: [maintenance] switches = "one"'
)


@jsii.implements(IPolicyValidationPlugin)
class Limits:
    """A validation plug-in of the CDK that looks at the templates of `stacks` at the end of a synthesis."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self._files = {stack.template_file for stack in stacks}

    @property
    def name(self) -> str:
        """The name in the report."""
        return "understudy-limits"

    @property
    def version(self) -> str | None:
        """None: it is that of the package."""
        return None

    @property
    def rule_ids(self) -> list[str]:
        """The one rule."""
        return [RULE]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Return a violation for everything that is too large."""
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
    """Return what is too large in a template, with the logical id of a resource that shows it."""
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
        # A value with references is longer here than it will be.
        texts = (value if isinstance(value, str) else json.dumps(value) for value in variables.values())
        size = sum(map(len, (*variables, *texts)))
        if size > MAX_ENVIRONMENT_BYTES:
            yield (
                logical_id,
                f"{name}: function {logical_id} has environment variables of {size:,} bytes; Lambda accepts "
                f"{MAX_ENVIRONMENT_BYTES:,}",
            )


def _policy_sizes(resources: Mapping[str, Any]) -> dict[str, int]:
    """Return the characters of the inline policies of every role; with references that is more than it will be."""
    found: dict[str, int] = {}
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", ()):
                found[logical_id] = found.get(logical_id, 0) + _size(policy["PolicyDocument"])
        elif resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                found[role["Ref"]] = found.get(role["Ref"], 0) + _size(properties["PolicyDocument"])
    return found


def _size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))
