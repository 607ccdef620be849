"""Watches that no maintenance switch stays on beyond its end: clients would be on the page for nothing."""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import (
    Aws,
    Duration,
    aws_cloudwatch as cloudwatch,
    aws_cloudwatch_actions as actions,
    aws_events as events,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_lambda as lambda_,
    aws_s3 as s3,
)
from constructs import Construct

from settings import Server
from settings.switch import ENDS_AT, FOLDER, FOR_ALL, switch_bucket
from stacks.function_role import FunctionRole
from stacks.logical_ids import pascal_case
from stacks.notifications import Notifications

HANDLER = Path(__file__).parent / "handler"
NAMESPACE = "Understudy"
METRIC = "SwitchOverdueMinutes"
LOOK = Duration.minutes(5)
GRACE_MINUTES = 10
"""Beyond the end before anybody is told: a window ends by itself within a minute or two."""
WITHOUT_END_HOURS = 24
"""For how long a switch without an end may be on."""


class SwitchWatch(Construct):
    """A function that looks every five minutes, and an alarm for every switch on what it publishes.

    It publishes of switches that are on: no data mean that a switch is off, and that is no breach.
    """

    def __init__(
        self, scope: Construct, id_: str, *, app: str, servers: Sequence[Server], notifications: Notifications
    ) -> None:
        super().__init__(scope, id_)
        # By its name, which follows from app and account, as the command does: nothing more crosses the stacks.
        bucket = s3.Bucket.from_bucket_name(self, "Bucket", switch_bucket(app, Aws.ACCOUNT_ID))
        role = FunctionRole(self, "Watch")
        for statement in self._access(bucket):
            role.role.add_to_policy(statement)
        function = lambda_.Function(
            self,
            "Function",
            description=f"Publishes for how long maintenance switches of {app} are on beyond their end",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="switch_watch.handler",
            code=lambda_.Code.from_asset(str(HANDLER), exclude=["__pycache__"]),
            environment={
                "APP": app,
                "BUCKET": bucket.bucket_name,
                "FOLDER": FOLDER,
                "ENDS_AT": ENDS_AT,
                "WITHOUT_END_HOURS": str(WITHOUT_END_HOURS),
            },
            timeout=Duration.minutes(1),
            memory_size=256,
            role=role.role,
            log_group=role.log_group,
        )
        events.Rule(
            self,
            "Often",
            description=f"Looks at the maintenance switches of {app}",
            schedule=events.Schedule.rate(LOOK),
            targets=[targets.LambdaFunction(function, retry_attempts=0)],
        )
        action = actions.SnsAction(notifications.topic)
        for switch in (FOR_ALL, *(server.name for server in servers)):
            alarm = self._alarm(app, switch)
            alarm.add_alarm_action(action)
            alarm.add_ok_action(action)
        function.metric_errors(period=Duration.hours(1), statistic="Sum").create_alarm(
            self,
            "Failed",
            alarm_description=f"The watch over the maintenance switches of {app} fails: see its log.",
            # Once or twice in an hour is trouble of S3 that has passed.
            threshold=3,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        ).add_alarm_action(action)

    def _alarm(self, app: str, switch: str) -> cloudwatch.Alarm:
        whose = "all servers" if switch == FOR_ALL else switch
        off = "--all" if switch == FOR_ALL else switch
        return cloudwatch.Alarm(
            self,
            "All" if switch == FOR_ALL else f"Switch{pascal_case(switch)}",
            alarm_name=f"{app} maintenance of {whose} is overdue",
            alarm_description=f"ALARM: the maintenance switch of {whose} ({app}) is on beyond the end that it tells, "
            f"or without one for {WITHOUT_END_HOURS} h, and clients are on the maintenance page. Turn it off: "
            f"python -m operations maintenance off {off} --apply. OK: it is off, or has a later end.",
            metric=cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name=METRIC,
                dimensions_map={"App": app, "Switch": switch},
                # Two looks: one that comes late leaves no gap.
                period=Duration.minutes(2 * LOOK.to_minutes()),
                statistic="Minimum",
            ),
            threshold=GRACE_MINUTES,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

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
