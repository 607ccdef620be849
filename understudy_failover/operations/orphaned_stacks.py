"""Orphaned stacks: deployed stacks of an installation that are no longer in failover.toml.

No deploy removes a stack: its resources go on serving and cost money, and no other stack can have its host names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy_failover.contract.identity import Identity, identity
from understudy_failover.operations.review.templates import deployed_templates

NOT_THERE = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
"""States of a stack without resources: deleted within 90 days, or only planned.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
"""
EMPTY = "ROLLBACK_COMPLETE"
"""Of a stack whose first deploy failed: CloudFormation has its template, but no resources."""


@dataclass(frozen=True)
class OrphanedStack:
    first: str
    """Name of the first stack of its kind: `understudy-example-failover`."""
    template: Mapping[str, Any]
    """Empty for a stack that is `EMPTY`."""


def orphaned_stacks(cloudformation: Any, wanted: Mapping[str, Identity]) -> dict[str, OrphanedStack]:
    """Return the orphaned stacks by name; `wanted` are the stacks of failover.toml. Raise ClientError or BotoCoreError.

    The name of an additional stack begins with that of the first of its kind, and both have the same app and kind in
    their metadata. The name alone does not decide: another installation's app may begin alike. Other stacks of an app
    that embeds this one have no such metadata.
    """
    pages = cloudformation.get_paginator("list_stacks").paginate()
    stacks = [stack for page in pages for stack in page["StackSummaries"] if stack["StackStatus"] not in NOT_THERE]
    states = {str(stack["StackName"]): stack["StackStatus"] for stack in stacks}
    firsts = [first for first, own in wanted.items() if _is_first(first, own)]
    kinds = {
        name: of_kind
        for name in sorted(states.keys() - wanted.keys())
        if (of_kind := [first for first in firsts if name.startswith(f"{first}-")])
    }
    orphans: dict[str, OrphanedStack] = {}
    for name, template in deployed_templates(cloudformation, kinds).items():
        if not isinstance(template, Mapping):  # YAML of another app
            continue
        for first in kinds[name]:
            if _same_kind(identity(template), wanted[first], name.removeprefix(f"{first}-")):
                orphans[name] = OrphanedStack(first, {} if states[name] == EMPTY else template)
    return orphans


def _is_first(name: str, own: Identity) -> bool:
    """Return whether the stack's name has no shard (`settings.sharding.stack_name`)."""
    if own.app:
        return name == f"{own.app}-{own.kind}"
    app, _, kind = name.rpartition("-")
    return kind in {"maintenance", "failover"} and f" {app} " in own.description


def _same_kind(deployed: Identity, first: Identity, part: str) -> bool:
    if deployed.app:
        return (deployed.app, deployed.kind) == (first.app, first.kind)
    # Release 0.1.0 has no metadata: its description names APP, or APP_PART, and has not changed since.
    return deployed.description.replace(f"_{part} ", " ") == first.description
