"""Which changes replace a resource, of types that MiniStack does not know.

Its change sets would say of each change of such a resource that it may be replaced.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html
"""

from collections.abc import MutableMapping

REPLACED_BY: dict[str, tuple[str, ...]] = {
    "AWS::CloudFront::Distribution": (),
    "AWS::CloudFront::OriginAccessControl": (),
    "AWS::CloudFront::ResponseHeadersPolicy": (),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::IAM::Policy": (),
    "AWS::Route53::RecordSet": ("HostedZoneId", "HostedZoneName", "Name"),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::SNS::TopicPolicy": (),
}
"""Whole properties; a test compares them with what the CDK command line knows of CloudFormation."""


def complete(known: MutableMapping[str, tuple[str, ...]]) -> None:
    """Add these types to those that MiniStack knows."""
    for kind, properties in REPLACED_BY.items():
        known.setdefault(kind, properties)
