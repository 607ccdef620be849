"""What a Lambda function needs to write its own log, and nothing else."""

from aws_cdk import RemovalPolicy, aws_iam as iam, aws_logs as logs
from constructs import Construct


class FunctionRole(Construct):
    """Execution role and log group of one function.

    Instead of AWSLambdaBasicExecutionRole: that one lets a function create log groups, and so its last
    lines, written while the stack is being deleted, would leave a log group behind for ever.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.log_group = logs.LogGroup(
            self,
            "LogGroup",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.role)
