"""A change of a deploy, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from understudy_failover.contract.printable import printable
from understudy_failover.operations.review.templates import Resource

MOST_NAMES = 10
"""Names that a line lists, unless they are about to lose something."""


class Mark(StrEnum):
    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"


@dataclass(frozen=True)
class Change:
    """A change; `destructive` where something that serves visitors is removed or replaced."""

    mark: Mark
    text: str
    destructive: bool = False
    fix: str = ""
    """What to do instead where the deploy would fail, else empty; `text` ends with it."""

    def __post_init__(self) -> None:
        """Lets nothing that stands in a template act on a terminal or begin a line."""
        for name in ("text", "fix"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=len(getattr(self, name))))


@dataclass(frozen=True)
class Event:
    """A change of one name; events that differ only in `name` become one `Change`, whose text ends with `fix`."""

    mark: Mark
    before: str
    name: str
    after: str = ""
    destructive: bool = False
    fix: str = ""


def grouped(events: Iterable[Event]) -> Iterator[Change]:
    """Yield one change for all names with the same event: `before`, the names, `after`."""
    groups: dict[tuple[Mark, str, str, bool, str], list[str]] = {}
    for event in events:
        names = groups.setdefault((event.mark, event.before, event.after, event.destructive, event.fix), [])
        if event.name not in names:
            names.append(event.name)
    for (mark, before, after, destructive, fix), names in groups.items():
        shown = names if destructive or len(names) <= MOST_NAMES else names[:MOST_NAMES]
        more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
        yield Change(mark, f"{before}{listed(shown)}{more}{after}{fix}", destructive, fix)


def properties(resource: Any) -> dict[str, Any]:
    values: dict[str, Any] = (resource or {}).get("Properties", {})
    return values


def value(values: Mapping[str, Any], path: str) -> Any:
    """Return the value at `Table.Key`; None where there is none."""
    first, _, rest = path.partition(".")
    inner = values.get(first)
    return value(inner or {}, rest) if rest else inner


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ, sorted."""
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def listed(values: Any) -> str:
    return ", ".join(str(value) for value in values) or "none"


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
