"""Deployed stacks of an installation that failover.toml has no more.

No deploy removes a stack: what it holds goes on serving and is paid for, and nothing else can have its host names.
"""

from collections.abc import Mapping
from typing import Any

NOT_THERE = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
"""States of a stack that holds nothing: deleted within 90 days, or only ever planned.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
"""


def left_stacks(cloudformation: Any, wanted: Mapping[str, str]) -> dict[str, str]:
    """Each stack that is deployed and not `wanted`, with the one of these whose kind it is; sorted.

    `wanted` are the descriptions, by name, of the stacks that should be. A further stack's name begins with that of the
    first of its kind, and both describe themselves in the same words, as they did in every release. By its name alone
    it could be another installation's, whose app begins alike; but its words name that app.

    Raises:
        BotoCoreError, ClientError: CloudFormation refuses, or cannot be reached.
    """
    pages = cloudformation.get_paginator("list_stacks").paginate()
    listed = [one for page in pages for one in page["StackSummaries"] if one["StackStatus"] not in NOT_THERE]
    found: dict[str, str] = {}
    for name in sorted({str(one["StackName"]) for one in listed} - wanted.keys()):
        kinds = [first for first in wanted if name.startswith(f"{first}-")]
        if kinds:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            found |= {name: first for first in kinds if stack.get("Description") == wanted[first]}
    return found
