"""Files in a bucket: a deploy puts them there, and the deletion of the stack empties the bucket."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

from aws_cdk import aws_lambda as lambda_, aws_s3 as s3, aws_s3_assets as assets, aws_s3_deployment as s3_deployment
from constructs import Construct

from .function_role import FunctionRole
from .purpose import declare_purpose


def folder_asset(scope: Construct, id_: str, write: Callable[[Path], None]) -> assets.Asset:
    """Return an asset of the files that `write` puts into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        # The CDK copies the files at once; their hash depends on the content alone.
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
    """Return the deployment of `asset`; with `prune` it deletes everything else in the bucket."""
    deployment = s3_deployment.BucketDeployment(
        scope,
        id_,
        # By name: the CDK would tag the bucket, and with that tag the deployment keeps the objects when the stack is
        # deleted, so that the bucket cannot be deleted.
        # https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_deployment-readme.html
        destination_bucket=s3.Bucket.from_bucket_name(scope, f"{id_}Destination", bucket.bucket_name),
        # The AWS CLI sets the type of each object by its name; viewer-response adds the character set.
        sources=[s3_deployment.Source.bucket(asset.bucket, asset.s3_object_key)],
        # For responses without an edge function. CloudFront caches for the minimum TTL of the cache policy.
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
