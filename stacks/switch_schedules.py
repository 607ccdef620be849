"""What maintenance windows need in the account: a group for their schedules, and a role that flips switches."""

from aws_cdk import Aws, aws_iam as iam, aws_scheduler as scheduler
from constructs import Construct

from understudy_failover.contract.switch import scheduler_role

from .purpose import declare_purpose
from .switch_bucket import SwitchBucket


class SwitchSchedules(Construct):
    """The schedules themselves are made by `maintenance schedule` and delete themselves; the rest go with the group.

    Both have names that follow from the settings, so that the command need not look them up.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, switches: SwitchBucket) -> None:
        super().__init__(scope, id_)
        group = scheduler.CfnScheduleGroup(self, "Group", name=app)
        declare_purpose(group, "Holds the schedules of maintenance windows")
        iam.Role(
            self,
            "Role",
            role_name=scheduler_role(app),
            description=f"Lets EventBridge Scheduler flip the maintenance switches of {app}",
            # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                # The group: `verify` looks at no schedule of another one.
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": group.attr_arn}},
            ),
            inline_policies={
                "FlipSwitches": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["s3:DeleteObject", "s3:PutObject"],
                            resources=[switches.bucket.arn_for_objects(key) for key in switches.keys],
                        )
                    ]
                )
            },
        )
