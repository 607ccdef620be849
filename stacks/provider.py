"""What stands between CloudFormation and a function that answers for a custom resource."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk.custom_resources import Provider
from constructs import Construct

from .function_role import FunctionRole


def provider(scope: Construct, *, function: lambda_.IFunction) -> Provider:
    """The CDK's provider framework, with a log group that goes with the stack."""
    framework = FunctionRole(scope, "Framework")
    return Provider(
        scope,
        "Provider",
        on_event_handler=function,
        framework_on_event_role=framework.role,
        log_group=framework.log_group,
    )
