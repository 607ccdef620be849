"""Access logs and lifecycle rules of AWS::S3::Bucket, which MiniStack takes by S3's API alone.

They are stored and returned; nothing is logged, and nothing expires.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

from typing import Any

from understudy_failover.emulator.ministack import Ministack, Provisioner

Created = tuple[str, dict[str, Any]]
"""Physical id and attributes."""
FORWARDED = {
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "Id": "ID",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
}
"""Properties of a rule that are the same in S3's API → the API's name."""


class UnsupportedLifecycleError(ValueError):
    """The bucket has a rule that is not emulated; without it, its objects would expire otherwise."""


def provisioner(ministack: Ministack) -> Provisioner:
    """Return MiniStack's provisioner with these settings."""
    inner = ministack.provisioners["AWS::S3::Bucket"]

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Created:
        rules = _rules(properties)
        return _apply(inner["create"](logical_id, properties, stack_name), properties, rules)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Created:
        rules = _rules(new)
        return _apply(inner["update"](physical_id, old, new, stack_name), new, rules)

    def _apply(created: Created, properties: dict[str, Any], rules: list[dict[str, Any]]) -> Created:
        logging = properties.get("LoggingConfiguration")
        target = (logging["DestinationBucketName"], logging["LogFilePrefix"]) if logging else None
        ministack.set_bucket_logging(created[0], target)
        ministack.set_bucket_lifecycle(created[0], rules)
        return created

    return {**inner, "create": create, "update": update}


def _rules(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [_rule(rule) for rule in properties.get("LifecycleConfiguration", {}).get("Rules", [])]


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule of the template in the terms of S3's API."""
    if unknown := sorted(rule.keys() - {"ExpirationInDays", "Status", *FORWARDED}):
        raise UnsupportedLifecycleError(f"the embedded AWS does not do {', '.join(unknown)} of a lifecycle rule")
    expiration = {"Expiration": {"Days": int(rule["ExpirationInDays"])}} if "ExpirationInDays" in rule else {}
    forwarded = {name: rule[key] for key, name in FORWARDED.items() if key in rule}
    return {"Status": rule["Status"], "Filter": {"Prefix": ""}, **expiration, **forwarded}
