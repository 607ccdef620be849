"""Let `cdk destroy` remove orphaned stacks: `python -m …destroyable ASSEMBLY STACKS`.

The CDK destroys only stacks of a cloud assembly. This module adds the orphaned stacks to it, with their deployed
templates and names: `understudy destroy NAME` removes one, with the question and the roles of every `cdk destroy`;
`understudy destroy` removes all stacks in the right order.

`cdk destroy NAME` also removes every stack that uses it, which may serve visitors: so it is refused while another
stack uses it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations import aws
from understudy_failover.operations.orphaned_stacks import OrphanedStack, orphaned_stacks
from understudy_failover.operations.review.templates import (
    STACK,
    AssemblyError,
    deployed_templates,
    identities,
    stack_templates,
)

OF_A_DEPLOY = ("additionalDependencies", "stackTemplateAssetObjectUrl")
"""Properties with the names of assets."""


def main() -> int:
    """Return 0: the assembly has every deployed stack; 1: this could not be determined, or the stack is in use."""
    assembly, selected = Path(sys.argv[1]), sys.argv[2]
    try:
        cloudformation = aws.client("cloudformation")
        wanted = identities(assembly)
        left = orphaned_stacks(cloudformation, wanted)
        if left:
            others = deployed_templates(cloudformation, wanted)
            if selected in left and (users := _users(selected, left, others)):
                print(
                    f"destroy: {selected} is used by {', '.join(users)}; `understudy diff` shows the order",
                    file=sys.stderr,
                )
                return 1
            add(assembly, left, others)
    except (AssemblyError, BotoCoreError, ClientError) as error:
        print(f"destroy: {aws.in_words(error)}{aws.advice(error)}", file=sys.stderr)
        return 1
    return 0


def add(assembly: Path, left: Mapping[str, OrphanedStack], others: Mapping[str, Mapping[str, Any]]) -> None:
    """Add `left` beside the first stacks of their kinds; `others` are the other deployed templates, by name."""
    templates = {**others, **{name: orphan.template for name, orphan in left.items()}}
    for folder in sorted({path.parent for path in stack_templates(assembly).values()}):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        artifacts = manifest["artifacts"]
        ids = {
            artifact["properties"]["stackName"]: id_ for id_, artifact in artifacts.items() if artifact["type"] == STACK
        }
        here = {name: orphan for name, orphan in left.items() if orphan.first in ids}
        for name, orphan in here.items():
            (folder / f"{name}.template.json").write_text(json.dumps(orphan.template), encoding="utf-8")
            artifacts[name] = _artifact(name, artifacts[ids[orphan.first]])
        ids |= {name: name for name in here}
        for name, id_ in ids.items():
            # As deployed: a stack is removed before those that it imports from.
            imported = {ids[stack] for stack in _imports(templates.get(name, {})) if stack in ids}
            artifacts[id_]["dependencies"] = sorted({*artifacts[id_].get("dependencies", ()), *imported})
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _users(stack: str, left: Mapping[str, OrphanedStack], others: Mapping[str, Mapping[str, Any]]) -> list[str]:
    templates = {**others, **{name: orphan.template for name, orphan in left.items()}}
    return sorted(name for name, template in templates.items() if name != stack and stack in _imports(template))


def _artifact(name: str, first: Mapping[str, Any]) -> dict[str, Any]:
    """Return the artifact: https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html"""
    properties = {key: value for key, value in first["properties"].items() if key not in OF_A_DEPLOY}
    return {
        "type": STACK,
        "environment": first["environment"],
        "properties": properties | {"stackName": name, "templateFile": f"{name}.template.json"},
        "displayName": name,
    }


def _imports(node: Any) -> Iterator[str]:
    """Yield the stacks whose exports a template imports: the CDK names an export `STACK:NAME`."""
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
