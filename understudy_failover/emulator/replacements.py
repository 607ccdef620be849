"""Properties whose change replaces a resource, of types for which MiniStack has none.

Otherwise its change sets would claim that each change may replace the resource.

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
"""Top-level properties; a test compares them with the CDK's CloudFormation schema."""


def complete(known: MutableMapping[str, tuple[str, ...]]) -> None:
    """Add these types to MiniStack's table."""
    for kind, properties in REPLACED_BY.items():
        known.setdefault(kind, properties)
