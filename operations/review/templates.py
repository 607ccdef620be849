"""The two sides of a review: the templates that are deployed, and those that were synthesised."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

Resource = Mapping[str, Any]
"""`{"Type": …, "Properties": …}`."""
Resources = Mapping[str, Resource]
"""By logical id, of all stacks; a stack's name stands before each: `understudy-example-failover/WebHealthCheck`."""

STACK = "aws:cloudformation:stack"
ASSEMBLY = "cdk:cloud-assembly"


class AssemblyError(Exception):
    """There is no cloud assembly where one was looked for; the text says what to do."""


def stack_templates(assembly: Path) -> dict[str, Path]:
    """Template file of every stack by the stack's name, those of nested assemblies (stages) included.

    https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (Cloud assemblies)

    Raises:
        AssemblyError: `assembly` is no folder that `cdk synth` wrote.
    """
    try:
        artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    except (OSError, ValueError, KeyError):
        raise AssemblyError(f"{assembly} is no cloud assembly; write one with `make synth`") from None
    found: dict[str, Path] = {}
    for artifact in artifacts.values():
        properties = artifact.get("properties", {})
        if artifact["type"] == ASSEMBLY:
            found |= stack_templates(assembly / properties["directoryName"])
        elif artifact["type"] == STACK:
            found[properties["stackName"]] = assembly / properties["templateFile"]
    return found


def synthesised(assembly: Path) -> Resources:
    """Resources of every stack of a cloud assembly."""
    templates = stack_templates(assembly).items()
    return _joined({name: json.loads(path.read_text(encoding="utf-8")) for name, path in templates})


def deployed(cloudformation: Any, names: list[str]) -> Resources:
    """Resources of those of the stacks that exist; `cloudformation` is a boto3 client."""
    templates = {}
    for name in names:
        try:
            templates[name] = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        except ClientError as error:
            # What CloudFormation answers for a stack that does not exist.
            if error.response["Error"]["Code"] != "ValidationError":
                raise
    return _joined(templates)


def _joined(templates: Mapping[str, Mapping[str, Any]]) -> Resources:
    return {
        f"{stack}/{logical_id}": resource
        for stack, template in templates.items()
        for logical_id, resource in template.get("Resources", {}).items()
    }
