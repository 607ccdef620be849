"""The deployed templates and the synthesised templates."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.contract.identity import Identity, identity
from understudy_failover.contract.regular_file import read_file

Resource = Mapping[str, Any]
"""`{"Type": …, "Properties": …}`."""
Resources = Mapping[str, Resource]
"""By logical id with the stack's name before it: `understudy-example-failover/WebHealthCheck`."""

STACK = "aws:cloudformation:stack"
ASSEMBLY = "cdk:cloud-assembly"
UNUSABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""Errors of reading JSON that is not what it should be."""


class AssemblyError(Exception):
    """The folder is no cloud assembly; the text says so, and what to do."""

    fix = "write one with `cdk synth --quiet`"

    def __init__(self, wrong: str) -> None:
        super().__init__(f"{wrong}; {self.fix}")
        self.wrong = wrong


def stack_templates(assembly: Path) -> dict[str, Path]:
    """Return the template file of every stack by its name, nested assemblies (stages) included. Raise AssemblyError.

    https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (Cloud assemblies)
    """
    try:
        return {stack["stackName"]: stack["folder"] / stack["templateFile"] for stack in _stack_properties(assembly)}
    except UNUSABLE:
        raise AssemblyError(f"{assembly} is no cloud assembly") from None


def _stack_properties(assembly: Path) -> Iterator[dict[str, Any]]:
    """Yield the properties of every stack's artifact, with the `folder` of its assembly."""
    try:
        for artifact in json.loads(read_file(assembly / "manifest.json"))["artifacts"].values():
            properties = artifact.get("properties", {})
            if artifact["type"] == ASSEMBLY:
                yield from _stack_properties(assembly / properties["directoryName"])
            elif artifact["type"] == STACK:
                yield {**properties, "folder": assembly}
    except UNUSABLE:
        raise AssemblyError(f"{assembly} is no cloud assembly") from None


def bootstraps(assembly: Path) -> dict[str, int]:
    """Return the SSM parameters with the CDK's bootstrap version, each with the least version. Raise AssemblyError."""
    versions: dict[str, int] = {}
    for properties in _stack_properties(assembly):
        if name := properties.get("bootstrapStackVersionSsmParameter"):
            versions[name] = max(versions.get(name, 0), int(properties.get("requiresBootstrapStackVersion", 0)))
    return versions


def synthesized_resources(assembly: Path) -> Resources:
    return joined(_templates(assembly))


def identities(assembly: Path) -> dict[str, Identity]:
    return _identified(_templates(assembly))


def identities_deployed(cloudformation: Any, names: Iterable[str]) -> dict[str, Identity]:
    """Return the identity of each deployed stack, by name; an empty identity for a stack that is not deployed."""
    return dict.fromkeys(names, Identity("", "", "")) | _identified(deployed_templates(cloudformation, names))


def split_by_stack(resources: Resources, stacks: Collection[str]) -> tuple[Resources, Resources]:
    own = {key: resource for key, resource in resources.items() if key.partition("/")[0] in stacks}
    return own, {key: resource for key, resource in resources.items() if key not in own}


def deployed(cloudformation: Any, names: Iterable[str]) -> Resources:
    """Return the resources of those of the stacks that exist; `cloudformation` is a boto3 client."""
    return joined(deployed_templates(cloudformation, names))


def deployed_templates(cloudformation: Any, names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return the templates of those of the stacks that exist, by name."""
    templates = {}
    for name in names:
        try:
            answer = cloudformation.get_template(StackName=name, TemplateStage="Original")
        except ClientError as error:
            # CloudFormation's code for a stack that does not exist.
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            continue
        if body := answer.get("TemplateBody"):  # a stack that was only planned has none
            templates[name] = body
    return templates


def _identified(templates: Mapping[str, Mapping[str, Any]]) -> dict[str, Identity]:
    return {name: identity(template) for name, template in templates.items()}


def _templates(assembly: Path) -> dict[str, Mapping[str, Any]]:
    return {name: _template(path) for name, path in stack_templates(assembly).items()}


def _template(path: Path) -> Mapping[str, Any]:
    try:
        template: Mapping[str, Any] = json.loads(read_file(path))
        if all(isinstance(resource["Type"], str) for resource in template.get("Resources", {}).values()):
            return template
    except UNUSABLE:
        pass
    raise AssemblyError(f"{path} is no template")


def joined(templates: Mapping[str, Mapping[str, Any]]) -> Resources:
    return {
        f"{stack}/{logical_id}": resource
        for stack, template in templates.items()
        for logical_id, resource in template.get("Resources", {}).items()
    }
