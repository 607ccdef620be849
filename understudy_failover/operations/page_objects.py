"""The page's objects in S3, compared with those of the deploy."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.contract.switch_end import ENDS_AT, switch_end
from understudy_failover.page import FOLDERS_KEY, PAGES, PLACEHOLDER, Window


def differences(s3: Any, bucket: str, wanted: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Return the keys of `wanted` that are missing, and those with other content, except pages of planned work."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
    missing = sorted(wanted.keys() - there.keys())
    other = [
        key
        for key in sorted(wanted.keys() & there.keys())
        # The ETag of an object that was uploaded in one part, with S3's own encryption, is the MD5 of the content.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
        if there[key] != _md5(wanted[key]) and there[key] != _md5_of_planned_work(s3, bucket, key, wanted)
    ]
    return missing, other


def _md5_of_planned_work(s3: Any, bucket: str, key: str, wanted: Mapping[str, bytes]) -> str | None:
    """Return the ETag of the page during planned work, with the end in the object's metadata; None: no such page."""
    folder, _, name = key.partition("/")
    page = json.loads(wanted.get(FOLDERS_KEY, b"{}")).get(folder)
    try:
        metadata = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) not in {400, 403, 404}:
            raise
        return None  # encrypted with another key, or deleted since
    end = switch_end(metadata)
    source = wanted.get(f"{PAGES}{page}/{'until' if ENDS_AT in metadata else 'planned'}/{name}")
    if source is None:
        return None
    if end:
        window = Window(end)
        source = source.replace(PLACEHOLDER.ends_at_text.encode(), window.ends_at_text.encode())
        source = source.replace(PLACEHOLDER.ends_at_in_words.encode(), window.ends_at_in_words.encode())
    return _md5(source)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
