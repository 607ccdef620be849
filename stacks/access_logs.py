"""The private bucket of access logs, which expire."""

from typing import cast

from aws_cdk import Aws, Duration, RemovalPolicy, aws_cloudfront as cloudfront, aws_iam as iam, aws_s3 as s3
from constructs import Construct

from .purpose import declare_purpose

UNFINISHED_DAYS = 7
"""For which S3 keeps the parts of an incomplete upload."""


class AccessLogs(Construct):
    """Standard logs of a distribution and server access logs of its buckets, for a number of days.

    The bucket outlives its stack: logs arrive after the deletion of the other resources, and only an empty bucket can
    be deleted. Its lifecycle rule empties it. See docs/decisions/0015-access-logs.md.
    """

    def __init__(self, scope: Construct, id_: str, *, keep_days: int) -> None:
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            # CloudFront writes as another account, which the bucket's ACL allows; the objects are the owner's.
            # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            # S3's own keys: S3 delivers server access logs to no bucket with other keys.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(keep_days),
                    abort_incomplete_multipart_upload_after=Duration.days(UNFINISHED_DAYS),
                )
            ],
            # Deleted if the first deploy fails, because it is empty then.
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects("s3/*")],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        declare_purpose(
            self.bucket, f"Access logs of page and buckets, for {keep_days} days; stays when the stack is deleted"
        )
        # The policy stays with the bucket: logs can only be read over TLS.
        if self.bucket.policy:
            self.bucket.policy.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
            declare_purpose(self.bucket.policy, "Lets S3 write access logs; refuses requests without TLS")

    def of_distribution(self) -> cloudfront.CfnDistribution.LoggingProperty:
        """Return the logging property of a distribution; its logs go to `cloudfront/`."""
        return cloudfront.CfnDistribution.LoggingProperty(
            bucket=self.bucket.bucket_regional_domain_name, prefix="cloudfront/", include_cookies=False
        )

    def of_bucket(self, bucket: s3.Bucket, name: str) -> None:
        """Send the access logs of `bucket` to `s3/NAME/`."""
        # Not the construct's property, whose effect on the bucket of the logs depends on a feature flag.
        cast(s3.CfnBucket, bucket.node.default_child).logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=self.bucket.bucket_name, log_file_prefix=f"s3/{name}/"
        )
