"""The page's objects in S3, and whether the distribution may read them."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.finding import Finding, failed, passed
from understudy_failover.operations.page_objects import differences
from understudy_failover.operations.repair.plan import COMMAND, bucket_key, distribution_key, objects_key
from understudy_failover.operations.verify.deployment import Deployment, bucket_name
from understudy_failover.page import site_objects

SHOWN = 5


def objects(deployment: Deployment) -> Iterator[Finding]:
    """Every page exists as the settings and the switches require."""
    bucket = deployment.page_bucket()
    wanted = {page.key: page.body.encode() for page in site_objects(deployment.settings)}
    missing, other, planned = differences(deployment.client("s3"), bucket, wanted, deployment.planned_work())
    if missing:
        yield failed(
            "objects-missing",
            bucket,
            f"{len(missing)} missing: {_shown(missing)}",
            deployment.cure(objects_key(bucket)),
        )
    if other:
        yield failed(
            "objects-differ",
            bucket,
            f"{len(other)} not as the settings make them: {_shown(other)}",
            deployment.cure(objects_key(bucket)),
        )
    if planned:
        yield failed(
            "objects-planned",
            bucket,
            f"{len(planned)} speak of planned work that no switch states: {_shown(planned)}",
            f"right after `maintenance off` the monitor may not have taken it off yet; if it stays, {COMMAND} does",
        )
    if not missing and not other and not planned:
        yield passed(bucket, f"{len(wanted)} objects")


def access(deployment: Deployment) -> Iterator[Finding]:
    """The bucket's policy lets this distribution read."""
    bucket = deployment.page_bucket()
    try:
        policy = json.loads(deployment.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        policy = {"Statement": []}
    arn = deployment.distribution()["ARN"]
    if any(_lets_in(statement, arn) for statement in policy["Statement"]):
        yield passed(bucket, "the distribution may read")
    else:
        yield failed(
            "page-denied", bucket, "its policy does not let the distribution read", deployment.cure(bucket_key(bucket))
        )


def _shown(keys: list[str]) -> str:
    return ", ".join(keys[:SHOWN]) + (" …" if len(keys) > SHOWN else "")


def _lets_in(statement: dict[str, Any], arn: str) -> bool:
    actions = statement.get("Action", [])
    principal = statement.get("Principal", {})
    return (
        statement.get("Effect") == "Allow"
        and "s3:GetObject" in ([actions] if isinstance(actions, str) else actions)
        and isinstance(principal, dict)
        and principal.get("Service") == "cloudfront.amazonaws.com"
        and arn in json.dumps(statement.get("Condition", {}))
    )


def written(deployment: Deployment) -> Iterator[Finding]:
    """Distribution and buckets write access logs exactly if failover.toml has `[access_logs]`."""
    wanted = deployment.settings.access_logs is not None
    advice = (
        deployment.cure(distribution_key(str(deployment.distribution()["Id"])))
        if bool(_log_bucket(deployment)) != wanted
        else ""
    )
    yield _as_wanted(deployment.distribution_name(), _log_bucket(deployment), wanted, advice)
    s3 = deployment.client("s3")
    for origin in deployment.config()["Origins"]["Items"]:
        bucket = bucket_name(origin["DomainName"])
        enabled = s3.get_bucket_logging(Bucket=bucket).get("LoggingEnabled", {})
        advice = deployment.cure(bucket_key(bucket)) if bool(enabled) != wanted else ""
        yield _as_wanted(bucket, str(enabled.get("TargetBucket", "")), wanted, advice)


def retention(deployment: Deployment) -> Iterator[Finding]:
    """S3 deletes access logs after `keep_days`."""
    wanted, bucket = deployment.settings.access_logs, _log_bucket(deployment)
    if not wanted or not bucket:  # what is on or off against the settings is reported by `written`
        yield passed(deployment.distribution_name(), "no access logs")
        return
    try:
        days = _days(deployment.client("s3"), bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        key = distribution_key(str(deployment.distribution()["Id"]))
        yield failed(
            "log-bucket-missing", bucket, "does not exist, so logs go nowhere", deployment.cure(key, bucket_key(bucket))
        )
        return
    if days == wanted.keep_days:
        yield passed(bucket, f"deletes after {days} days")
    else:
        current = f"deletes after {days} days" if days else "deletes nothing"
        yield failed(
            "log-retention-differs",
            bucket,
            f"{current}, not after {wanted.keep_days}",
            deployment.cure(bucket_key(bucket)),
        )


def _as_wanted(subject: str, target: str, wanted: bool, advice: str) -> Finding:
    if bool(target) == wanted:
        return passed(subject, f"logs to {target}" if target else "logs nothing")
    if wanted:
        return failed("logs-missing", subject, "logs nothing", advice)
    return failed("logs-not-wanted", subject, f"logs to {target}, which failover.toml does not ask for", advice)


def _log_bucket(deployment: Deployment) -> str:
    """Of the distribution; empty: it has none."""
    logging = deployment.config().get("Logging", {})
    return bucket_name(str(logging.get("Bucket", ""))) if logging.get("Enabled") else ""


def _days(s3: Any, bucket: str) -> int | None:
    """After which everything in a bucket is deleted; None: never."""
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        return None
    everything = [rule for rule in rules if rule["Status"] == "Enabled" and not _for_some(rule)]
    return min(
        (rule["Expiration"]["Days"] for rule in everything if "Days" in rule.get("Expiration", {})), default=None
    )


def _for_some(rule: dict[str, Any]) -> bool:
    return bool(rule.get("Prefix") or any(rule.get("Filter", {}).values()))
