"""What AWS::S3::Bucket says of logs and lifecycle, which MiniStack takes by S3's API alone.

Kept and told again; nothing is logged here and nothing expires.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

from typing import Any

from understudy_failover.emulator.ministack import Ministack, Provisioner

Made = tuple[str, dict[str, Any]]
"""Physical id and attributes."""
PASSED_ON = {
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "Id": "ID",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
}
"""Parts of a rule that the template and S3's API hold alike → the API's name."""


class UnsupportedLifecycleError(ValueError):
    """The bucket asks for a rule that is not emulated; better none than one that says something else."""


def provisioner(ministack: Ministack) -> Provisioner:
    """MiniStack's, and then these."""
    inner = ministack.provisioner("AWS::S3::Bucket")

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
        rules = _rules(properties)
        return _apply(inner["create"](logical_id, properties, stack_name), properties, rules)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Made:
        rules = _rules(new)
        return _apply(inner["update"](physical_id, old, new, stack_name), new, rules)

    def _apply(made: Made, properties: dict[str, Any], rules: list[dict[str, Any]]) -> Made:
        logging = properties.get("LoggingConfiguration")
        target = (logging["DestinationBucketName"], logging["LogFilePrefix"]) if logging else None
        ministack.set_bucket_logging(made[0], target)
        ministack.set_bucket_lifecycle(made[0], rules)
        return made

    return {**inner, "create": create, "update": update}


def _rules(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [_rule(one) for one in properties.get("LifecycleConfiguration", {}).get("Rules", [])]


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """As S3's API tells it."""
    if unknown := sorted(rule.keys() - {"ExpirationInDays", "Status", *PASSED_ON}):
        raise UnsupportedLifecycleError(f"the embedded AWS does not do {', '.join(unknown)} of a lifecycle rule")
    expiration = {"Expiration": {"Days": int(rule["ExpirationInDays"])}} if "ExpirationInDays" in rule else {}
    passed_on = {name: rule[key] for key, name in PASSED_ON.items() if key in rule}
    return {"Status": rule["Status"], "Filter": {"Prefix": ""}, **expiration, **passed_on}
