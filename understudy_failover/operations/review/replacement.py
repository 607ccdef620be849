"""Resources that serve visitors, and the properties that CloudFormation changes only by a replacement.

References to a replaced resource are not followed: none of these properties has one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.operations.review.change import Change, Mark, properties, value
from understudy_failover.operations.review.templates import Resource

RECORD_SET = "AWS::Route53::RecordSet"
HEALTH_CHECK = "AWS::Route53::HealthCheck"
CERTIFICATE = "Custom::ServerCertificate"
DISTRIBUTION = "AWS::CloudFront::Distribution"
EDGE_FUNCTION = "AWS::CloudFront::Function"
EDGE_TEST = "Custom::EdgeTest"
HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"
SITE = "Custom::CDKBucketDeployment"
TOPIC = "AWS::SNS::Topic"

NAMES: Mapping[str, str] = {
    RECORD_SET: "record set",
    HEALTH_CHECK: "health check",
    CERTIFICATE: "server certificate",
    DISTRIBUTION: "distribution",
    EDGE_FUNCTION: "edge function",
    "AWS::CloudFront::CachePolicy": "cache policy",
    "AWS::CloudFront::OriginAccessControl": "origin access control",
    BUCKET: "bucket",
    BUCKET_POLICY: "bucket policy",
    SITE: "upload of files",
    TOPIC: "notifications topic",
    "AWS::SNS::TopicPolicy": "policy of the notifications topic",
    "AWS::KMS::Key": "key of the notifications topic",
}
"""Resources that serve visitors: to remove or replace one is destructive."""

REPLACED_BY: Mapping[str, tuple[str, ...]] = {
    RECORD_SET: ("HostedZoneId", "HostedZoneName", "Name"),
    HEALTH_CHECK: ("HealthCheckConfig.MeasureLatency", "HealthCheckConfig.RequestInterval", "HealthCheckConfig.Type"),
    EDGE_FUNCTION: ("Name",),
    BUCKET: ("BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"),
    BUCKET_POLICY: ("Bucket",),
    TOPIC: ("FifoTopic", "TopicName"),
}
"""A test compares them with the list of the CDK command line."""

REMOVE_FIRST = (
    "first cdk destroy --all, then cdk deploy --all: hosts are answered with their servers' addresses meanwhile"
)
PROVIDER = "ServiceToken"
"""Of a custom resource: CloudFormation refuses to change it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
"""


def replacing(kind: str, before: Resource, after: Resource) -> list[str]:
    """Return the paths of the properties whose change replaces the resource."""
    old, new = properties(before), properties(after)
    return [path for path in REPLACED_BY.get(kind, ()) if value(old, path) != value(new, path)]


def replacement(kind: str, name: str, before: Resource, after: Resource) -> Iterator[Change]:
    """Yield the changes that replace the resource, or that CloudFormation refuses."""
    if kind.startswith("Custom::") and value(properties(before), PROVIDER) != value(properties(after), PROVIDER):
        text = f"{NAMES.get(kind, kind)} {name}: the deploy would fail, as its function cannot be changed ({PROVIDER})"
        yield Change(Mark.CHANGED, f"{text}; {REMOVE_FIRST}", destructive=True, fix=REMOVE_FIRST)
    for path in replacing(kind, before, after):
        was, becomes = (_text(value(properties(resource), path)) for resource in (before, after))
        text = f"{NAMES[kind]} {name} is replaced: {path.rpartition('.')[2]} {was} → {becomes}"
        yield Change(Mark.CHANGED, text, destructive=True)


def _text(content: Any) -> str:
    return "none" if content is None else str(content)
