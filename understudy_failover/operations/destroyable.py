"""Lets `cdk destroy` remove what failover.toml has no more: `python -m …destroyable ASSEMBLY STACKS`.

The CDK's command line destroys the stacks of a cloud assembly and no others. This adds those that are deployed and
that it lacks, by their deployed templates, under their own names: `understudy destroy NAME` removes one, with the
question and the roles of every `cdk destroy`, and
`understudy destroy` removes them along with the rest, in the right order.

`cdk destroy NAME` also takes every stack that uses that one. Where failover.toml has it no more these may be stacks
that serve, so it is refused as long as another stack uses it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations import aws
from understudy_failover.operations.left_stacks import Left, left_stacks
from understudy_failover.operations.review.templates import (
    STACK,
    AssemblyError,
    deployed_templates,
    identities,
    stack_templates,
)

OF_A_DEPLOY = ("additionalDependencies", "stackTemplateAssetObjectUrl")
"""Properties that name assets."""


def main() -> int:
    """0: the assembly now has every deployed stack; 1: that could not be found out, or the one to go is in use."""
    assembly, selected = Path(sys.argv[1]), sys.argv[2]
    try:
        cloudformation = aws.client("cloudformation")
        wanted = identities(assembly)
        left = left_stacks(cloudformation, wanted)
        if left:
            others = deployed_templates(cloudformation, wanted)
            if selected in left and (users := _users(selected, left, others)):
                print(
                    f"destroy: {selected} is used by {', '.join(users)}; understudy diff tells the order",
                    file=sys.stderr,
                )
                return 1
            add(assembly, left, others)
    except (AssemblyError, BotoCoreError, ClientError) as error:
        print(f"destroy: {aws.in_words(error)}{aws.advice(error)}", file=sys.stderr)
        return 1
    return 0


def add(assembly: Path, left: Mapping[str, Left], others: Mapping[str, Mapping[str, Any]]) -> None:
    """Puts `left` beside the first stacks of their kinds; `others` are the other deployed templates, by name."""
    templates = {**others, **{name: one.template for name, one in left.items()}}
    for folder in sorted({path.parent for path in stack_templates(assembly).values()}):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        artifacts = manifest["artifacts"]
        ids = {one["properties"]["stackName"]: id_ for id_, one in artifacts.items() if one["type"] == STACK}
        here = {name: one for name, one in left.items() if one.first in ids}
        for name, one in here.items():
            (folder / f"{name}.template.json").write_text(json.dumps(one.template), encoding="utf-8")
            artifacts[name] = _artifact(name, artifacts[ids[one.first]])
        ids |= {name: name for name in here}
        for name, id_ in ids.items():
            # As deployed: whoever imports from a stack goes before it.
            imported = {ids[one] for one in _imports(templates.get(name, {})) if one in ids}
            artifacts[id_]["dependencies"] = sorted({*artifacts[id_].get("dependencies", ()), *imported})
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _users(stack: str, left: Mapping[str, Left], others: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Deployed stacks that import from this one."""
    templates = {**others, **{name: one.template for name, one in left.items()}}
    return sorted(name for name, one in templates.items() if name != stack and stack in _imports(one))


def _artifact(name: str, first: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html"""
    properties = {key: value for key, value in first["properties"].items() if key not in OF_A_DEPLOY}
    return {
        "type": STACK,
        "environment": first["environment"],
        "properties": properties | {"stackName": name, "templateFile": f"{name}.template.json"},
        "displayName": name,
    }


def _imports(node: Any) -> Iterator[str]:
    """The stacks whose exports a template imports: the CDK calls an export `STACK:NAME`."""
    match node:
        case {"Fn::ImportValue": str(export)}:
            yield export.partition(":")[0]
        case dict():
            for value in node.values():
                yield from _imports(value)
        case list():
            for value in node:
                yield from _imports(value)


if __name__ == "__main__":
    sys.exit(main())
