"""What a Lambda function may do: write its own log, and what its policy says."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy, aws_iam as iam, aws_logs as logs
from constructs import Construct

from .purpose import declare_purpose


class FunctionRole(Construct):
    """Execution role of one function, its whole policy inline, and the log group that it writes to.

    Instead of AWSLambdaBasicExecutionRole: that one lets a function create log groups, and so its last
    lines, written while the stack is being deleted, would leave a log group behind for ever.
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
        """`description` says whose role it is; its function writes to `log_group`, or to a new one."""
        super().__init__(scope, id_)
        self.log_group = log_group or self._log_group()
        write = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group.log_group_arn]
        )
        role = iam.Role(
            self,
            "Role",
            description=description,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            # Inline: a function never runs between its role and a policy of its own.
            inline_policies={"Function": iam.PolicyDocument(statements=[write, *statements])},
        )
        # What the CDK would grant by itself stands above already, narrower.
        self.role = role.without_policy_updates()

    def _log_group(self) -> logs.LogGroup:
        log_group = logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
        )
        declare_purpose(log_group, "Log of the functions of this stack")
        return log_group
