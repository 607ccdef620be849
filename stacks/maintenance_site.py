"""The private bucket that holds the maintenance pages, and what puts them there."""

from pathlib import Path
from typing import cast

from aws_cdk import CfnResource, aws_iam as iam, aws_logs as logs, aws_s3 as s3
from constructs import Construct

from understudy_failover.contract.switch import NOTE_KEY
from understudy_failover.page import FILES_DIGEST, files_digest, site_objects
from understudy_failover.settings import Settings

from .bucket_files import bucket_files, folder_asset
from .function_role import FunctionRole
from .private_bucket import private_bucket


class MaintenanceSite(Construct):
    """Pages, readable through CloudFront alone."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        note_bucket: str | None,
        log_group: logs.LogGroup,
    ) -> None:
        """`note_bucket` is the ARN of the bucket of the switches: the function brings its note, and empties it."""
        super().__init__(scope, id_)
        # The pages can be made again from the settings at any time, so the bucket goes with the stack.
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
        # All assets: leave for those of one deploy would come with that deploy, and IAM takes seconds to know it. The
        # CDK's function does not try again.
        iam.PolicyStatement(
            actions=["s3:GetBucket*", "s3:GetObject*", "s3:List*"],
            resources=[one for bucket in (assets.bucket_arn, *buckets) for one in (bucket, f"{bucket}/*")],
        ),
        iam.PolicyStatement(actions=["s3:Abort*", "s3:DeleteObject*"], resources=[f"{bucket}/*" for bucket in buckets]),
        iam.PolicyStatement(
            actions=["s3:PutObject"],
            resources=[f"{pages}/*", *([f"{note_bucket}/{NOTE_KEY}"] if note_bucket else [])],
        ),
    )


def _write(settings: Settings, folder: Path) -> None:
    for one in site_objects(settings):
        file = folder / one.key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(one.body, encoding="utf-8", newline="")
