"""The two sides of a review: the templates that are deployed, and those that were synthesised."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.contract.identity import Identity, identity

Resource = Mapping[str, Any]
"""`{"Type": …, "Properties": …}`."""
Resources = Mapping[str, Resource]
"""By logical id, of all stacks; a stack's name stands before each: `understudy-example-failover/WebHealthCheck`."""

STACK = "aws:cloudformation:stack"
ASSEMBLY = "cdk:cloud-assembly"


class AssemblyError(Exception):
    """There is no cloud assembly where one was looked for; the text says so, and what to do."""

    fix = "write one with `cdk synth --quiet`"

    def __init__(self, wrong: str) -> None:
        super().__init__(f"{wrong}; {self.fix}")
        self.wrong = wrong


def stack_templates(assembly: Path) -> dict[str, Path]:
    """Template file of every stack by the stack's name, those of nested assemblies (stages) included.

    https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (Cloud assemblies)

    Raises:
        AssemblyError: `assembly` is no folder that `cdk synth` wrote.
    """
    return {one["stackName"]: one["folder"] / one["templateFile"] for one in _stack_properties(assembly)}


def _stack_properties(assembly: Path) -> Iterator[dict[str, Any]]:
    """Properties of every stack's artifact, with the `folder` of its assembly."""
    try:
        artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    except (OSError, ValueError, KeyError):
        raise AssemblyError(f"{assembly} is no cloud assembly") from None
    for artifact in artifacts.values():
        properties = artifact.get("properties", {})
        if artifact["type"] == ASSEMBLY:
            yield from _stack_properties(assembly / properties["directoryName"])
        elif artifact["type"] == STACK:
            yield {**properties, "folder": assembly}


def bootstraps(assembly: Path) -> dict[str, int]:
    """Names of the SSM parameters that hold the version of the CDK's bootstrap, each with the least that is needed.

    Raises:
        AssemblyError: `assembly` is no folder that `cdk synth` wrote.
    """
    found: dict[str, int] = {}
    for properties in _stack_properties(assembly):
        if name := properties.get("bootstrapStackVersionSsmParameter"):
            found[name] = max(found.get(name, 0), int(properties.get("requiresBootstrapStackVersion", 0)))
    return found


def synthesised(assembly: Path) -> Resources:
    """Resources of every stack of a cloud assembly."""
    return joined(_templates(assembly))


def identities(assembly: Path) -> dict[str, Identity]:
    """Return whose every stack of a cloud assembly is, by the stack's name."""
    return _identified(_templates(assembly))


def identities_deployed(cloudformation: Any, names: Iterable[str]) -> dict[str, Identity]:
    """Return the same of stacks as they are deployed; an empty identity for one that is not."""
    return dict.fromkeys(names, Identity("", "", "")) | _identified(deployed_templates(cloudformation, names))


def parted(resources: Resources, stacks: Collection[str]) -> tuple[Resources, Resources]:
    """Resources of these stacks, and those of others."""
    own = {key: one for key, one in resources.items() if key.partition("/")[0] in stacks}
    return own, {key: one for key, one in resources.items() if key not in own}


def deployed(cloudformation: Any, names: Iterable[str]) -> Resources:
    """Resources of those of the stacks that exist; `cloudformation` is a boto3 client."""
    return joined(deployed_templates(cloudformation, names))


def deployed_templates(cloudformation: Any, names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Templates of those of the stacks that exist, by name."""
    templates = {}
    for name in names:
        try:
            told = cloudformation.get_template(StackName=name, TemplateStage="Original")
        except ClientError as error:
            # What CloudFormation answers for a stack that does not exist.
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            continue
        if body := told.get("TemplateBody"):  # none of a stack that was only ever planned
            templates[name] = body
    return templates


def _identified(templates: Mapping[str, Mapping[str, Any]]) -> dict[str, Identity]:
    return {name: identity(template) for name, template in templates.items()}


def _templates(assembly: Path) -> dict[str, Mapping[str, Any]]:
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in stack_templates(assembly).items()}


def joined(templates: Mapping[str, Mapping[str, Any]]) -> Resources:
    """Resources of templates that stand under their stacks' names."""
    return {
        f"{stack}/{logical_id}": resource
        for stack, template in templates.items()
        for logical_id, resource in template.get("Resources", {}).items()
    }
