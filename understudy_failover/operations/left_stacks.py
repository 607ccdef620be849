"""Deployed stacks of an installation that failover.toml has no more.

No deploy removes a stack: what it holds goes on serving and is paid for, and nothing else can have its host names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def left_stacks(cloudformation: Any, wanted: Mapping[str, str]) -> dict[str, Left]:
    """By name, sorted, what is deployed and not `wanted`: the descriptions, by name, of the stacks that should be.

    A further stack's name begins with that of the first of its kind, and both describe themselves in the same words, as
    they did in every release: of `APP`, or of `APP_PART`. By its name alone it could be another installation's, whose
    app begins alike; its words name that app. Other stacks of an app that embeds this one have no kind.

    Raises:
        BotoCoreError, ClientError: CloudFormation refuses, or cannot be reached.
    """
    pages = cloudformation.get_paginator("list_stacks").paginate()
    listed = [one for page in pages for one in page["StackSummaries"] if one["StackStatus"] not in NOT_THERE]
    states = {str(one["StackName"]): one["StackStatus"] for one in listed}
    firsts = [first for first, words in wanted.items() if _is_first(first, words)]
    kinds = {
        name: of_kind
        for name in sorted(states.keys() - wanted.keys())
        if (of_kind := [one for one in firsts if name.startswith(f"{one}-")])
    }
    found: dict[str, Left] = {}
    for name, template in deployed_templates(cloudformation, kinds).items():
        if not isinstance(template, Mapping):  # somebody's YAML
            continue
        words = str(template.get("Description"))
        for first in kinds[name]:
            if words.replace(f"_{name.removeprefix(f'{first}-')} ", " ") == wanted[first]:
                found[name] = Left(first, {} if states[name] == EMPTY else template)
    return found


def _is_first(name: str, words: str) -> bool:
    """Of a stack without a part in its name (`settings.division.stack_name`): its words name its app."""
    app, _, kind = name.rpartition("-")
    return kind in {"maintenance", "failover"} and f" {app} " in words
