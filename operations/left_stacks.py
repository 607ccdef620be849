"""Deployed stacks of an installation that failover.toml has no more.

No deploy removes a stack: what it holds goes on serving and is paid for, and nothing else can have its host names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOT_THERE = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
"""States of a stack that holds nothing: deleted within 90 days, or only ever planned.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
"""


@dataclass(frozen=True)
class Left:
    """A deployed stack that should not be any more."""

    first: str
    """Name of the stack that is the first of its kind: `understudy-example-failover`."""
    template: Mapping[str, Any]


def left_stacks(cloudformation: Any, wanted: Mapping[str, str]) -> dict[str, Left]:
    """By name, sorted, what is deployed and not `wanted`: the descriptions, by name, of the stacks that should be.

    A further stack's name begins with that of the first of its kind, and both describe themselves in the same words, as
    they did in every release: of `APP`, or of `APP_PART`. By its name alone it could be another installation's, whose
    app begins alike; its words name that app.

    Raises:
        BotoCoreError, ClientError: CloudFormation refuses, or cannot be reached.
    """
    pages = cloudformation.get_paginator("list_stacks").paginate()
    listed = [one for page in pages for one in page["StackSummaries"] if one["StackStatus"] not in NOT_THERE]
    found: dict[str, Left] = {}
    for name in sorted({str(one["StackName"]) for one in listed} - wanted.keys()):
        kinds = [first for first in wanted if name.startswith(f"{first}-")]
        if not kinds:
            continue
        template = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        if not isinstance(template, Mapping):  # somebody's YAML
            continue
        words = str(template.get("Description"))
        for first in kinds:
            if words.replace(f"_{name.removeprefix(f'{first}-')} ", " ") == wanted[first]:
                found[name] = Left(first, template)
    return found
