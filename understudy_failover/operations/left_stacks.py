"""Deployed stacks of an installation that failover.toml has no more.

No deploy removes a stack: what it holds goes on serving and is paid for, and nothing else can have its host names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy_failover.contract.identity import Identity, identity
from understudy_failover.operations.review.templates import deployed_templates

NOT_THERE = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
"""States of a stack that holds nothing: deleted within 90 days, or only ever planned.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
"""
EMPTY = "ROLLBACK_COMPLETE"
"""Of a stack whose first deploy failed: CloudFormation has its template, and nothing of what that declares."""


@dataclass(frozen=True)
class Left:
    """A deployed stack that should not be any more."""

    first: str
    """Name of the stack that is the first of its kind: `understudy-example-failover`."""
    template: Mapping[str, Any]
    """Without anything for a stack that is `EMPTY`."""


def left_stacks(cloudformation: Any, wanted: Mapping[str, Identity]) -> dict[str, Left]:
    """Return what is deployed and not `wanted`, by name and sorted; `wanted` are the stacks that should be, by name.

    The name of an additional stack begins with that of the first of its kind, and both carry the same app and kind in
    their metadata. By its name alone it could belong to another installation, whose app begins alike. Other stacks of
    an app that embeds this one carry none.

    Raises:
        BotoCoreError, ClientError: CloudFormation refuses, or cannot be reached.
    """
    pages = cloudformation.get_paginator("list_stacks").paginate()
    listed = [one for page in pages for one in page["StackSummaries"] if one["StackStatus"] not in NOT_THERE]
    states = {str(one["StackName"]): one["StackStatus"] for one in listed}
    firsts = [first for first, own in wanted.items() if _is_first(first, own)]
    kinds = {
        name: of_kind
        for name in sorted(states.keys() - wanted.keys())
        if (of_kind := [one for one in firsts if name.startswith(f"{one}-")])
    }
    found: dict[str, Left] = {}
    for name, template in deployed_templates(cloudformation, kinds).items():
        if not isinstance(template, Mapping):  # somebody's YAML
            continue
        for first in kinds[name]:
            if _same_kind(identity(template), wanted[first], name.removeprefix(f"{first}-")):
                found[name] = Left(first, {} if states[name] == EMPTY else template)
    return found


def _is_first(name: str, own: Identity) -> bool:
    """Whether a stack of ours has no part in its name (`settings.division.stack_name`)."""
    if own.app:
        return name == f"{own.app}-{own.kind}"
    app, _, kind = name.rpartition("-")
    return kind in {"maintenance", "failover"} and f" {app} " in own.description


def _same_kind(deployed: Identity, first: Identity, part: str) -> bool:
    if deployed.app:
        return (deployed.app, deployed.kind) == (first.app, first.kind)
    # 0.1.0 carries no metadata: its description names APP, or APP_PART, and has not changed since.
    return deployed.description.replace(f"_{part} ", " ") == first.description
