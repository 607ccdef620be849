"""The schedule group of maintenance windows, and the role that turns switches on and off."""

from aws_cdk import Aws, aws_iam as iam, aws_scheduler as scheduler
from constructs import Construct

from understudy_failover.contract.switch import scheduler_role

from .function_role import allow
from .purpose import declare_purpose
from .switch_bucket import SwitchBucket


class SwitchSchedules(Construct):
    """`maintenance schedule` creates schedules, which delete themselves; the deletion of the group deletes the others.

    The names of both follow from the settings, so that the command need not look them up.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, switches: SwitchBucket) -> None:
        super().__init__(scope, id_)
        group = scheduler.CfnScheduleGroup(self, "Group", name=app)
        declare_purpose(group, "Holds the schedules of maintenance windows")
        iam.Role(
            self,
            "Role",
            role_name=scheduler_role(app),
            description=f"Lets EventBridge Scheduler turn the maintenance switches of {app} on and off",
            # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                # The group: `verify` looks at no schedule of another one.
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": group.attr_arn}},
            ),
            inline_policies={
                "FlipSwitches": iam.PolicyDocument(
                    statements=[
                        allow(
                            *("s3:DeleteObject", "s3:PutObject"),
                            on=[switches.bucket.arn_for_objects(key) for key in switches.keys],
                        )
                    ]
                )
            },
        )
