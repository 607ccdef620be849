"""The execution role of a Lambda function: permission to write its own log, and its statements."""

from collections.abc import Mapping, Sequence

from aws_cdk import RemovalPolicy, Stack, aws_iam as iam, aws_logs as logs
from constructs import Construct

from .purpose import declare_purpose


def allow(
    *actions: str, on: Sequence[str], conditions: Mapping[str, Mapping[str, object]] | None = None
) -> iam.PolicyStatement:
    """Return a statement that allows `actions` on the ARNs in `on`."""
    return iam.PolicyStatement(actions=list(actions), resources=list(on), conditions=conditions)


def global_arn(scope: Construct, service: str, resource: str, name: str) -> str:
    """Return an ARN without a region, in the account and partition of the stack."""
    return Stack.of(scope).format_arn(service=service, region="", resource=resource, resource_name=name)


class FunctionRole(Construct):
    """The execution role of a function, with its policies inline, and its log group.

    Without AWSLambdaBasicExecutionRole, which may create log groups: the last lines of a function, written while its
    stack is deleted, would leave a log group behind.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        description: str,
        statements: Sequence[iam.PolicyStatement],
        log_group: logs.LogGroup | None = None,
    ) -> None:
        """`log_group` None is a new log group."""
        super().__init__(scope, id_)
        self.log_group = log_group or self._log_group()
        write = allow("logs:CreateLogStream", "logs:PutLogEvents", on=[self.log_group.log_group_arn])
        role = iam.Role(
            self,
            "Role",
            description=description,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            # Inline: the role never exists without its policy.
            inline_policies={"Function": iam.PolicyDocument(statements=[write, *statements])},
        )
        # The statements above already grant, narrower, what the CDK would add.
        self.role = role.without_policy_updates()

    def _log_group(self) -> logs.LogGroup:
        log_group = logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
        )
        declare_purpose(log_group, "Log of the functions of this stack")
        return log_group
