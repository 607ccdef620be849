"""A BucketDeployment without the CDK's Lambda function: its files are put into the bucket here.

The function calls the AWS CLI of a Lambda layer at /opt/awscli, a path that local workers do not have. See
docs/decisions/0003-site-deployment-in-the-emulator.md.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_deployment-readme.html
"""

import io
import mimetypes
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

from understudy_failover.emulator.ministack import Provisioner

METADATA = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
}
"""SystemMetadata of the resource → parameters of PutObject."""
OWNER_TAG = "aws-cdk:cr-owned"


class UnsupportedDeploymentError(ValueError):
    """The deployment has a property that is not emulated."""


def provisioner(s3: Callable[[], Any]) -> Provisioner:
    """Return the provisioner of Custom::CDKBucketDeployment; `s3()` returns a boto3 client."""

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        return f"aws.cdk.s3deployment.{uuid.uuid4()}", _deploy(s3(), properties)

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        return physical_id, _deploy(s3(), new)

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        if not _true(properties.get("RetainOnDelete", True)) and not _has_owner(s3(), properties):
            _prune(s3(), properties, keep=set())

    return {"create": create, "update": update, "delete": delete}


def _deploy(s3: Any, properties: dict[str, Any]) -> dict[str, Any]:
    _refuse_unsupported(properties)
    metadata = {METADATA[key]: value for key, value in properties.get("SystemMetadata", {}).items()}
    files: dict[str, bytes] = {}
    names = properties["SourceBucketNames"]
    # Absent where the only source has no markers.
    markers_of_sources = properties.get("SourceMarkers") or [{}] * len(names)
    sources = zip(names, properties["SourceObjectKeys"], markers_of_sources, strict=True)
    for bucket, key, markers in sources:
        archive = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        files |= _files(archive, markers)
    target, prefix = _target(properties)
    for name, content in files.items():
        guessed = {"ContentType": mimetypes.guess_type(name)[0] or "binary/octet-stream"}
        s3.put_object(Bucket=target, Key=prefix + name, Body=content, **{**guessed, **metadata})
    if _true(properties.get("Prune", True)):
        _prune(s3, properties, keep={prefix + name for name in files})
    return {
        "DestinationBucketArn": f"arn:aws:s3:::{target}",
        "SourceObjectKeys": properties["SourceObjectKeys"] if _true(properties["OutputObjectKeys"]) else [],
    }


def _refuse_unsupported(properties: dict[str, Any]) -> None:
    unsupported = [name for name in ("Exclude", "Include", "DistributionId", "UserMetadata") if properties.get(name)]
    unsupported += [f"SystemMetadata {key}" for key in properties.get("SystemMetadata", {}) if key not in METADATA]
    if not _true(properties.get("Extract", True)):
        unsupported.append("Extract: false")
    if any(_true(config.get("jsonEscape")) for config in properties.get("SourceMarkersConfig", [])):
        unsupported.append("SourceMarkersConfig jsonEscape")
    if unsupported:
        raise UnsupportedDeploymentError(f"the embedded AWS does not do {', '.join(unsupported)} of a BucketDeployment")


def _files(archive: bytes, markers: dict[str, str]) -> dict[str, bytes]:
    """Return the files of a source, with markers replaced by the values that were unknown at synthesis."""
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        for name in source.namelist():
            if name.endswith("/"):
                continue
            content = source.read(name)
            for marker, value in markers.items():
                content = content.replace(marker.encode(), value.encode())
            files[name] = content
    return files


def _prune(s3: Any, properties: dict[str, Any], *, keep: set[str]) -> None:
    bucket, prefix = _target(properties)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if item["Key"] not in keep:
                s3.delete_object(Bucket=bucket, Key=item["Key"])


def _has_owner(s3: Any, properties: dict[str, Any]) -> bool:
    """Return whether the bucket has the tag because of which deleting a deployment retains its objects."""
    bucket, prefix = _target(properties)
    tag = f"{OWNER_TAG}:{prefix.rstrip('/')}" if prefix else OWNER_TAG
    try:
        tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except s3.exceptions.ClientError:  # no tags, or no bucket
        return False
    return any(entry["Key"].startswith(tag) for entry in tags)


def _target(properties: dict[str, Any]) -> tuple[str, str]:
    prefix = properties.get("DestinationBucketKeyPrefix", "").strip("/")
    return properties["DestinationBucketName"], f"{prefix}/" if prefix else ""


def _true(value: object) -> bool:
    return str(value).lower() == "true"
