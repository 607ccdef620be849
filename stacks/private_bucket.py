"""A private bucket that only CloudFront reads."""

from aws_cdk import RemovalPolicy, aws_iam as iam, aws_s3 as s3
from constructs import Construct

from .purpose import declare_purpose


def private_bucket(scope: Construct, id_: str, *, purpose: str, bucket_name: str | None = None) -> s3.Bucket:
    """Return a bucket that is deleted with its stack; its deployment must empty it."""
    bucket = s3.Bucket(
        scope,
        id_,
        bucket_name=bucket_name,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=s3.BucketEncryption.S3_MANAGED,
        removal_policy=RemovalPolicy.DESTROY,
    )
    declare_purpose(bucket, purpose)
    # TLS for all but CloudFront, which uses the protocol of its viewer. With `enforce_ssl` a plain HTTP request that
    # misses the cache would get S3's 403.
    # .../AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:*"],
            resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
            conditions={"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
        )
    )
    if bucket.policy:
        declare_purpose(bucket.policy, "Lets the distribution read; refuses requests without TLS")
    return bucket
