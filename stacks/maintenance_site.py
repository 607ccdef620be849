"""The private bucket of the maintenance pages, and the deployment that fills it."""

from pathlib import Path
from typing import cast

from aws_cdk import CfnResource, aws_iam as iam, aws_logs as logs, aws_s3 as s3
from constructs import Construct

from understudy_failover.contract.switch import NOTE_KEY
from understudy_failover.page import FILES_DIGEST, files_digest, site_objects
from understudy_failover.settings import Settings

from .bucket_files import bucket_files, folder_asset
from .function_role import FunctionRole, allow
from .private_bucket import private_bucket


class MaintenanceSite(Construct):
    """The bucket, which only CloudFront can read."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, note_bucket: str | None, log_group: logs.LogGroup
    ) -> None:
        """`note_bucket` is the ARN of the switches' bucket: the function puts a note there and empties the bucket."""
        super().__init__(scope, id_)
        # A deploy can make the pages again at any time, so the bucket goes with the stack.
        self.bucket = private_bucket(self, "Bucket", purpose=f"Maintenance pages of {settings.app}")
        asset = folder_asset(self, "Files", lambda folder: _write(settings, folder))
        self.upload = FunctionRole(
            self,
            "Upload",
            description=f"Copies files of a deploy of {settings.app} into its own buckets",
            statements=_access(asset.bucket, self.bucket.bucket_arn, note_bucket),
            log_group=log_group,
        )
        deployment = bucket_files(
            self,
            "Deployment",
            bucket=self.bucket,
            asset=asset,
            prune=True,
            upload=self.upload,
            purpose="The files of the maintenance pages",
        )
        resource = cast(CfnResource, deployment.node.find_child("CustomResource").node.default_child)
        resource.add_metadata(FILES_DIGEST, files_digest(settings))


def _access(assets: s3.IBucket, pages: str, note_bucket: str | None) -> tuple[iam.PolicyStatement, ...]:
    buckets = [pages, *([note_bucket] if note_bucket else [])]
    return (
        # All assets: permissions for one deploy's come with that deploy, and IAM applies them seconds later.
        # The CDK's function does not retry.
        allow(
            *("s3:GetBucket*", "s3:GetObject*", "s3:List*"),
            on=[arn for bucket in (assets.bucket_arn, *buckets) for arn in (bucket, f"{bucket}/*")],
        ),
        allow("s3:Abort*", "s3:DeleteObject*", on=[f"{bucket}/*" for bucket in buckets]),
        allow("s3:PutObject", on=[f"{pages}/*", *([f"{note_bucket}/{NOTE_KEY}"] if note_bucket else [])]),
    )


def _write(settings: Settings, folder: Path) -> None:
    for site_object in site_objects(settings):
        file = folder / site_object.key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(site_object.body, encoding="utf-8", newline="")
