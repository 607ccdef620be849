"""The page's objects in S3, and whether the distribution may read them."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.page_objects import differences
from understudy_failover.operations.repair.plan import COMMAND, bucket_key, objects_key
from understudy_failover.operations.verify.check import Seen, failed, passed
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.page import site_objects

SHOWN = 5


def objects(deployment: Deployment) -> Iterator[Seen]:
    """Every page exists as the settings and the switches require."""
    bucket = deployment.page_bucket()
    wanted = {one.key: one.body.encode() for one in site_objects(deployment.settings)}
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


def access(deployment: Deployment) -> Iterator[Seen]:
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
