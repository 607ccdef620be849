"""What is written beside an object of S3, whoever wrote the object."""

from typing import Any

GONE = 404
UNREADABLE = {400, 403}
"""S3's statuses for an object that its writer has encrypted with a key that nobody else has."""


def object_metadata(s3: Any, bucket: str, key: str) -> dict[str, str] | None:
    """Return the metadata of an object: empty where it cannot be read; None if there is no such object.

    Raises:
        ClientError: S3 cannot tell.
    """
    try:
        found: dict[str, str] = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
    except s3.exceptions.ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == GONE:
            return None
        if status in UNREADABLE:
            return {}
        raise
    return found
