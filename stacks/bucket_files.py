"""Files in a bucket of the stack: brought by a deploy, and taken away with everything else when the stack goes."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

from aws_cdk import aws_lambda as lambda_, aws_s3 as s3, aws_s3_assets as assets, aws_s3_deployment as s3_deployment
from constructs import Construct

from .function_role import FunctionRole
from .purpose import declare_purpose


def folder_asset(scope: Construct, id_: str, write: Callable[[Path], None]) -> assets.Asset:
    """Return the folder that `write` fills, as an asset of the deploy."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        # The CDK copies the files as the asset is declared; their hash is that of the content alone.
        return assets.Asset(scope, id_, path=folder)


def bucket_files(
    scope: Construct,
    id_: str,
    *,
    bucket: s3.Bucket,
    asset: assets.Asset,
    prune: bool,
    upload: FunctionRole,
    purpose: str,
) -> s3_deployment.BucketDeployment:
    """Bring the files of `asset`; with `prune` nothing else stays in the bucket."""
    deployment = s3_deployment.BucketDeployment(
        scope,
        id_,
        # By its name: a bucket that is declared would get a tag by which the deployment leaves its objects behind when
        # the stack is deleted, and a bucket that is not empty cannot be.
        # https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_deployment-readme.html
        destination_bucket=s3.Bucket.from_bucket_name(scope, f"{id_}Destination", bucket.bucket_name),
        # S3 learns the type of each object from its name; viewer-response adds the character set.
        sources=[s3_deployment.Source.bucket(asset.bucket, asset.s3_object_key)],
        # Here, so that it reaches the viewer even in a response that no edge function touches.
        # CloudFront itself caches for the minimum TTL of the distribution's cache policy.
        cache_control=[s3_deployment.CacheControl.no_store()] if prune else None,
        prune=prune,
        retain_on_delete=False,
        role=upload.role,
        log_group=upload.log_group,
    )
    declare_purpose(deployment.node.find_child("CustomResource"), purpose)
    function = cast(lambda_.SingletonFunction, deployment.node.find_child("CustomResourceHandler"))
    declare_purpose(
        cast(lambda_.CfnFunction, function.permissions_node.default_child),
        "Copies the files of a deploy into buckets of this stack; the CDK's own function",
    )
    declare_purpose(
        deployment.node.find_child("AwsCliLayer"), "The AWS CLI, with which the CDK's BucketDeployment copies"
    )
    return deployment
