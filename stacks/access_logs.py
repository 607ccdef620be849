"""Where CloudFront and S3 write down who asked for what: a private bucket that forgets."""

from typing import cast

from aws_cdk import Aws, Duration, RemovalPolicy, aws_cloudfront as cloudfront, aws_iam as iam, aws_s3 as s3
from constructs import Construct

from .purpose import declare_purpose

UNFINISHED_DAYS = 7
"""For which parts of an upload that never ended are kept."""


class AccessLogs(Construct):
    """Standard logs of a distribution and server access logs of its buckets, for a number of days.

    The bucket outlives its stack: logs still arrive when everything else is gone, and a bucket that is not empty cannot
    be deleted. It empties itself, and costs nothing then. See docs/decisions/0015-access-logs.md.
    """

    def __init__(self, scope: Construct, id_: str, *, keep_days: int) -> None:
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            # CloudFront writes as an account of its own, which it lets in by the bucket's ACL; what it writes is ours.
            # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            # S3's own keys: its server access logs go to no bucket with others.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(keep_days),
                    abort_incomplete_multipart_upload_after=Duration.days(UNFINISHED_DAYS),
                )
            ],
            # It goes with a first deploy that fails, as it is empty then.
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
        # As long as there are logs, they are read by TLS alone.
        if self.bucket.policy:
            self.bucket.policy.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
            declare_purpose(self.bucket.policy, "Lets S3 write access logs; refuses requests without TLS")

    def of_distribution(self) -> cloudfront.CfnDistribution.LoggingProperty:
        """What makes a distribution log here, under `cloudfront/`."""
        return cloudfront.CfnDistribution.LoggingProperty(
            bucket=self.bucket.bucket_regional_domain_name, prefix="cloudfront/", include_cookies=False
        )

    def of_bucket(self, bucket: s3.Bucket, name: str) -> None:
        """Makes `bucket` log here, under `s3/NAME/`."""
        # Not by the construct's own property: what that gives the bucket of the logs depends on a feature flag.
        cast(s3.CfnBucket, bucket.node.default_child).logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=self.bucket.bucket_name, log_file_prefix=f"s3/{name}/"
        )
