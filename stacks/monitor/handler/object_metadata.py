"""The metadata of an object of S3, whoever wrote the object."""

from typing import Any

GONE = 404
UNREADABLE = {400, 403}
"""S3's statuses for an object that is encrypted with the writer's own key."""


def object_metadata(s3: Any, bucket: str, key: str, *, unreadable_is_missing: bool = False) -> dict[str, str] | None:
    """Return the metadata of an object, empty if S3 refuses to read it; None without such an object."""
    try:
        metadata: dict[str, str] = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
    except s3.exceptions.ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == GONE:
            return None
        if status in UNREADABLE:
            return None if unreadable_is_missing else {}
        raise
    return metadata
