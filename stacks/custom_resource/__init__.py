"""Custom resources, and their functions, which answer CloudFormation directly.

Without the CDK's provider framework: every handler ends within one Lambda invocation (15 minutes), so nothing polls.
See docs/decisions/0017-footprint.md.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import CfnResource, Duration, aws_lambda as lambda_
from constructs import Construct

from ..function_role import FunctionRole
from ..purpose import declare_purpose
from ..python_function import python_function

RESPONDER = Path(__file__).parent / "handler"
FUNCTION_LIMIT = Duration.minutes(14)
SERVICE_TIMEOUT_SECONDS = "960"
"""Longer than the function's time-out: only a lost answer reaches it."""


def custom_resource_function(
    scope: Construct, *, description: str, sources: Sequence[Path], role: FunctionRole, entry: str = "index"
) -> lambda_.Function:
    """Return the function whose module `entry` handles custom resources, with `sources` beside the responder.

    It has the logical id of the function of release 0.1.0, and so its name: a ServiceToken cannot change, and with the
    same token an upgrade updates the custom resources in place.
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
    """Return a custom resource of type `Custom::<type_>`; the CDK's `CustomResource` would be two constructs."""
    resource = CfnResource(
        scope,
        id_,
        type=f"Custom::{type_}",
        properties={"ServiceToken": function.function_arn, "ServiceTimeout": SERVICE_TIMEOUT_SECONDS, **properties},
    )
    declare_purpose(resource, purpose)
    return resource
