"""Custom resources and the functions that answer CloudFormation for them directly.

No provider framework: every handler ends within the 15 minutes of one Lambda invocation, so there is nothing to poll.
See docs/decisions/0017-footprint.md.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import CfnResource, Duration, aws_lambda as lambda_
from constructs import Construct

from ..function_role import FunctionRole
from ..python_function import python_function

RESPONDER = Path(__file__).parent / "handler"
FUNCTION_LIMIT = Duration.minutes(14)
SERVICE_TIMEOUT_SECONDS = "960"
"""Longer than the function may take: only a lost answer ends in this time-out."""


def custom_resource_function(
    scope: Construct, *, description: str, sources: Sequence[Path], role: FunctionRole, entry: str = "index"
) -> lambda_.Function:
    """Return the function whose `entry` answers for custom resources, `sources` beside the responder.

    It has the logical id of the provider framework's function of release 0.1.0, and so its name: a ServiceToken
    cannot change, and with the same one an upgrade updates the custom resources in place.
    """
    return python_function(
        Construct(scope, "Provider"),
        "framework-onEvent",
        description=description,
        sources=(*sources, RESPONDER),
        timeout=FUNCTION_LIMIT,
        role=role,
        entry=entry,
    )


def custom_resource(
    scope: Construct, id_: str, *, type_: str, function: lambda_.IFunction, purpose: str, properties: Mapping[str, Any]
) -> CfnResource:
    """Return a custom resource of type `Custom::<type_>`, one construct instead of the two of `CustomResource`."""
    resource = CfnResource(
        scope,
        id_,
        type=f"Custom::{type_}",
        properties={"ServiceToken": function.function_arn, "ServiceTimeout": SERVICE_TIMEOUT_SECONDS, **properties},
    )
    resource.add_metadata("Purpose", purpose)
    return resource
