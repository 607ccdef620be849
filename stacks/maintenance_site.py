"""The private bucket that holds the maintenance pages, and what puts them there."""

import tempfile
from pathlib import Path
from typing import cast

from aws_cdk import (
    RemovalPolicy,
    Tags,
    aws_iam as iam,
    aws_lambda as lambda_,
    aws_s3 as s3,
    aws_s3_deployment as s3_deployment,
)
from constructs import Construct

from understudy_failover.page import site_objects
from understudy_failover.settings import Settings

from .function_role import FunctionRole


class MaintenanceSite(Construct):
    """Pages, readable through CloudFront alone."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        # The pages can be made again from the settings at any time, so the bucket goes with the stack.
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # TLS for everybody but CloudFront, which asks S3 in the protocol that its viewer used. `enforce_ssl`
        # would refuse it whenever a plain HTTP request met a cold cache, and the viewer would get S3's 403.
        # .../AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:*"],
                resources=[self.bucket.bucket_arn, self.bucket.arn_for_objects("*")],
                conditions={"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
            )
        )
        self.upload = upload = FunctionRole(self, "Upload")
        # The files are copied as the deployment is declared; their hash knows of the content alone, not of the folder.
        with tempfile.TemporaryDirectory() as folder:
            _write(settings, Path(folder))
            deployment = s3_deployment.BucketDeployment(
                self,
                "Deployment",
                destination_bucket=self.bucket,
                # S3 learns the type of each object from its name; viewer-response adds the character set.
                sources=[s3_deployment.Source.asset(folder)],
                # Here, so that it reaches the viewer even in a response that no edge function touches.
                # CloudFront itself caches for the minimum TTL of the distribution's cache policy.
                cache_control=[s3_deployment.CacheControl.no_store()],
                retain_on_delete=False,
                role=upload.role,
                log_group=upload.log_group,
            )
        _newest_runtime(deployment)
        # The tag by which a deployment keeps others from emptying its bucket. It also keeps the deployment
        # itself from it when the whole stack is deleted, and a bucket that is not empty cannot be.
        # `auto_delete_objects` would do, at the price of another function whose log group stays behind.
        # https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_deployment-readme.html
        owner = deployment.node.find_child("CustomResource").node.addr[-8:]
        Tags.of(self.bucket).remove(f"aws-cdk:cr-owned:{owner}")


def _newest_runtime(deployment: s3_deployment.BucketDeployment) -> None:
    """Of the one function that all deployments of a stack share: the CDK keeps to an older one.

    The AWS CLI in its layer is started by the runtime's own Python, whichever it is, and names 3.14 among those that it
    runs on.
    """
    function = cast(lambda_.SingletonFunction, deployment.node.find_child("CustomResourceHandler"))
    resource = cast(lambda_.CfnFunction, function.permissions_node.default_child)
    resource.runtime = lambda_.Runtime.PYTHON_3_14.name


def _write(settings: Settings, folder: Path) -> None:
    for one in site_objects(settings):
        file = folder / one.key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(one.body, encoding="utf-8", newline="")
