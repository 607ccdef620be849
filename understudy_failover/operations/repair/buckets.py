"""Buckets: their settings, their policies, and the objects of the maintenance page."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.page_objects import Planned, differences
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.distribution import GONE
from understudy_failover.operations.repair.plan import Action, Lost, bucket_key, objects_key
from understudy_failover.page import CONTENT_TYPES

BUCKET = "AWS::S3::Bucket"
POLICY = "AWS::S3::BucketPolicy"
DEPLOYMENT = "Custom::CDKBucketDeployment"
SHOWN = 5
NOTHING_YET = {"NoSuchBucketPolicy", "NoSuchLifecycleConfiguration"}
LOGS_GONE = "`cdk deploy --all` without [access_logs] in failover.toml, then `cdk deploy --all` with it"


def bucket_repairs(client: Callable[[str], Any], resources: Iterable[Resource]) -> Iterator[Action | Lost]:
    """Needs s3:GetBucketLogging, GetLifecycleConfiguration, GetBucketPolicy.

    The actions: PutBucketLogging, PutLifecycleConfiguration, PutBucketPolicy.
    """
    s3 = client("s3")
    all_resources = list(resources)
    gone: set[str] = set()
    log_buckets = {
        resource.properties.get("LoggingConfiguration", {}).get("DestinationBucketName") for resource in all_resources
    }
    for resource in all_resources:
        if resource.type == BUCKET:
            try:
                yield from _settings(s3, resource)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchBucket":
                    raise
                gone.add(resource.physical_id)
                advice = LOGS_GONE if resource.physical_id in log_buckets else GONE
                yield Lost(bucket_key(resource.physical_id), f"bucket {resource.physical_id}", "was deleted", advice)
    for resource in all_resources:
        if resource.type == POLICY and resource.known() and resource.properties["Bucket"] not in gone:
            yield from _policy(s3, resource)


Files = Callable[[Any, Resource], Mapping[str, bytes] | None]
"""Answers what a deploy puts into a bucket, by the keys; None where that is not known."""


def object_repairs(
    client: Callable[[str], Any], resources: Iterable[Resource], *, files: Files, planned: Planned | None
) -> Iterator[Action | Lost]:
    """Needs s3:ListBucket, GetObject, with `deployed_files` also of the assets; the action PutObject."""
    s3 = client("s3")
    for resource in resources:
        if resource.type == DEPLOYMENT and resource.known("DestinationBucketName"):
            try:
                yield from _objects(s3, resource, files, planned)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchBucket":  # named by `bucket_repairs`
                    raise


def _settings(s3: Any, resource: Resource) -> Iterator[Action]:
    name, properties = resource.physical_id, resource.properties
    logging = properties.get("LoggingConfiguration")
    wanted_logging = (
        {"TargetBucket": logging["DestinationBucketName"], "TargetPrefix": logging.get("LogFilePrefix", "")}
        if logging
        else {}
    )
    enabled = s3.get_bucket_logging(Bucket=name).get("LoggingEnabled", {})
    if resource.known("LoggingConfiguration") and {key: enabled.get(key) for key in wanted_logging} != wanted_logging:
        status = {"LoggingEnabled": wanted_logging}
        yield Action(
            bucket_key(name),
            f"bucket {name}",
            f"write access logs to {wanted_logging['TargetBucket']} again",
            partial(s3.put_bucket_logging, Bucket=name, BucketLoggingStatus=status),
        )
    elif enabled and not wanted_logging:
        yield Action(
            bucket_key(name),
            f"bucket {name}",
            f"stop its access logs to {enabled['TargetBucket']}",
            partial(s3.put_bucket_logging, Bucket=name, BucketLoggingStatus={}),
        )
    rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
    wanted_rules = [rule for rule in map(_rule, rules) if rule]
    if wanted_rules and _days(wanted_rules) != _days(
        _unless_absent(s3.get_bucket_lifecycle_configuration, name, "Rules", [])
    ):
        yield Action(
            bucket_key(name),
            f"bucket {name}",
            f"delete objects after {_days(wanted_rules)} days again",
            partial(s3.put_bucket_lifecycle_configuration, Bucket=name, LifecycleConfiguration={"Rules": wanted_rules}),
        )


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A lifecycle rule that deletes everything after some days, as the API has it; empty for other kinds."""
    api_rule: dict[str, Any] = {"Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "Id" in rule:
        api_rule["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        api_rule["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "AbortIncompleteMultipartUpload" in rule:
        days = int(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        api_rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return api_rule if "Expiration" in api_rule else {}


def _days(rules: Iterable[Mapping[str, Any]]) -> list[int]:
    return sorted(
        int(rule["Expiration"]["Days"])
        for rule in rules
        if rule["Status"] == "Enabled" and "Days" in rule.get("Expiration", {})
    )


def _policy(s3: Any, resource: Resource) -> Iterator[Action]:
    bucket = str(resource.properties["Bucket"])
    wanted = resource.properties["PolicyDocument"]
    current = json.loads(_unless_absent(s3.get_bucket_policy, bucket, "Policy", '{"Statement": []}'))
    if _statements(current) != _statements(wanted):
        act = partial(s3.put_bucket_policy, Bucket=bucket, Policy=json.dumps(wanted))
        yield Action(bucket_key(bucket), f"bucket {bucket}", "set its policy as deployed", act)


def _statements(policy: Mapping[str, Any]) -> list[str]:
    """Comparable: AWS answers a list of one as its item, and `{"AWS": "*"}` as `*`."""
    return sorted(json.dumps(_plain(statement), sort_keys=True) for statement in policy["Statement"])


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return "*" if value == {"AWS": "*"} else {key: _plain(inner) for key, inner in value.items() if key != "Sid"}
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else sorted(map(str, map(_plain, value)))
    return value


def _unless_absent(ask: Callable[..., Mapping[str, Any]], bucket: str, member: str, absent: Any) -> Any:
    try:
        return ask(Bucket=bucket)[member]
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOTHING_YET:
            raise
        return absent


def _objects(s3: Any, resource: Resource, files: Files, planned: Planned | None) -> Iterator[Action]:
    wanted = files(s3, resource)
    if wanted is None:
        return
    bucket = str(resource.properties["DestinationBucketName"])
    headers = resource.properties.get("SystemMetadata", {})
    more = {"CacheControl": headers["cache-control"]} if "cache-control" in headers else {}
    wrong = {key: wanted[key] for keys in differences(s3, bucket, wanted, planned) for key in keys}
    if wrong:
        names = ", ".join(sorted(wrong)[:SHOWN]) + (" …" if len(wrong) > SHOWN else "")
        act = partial(_upload, s3, bucket, wrong, more)
        yield Action(objects_key(bucket), f"bucket {bucket}", f"upload {len(wrong)} as deployed: {names}", act)


def deployed_files(s3: Any, resource: Resource) -> dict[str, bytes] | None:
    """Return what the assets hold. Needs s3:GetObject of them."""
    if not resource.known("SourceBucketNames", "SourceObjectKeys"):
        return None
    sources = zip(resource.properties["SourceBucketNames"], resource.properties["SourceObjectKeys"], strict=True)
    contents: dict[str, bytes] = {}
    for bucket, key in sources:
        archive = zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        contents |= {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    return contents


def _upload(s3: Any, bucket: str, files: Mapping[str, bytes], headers: Mapping[str, str]) -> None:
    for key, body in files.items():
        kind = CONTENT_TYPES.get(PurePosixPath(key).suffix.lstrip("."), "application/octet-stream")
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, **headers)
