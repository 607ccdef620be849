"""The private bucket that holds the maintenance pages, and what puts them there."""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import aws_iam as iam, aws_s3 as s3
from constructs import Construct

from understudy_failover.page import site_objects
from understudy_failover.settings import Settings

from .bucket_files import bucket_files, folder_asset
from .function_role import FunctionRole
from .private_bucket import private_bucket


class MaintenanceSite(Construct):
    """Pages, readable through CloudFront alone."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, also_filled: Sequence[str]) -> None:
        """`also_filled` are ARNs of further buckets of the stack that its function brings files to."""
        super().__init__(scope, id_)
        # The pages can be made again from the settings at any time, so the bucket goes with the stack.
        self.bucket = private_bucket(self, "Bucket", purpose=f"Maintenance pages of {settings.app}")
        asset = folder_asset(self, "Files", lambda folder: _write(settings, folder))
        self.upload = FunctionRole(
            self,
            "Upload",
            description=f"Copies files of a deploy of {settings.app} into its own buckets",
            statements=_access(asset.bucket, [self.bucket.bucket_arn, *also_filled]),
        )
        bucket_files(
            self,
            "Deployment",
            bucket=self.bucket,
            asset=asset,
            prune=True,
            upload=self.upload,
            purpose="The files of the maintenance pages",
        )


def _access(assets: s3.IBucket, buckets: Sequence[str]) -> tuple[iam.PolicyStatement, ...]:
    return (
        iam.PolicyStatement(
            actions=["s3:GetBucket*", "s3:GetObject*", "s3:List*"],
            resources=[one for bucket in (assets.bucket_arn, *buckets) for one in (bucket, f"{bucket}/*")],
        ),
        iam.PolicyStatement(
            actions=["s3:Abort*", "s3:DeleteObject*", "s3:PutObject"], resources=[f"{bucket}/*" for bucket in buckets]
        ),
    )


def _write(settings: Settings, folder: Path) -> None:
    for one in site_objects(settings):
        file = folder / one.key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(one.body, encoding="utf-8", newline="")
