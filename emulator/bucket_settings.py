"""What AWS::S3::Bucket says of logs and lifecycle, which MiniStack takes by S3's API alone.

Kept and told again; nothing is logged here and nothing expires.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

from collections.abc import Callable
from typing import Any

from emulator.ministack import Provisioner

Created = tuple[str, dict[str, Any]]


class UnsupportedLifecycleError(ValueError):
    """The bucket asks for a rule that is not emulated; better none than one that says something else."""


def provisioner(inner: Provisioner, s3: Callable[[], Any]) -> Provisioner:
    """`inner`, which makes the bucket, and then these; `s3()` answers a boto3 client."""

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Created:
        lifecycle = _lifecycle(properties)
        created: Created = inner["create"](logical_id, properties, stack_name)
        _apply(s3(), created[0], properties, lifecycle)
        return created

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Created:
        lifecycle = _lifecycle(new)
        updated: Created = inner["update"](physical_id, old, new, stack_name)
        _apply(s3(), updated[0], new, lifecycle)
        return updated

    return {**inner, "create": create, "update": update}


def _apply(s3: Any, bucket: str, properties: dict[str, Any], lifecycle: list[dict[str, Any]]) -> None:
    logging = properties.get("LoggingConfiguration")
    status = {"LoggingEnabled": _enabled(logging)} if logging else {}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)
    if lifecycle:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": lifecycle})
    else:
        s3.delete_bucket_lifecycle(Bucket=bucket)


def _enabled(logging: dict[str, Any]) -> dict[str, Any]:
    return {"TargetBucket": logging["DestinationBucketName"], "TargetPrefix": logging["LogFilePrefix"]}


def _lifecycle(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [_rule(one) for one in properties.get("LifecycleConfiguration", {}).get("Rules", [])]


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(rule.keys() - {"AbortIncompleteMultipartUpload", "ExpirationInDays", "Status"}):
        raise UnsupportedLifecycleError(f"the embedded AWS does not do {', '.join(unknown)} of a lifecycle rule")
    expiration = {"Expiration": {"Days": int(rule["ExpirationInDays"])}} if "ExpirationInDays" in rule else {}
    unfinished = rule.get("AbortIncompleteMultipartUpload")
    days = {"DaysAfterInitiation": int(unfinished["DaysAfterInitiation"])} if unfinished else {}
    aborted = {"AbortIncompleteMultipartUpload": days} if days else {}
    return {"Status": rule["Status"], "Filter": {"Prefix": ""}, **expiration, **aborted}
