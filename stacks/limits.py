"""What CloudFormation and Lambda do not take, found in the templates before anything is deployed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OWN_LIMITS = {"@aws-cdk/core:stackResourceLimit": 0}
"""Context of an app that calls `check_limits`: the CDK's own check would end in a traceback before it."""
MAX_RESOURCES = 500
MAX_TEMPLATE_BYTES = 1_000_000
"""Of a template in S3, where the CDK puts them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
MAX_ENVIRONMENT_BYTES = 4_096
"""Of all variables of a function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MEND = 'write stack = "NAME" at servers that come new, which gives them a failover stack of their own: docs/scale.md'


class LimitsError(ValueError):
    """Stacks that AWS would not take; the text names each, and how to mend it."""


def check_limits(assembly: Path) -> None:
    """Looks at every template of a cloud assembly, those of its stages included.

    Raises:
        LimitsError: with everything that is too large.
    """
    faults = [fault for file in sorted(assembly.rglob("*.template.json")) for fault in _faults(file)]
    if faults:
        raise LimitsError("\n".join(faults))


def _faults(file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    template: Mapping[str, Any] = json.loads(text)
    name = template.get("Description", file.name)
    resources = template.get("Resources", {})
    if len(resources) > MAX_RESOURCES:
        yield f"{name}: has {len(resources)} resources; CloudFormation takes {MAX_RESOURCES} in a stack. {MEND}"
    if (size := len(text.encode())) > MAX_TEMPLATE_BYTES:
        yield f"{name}: has {size:,} bytes; CloudFormation takes {MAX_TEMPLATE_BYTES:,}. {MEND}"
    for logical_id, resource in resources.items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        variables = resource["Properties"].get("Environment", {}).get("Variables", {})
        # A value with references is longer here than it will be.
        texts = (value if isinstance(value, str) else json.dumps(value) for value in variables.values())
        size = sum(map(len, (*variables, *texts)))
        if size > MAX_ENVIRONMENT_BYTES:
            yield (
                f"{name}: function {logical_id} has environment variables of {size:,} bytes; Lambda takes "
                f"{MAX_ENVIRONMENT_BYTES:,}. {MEND}"
            )
