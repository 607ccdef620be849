"""The bucket of the maintenance switches: an object in it sends a server's clients to the maintenance page."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from aws_cdk import Aws, aws_s3 as s3
from constructs import Construct

from understudy_failover.contract.switch import FOLDER, NOTE_KEY, switch_bucket, switch_key

from .bucket_files import bucket_files, folder_asset
from .function_role import FunctionRole
from .private_bucket import private_bucket

NOTE = f"""\
Maintenance switches of {{app}}. An object {FOLDER}SERVER sends the clients of that server to the
maintenance page; its content does not matter. Without it they stay on the server. Use `understudy maintenance`.
"""
EVENTBRIDGE = s3.CfnBucket.NotificationConfigurationProperty(
    event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
)


class SwitchBucket(Construct):
    """Separate from the page's bucket, which a deploy prunes, and which an operator of switches need not write.

    Its name follows from app and account: finding it needs no control plane.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, switches: Sequence[str], upload: FunctionRole) -> None:
        """`switches` are the names of all switches."""
        super().__init__(scope, id_)
        self.keys = [switch_key(name) for name in switches]
        self.bucket = private_bucket(
            self,
            "Bucket",
            bucket_name=switch_bucket(app, Aws.ACCOUNT_ID),
            purpose=f"Maintenance switches of {app}: an object is a switch that is on",
        )
        # Not `event_bridge_enabled`, which adds a function of the CDK whose log group outlives the stack.
        cast(s3.CfnBucket, self.bucket.node.default_child).notification_configuration = EVENTBRIDGE

        def write(folder: Path) -> None:
            (folder / NOTE_KEY).write_text(NOTE.format(app=app), encoding="utf-8")

        # Its deletion empties the bucket, switch objects included, so that the bucket can be deleted. A deploy removes
        # nothing. The page's deployment uses the same function, and so the same role.
        note = bucket_files(
            self,
            "Note",
            bucket=self.bucket,
            asset=folder_asset(self, "Files", write),
            prune=False,
            upload=upload,
            purpose="Puts a README into the bucket; its deletion empties the bucket",
        )
        # The function has the layer of the page's deployment; the CDK adds another layer that nothing uses.
        note.node.try_remove_child("AwsCliLayer")
