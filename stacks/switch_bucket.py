"""The bucket of the maintenance switch: an object in it sends a server's clients to the maintenance page."""

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

    def __init__(self, scope: Construct, id_: str, *, app: str, switches: Sequence[str], upload: FunctionRole) -> None:
        """`switches` are the names of all there are."""
        super().__init__(scope, id_)
        self.keys = [switch_key(name) for name in switches]
        self.bucket = private_bucket(
            self,
            "Bucket",
            bucket_name=switch_bucket(app, Aws.ACCOUNT_ID),
            purpose=f"Maintenance switches of {app}: an object is a switch that is on",
        )
        # Not `event_bridge_enabled`: it brings a function of the CDK's, whose log group outlives the stack.
        cast(s3.CfnBucket, self.bucket.node.default_child).notification_configuration = TELLS_EVENTBRIDGE

        def write(folder: Path) -> None:
            (folder / NOTE_KEY).write_text(NOTE.format(app=app), encoding="utf-8")

        # Its deletion empties the bucket, switch objects included, or the bucket could not be deleted. A deploy
        # takes nothing away. The function is the one that brings the page, so the role is that one's as well.
        note = bucket_files(
            self,
            "Note",
            bucket=self.bucket,
            asset=folder_asset(self, "Files", write),
            prune=False,
            upload=upload,
            purpose="A note for whoever opens the bucket; its deletion empties the bucket",
        )
        # The function is there already, with the layer of the page's deployment: the CDK makes another one for nobody.
        note.node.try_remove_child("AwsCliLayer")
