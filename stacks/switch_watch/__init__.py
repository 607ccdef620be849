"""Watches that no maintenance switch stays on beyond its end: clients would be on the page for nothing."""

from pathlib import Path

from aws_cdk import (
    Aws,
    Duration,
    aws_cloudwatch as cloudwatch,
    aws_events as events,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_s3 as s3,
)
from constructs import Construct

from understudy_failover.contract import switch_end
from understudy_failover.contract.switch import FOLDER, FOR_ALL, switch_bucket

from ..function_role import FunctionRole
from ..notifications import Notifications
from ..overdue_alarm import LOOK, NAMESPACE, WITHOUT_END_HOURS, OverdueAlarm
from ..python_function import python_function

HANDLER = Path(__file__).parent / "handler"


class SwitchWatch(Construct):
    """A function that looks every five minutes; what it publishes every switch has an `OverdueAlarm` on.

    It publishes of switches that are on: no data mean that a switch is off, and that is no breach.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, notifications: Notifications) -> None:
        super().__init__(scope, id_)
        # By its name, which follows from app and account, as the command does: nothing more crosses the stacks.
        bucket = s3.Bucket.from_bucket_name(self, "Bucket", switch_bucket(app, Aws.ACCOUNT_ID))
        role = FunctionRole(self, "Watch")
        for statement in self._access(bucket):
            role.role.add_to_policy(statement)
        function = python_function(
            self,
            "Function",
            description=f"Publishes for how long maintenance switches of {app} are on beyond their end",
            handler="switch_watch.handler",
            folder=HANDLER,
            shared=[Path(switch_end.__file__)],
            environment={
                "APP": app,
                "BUCKET": bucket.bucket_name,
                "FOLDER": FOLDER,
                "WITHOUT_END_HOURS": str(WITHOUT_END_HOURS),
            },
            timeout=Duration.minutes(1),
            role=role,
        )
        events.Rule(
            self,
            "Often",
            description=f"Looks at the maintenance switches of {app}",
            schedule=events.Schedule.rate(LOOK),
            targets=[targets.LambdaFunction(function, retry_attempts=0)],
        )
        OverdueAlarm(self, "All", app=app, switch=FOR_ALL, notifications=notifications)
        failed = function.metric_errors(period=Duration.hours(1), statistic="Sum").create_alarm(
            self,
            "Failed",
            alarm_description=f"The watch over the maintenance switches of {app} fails: see its log.",
            # Once or twice in an hour is trouble of S3 that has passed.
            threshold=3,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notifications.tell(failed, when_over=False)

    def _access(self, bucket: s3.IBucket) -> tuple[iam.PolicyStatement, ...]:
        return (
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects(f"{FOLDER}*")]),
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{FOLDER}*"}},
            ),
            # CloudWatch knows no narrower resource.
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
            ),
        )
