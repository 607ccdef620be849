"""The bucket of the maintenance switch: an object in it sends a server's clients to the maintenance page."""

from typing import cast

from aws_cdk import Aws, RemovalPolicy, Tags, aws_s3 as s3, aws_s3_deployment as s3_deployment
from constructs import Construct

from understudy_failover.contract.switch import FOLDER, NOTE_KEY, switch_bucket

from .function_role import FunctionRole

NOTE = f"""\
The maintenance switch of {{app}}. An object {FOLDER}SERVER sends the clients of that server to the
maintenance page, whatever it holds; none leaves them on the server. Use `understudy maintenance`.
"""
TELLS_EVENTBRIDGE = s3.CfnBucket.NotificationConfigurationProperty(
    event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
)


class SwitchBucket(Construct):
    """Apart from the page's bucket: a deploy prunes that one, and who flips a switch need not write the page.

    Its name follows from app and account, so that no control plane has to be asked for it.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, upload: FunctionRole) -> None:
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=switch_bucket(app, Aws.ACCOUNT_ID),
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # Not `event_bridge_enabled`: it brings a function of the CDK's, whose log group outlives the stack.
        cast(s3.CfnBucket, self.bucket.node.default_child).notification_configuration = TELLS_EVENTBRIDGE
        # Its deletion empties the bucket, switch objects included, or the bucket could not be deleted. A deploy
        # takes nothing away. The function is the one that brings the page, so the role is that one's as well.
        deployment = s3_deployment.BucketDeployment(
            self,
            "Note",
            destination_bucket=self.bucket,
            sources=[s3_deployment.Source.data(NOTE_KEY, NOTE.format(app=app))],
            prune=False,
            retain_on_delete=False,
            role=upload.role,
            log_group=upload.log_group,
        )
        # See maintenance_site.py: with this tag the deletion would leave the objects where they are.
        owner = deployment.node.find_child("CustomResource").node.addr[-8:]
        Tags.of(self.bucket).remove(f"aws-cdk:cr-owned:{owner}")
