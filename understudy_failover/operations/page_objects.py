"""The page's objects in S3, compared with those of the deploy."""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from understudy_failover.contract.switch_end import ENDS_AT, switch_end
from understudy_failover.page import FOLDERS_KEY, PAGES, PLACEHOLDER, Window, pages_of_folders, window_metadata

WORKERS = 10
"""As many connections as boto3 keeps to one host."""
MEDIA_TYPES = {"html": "html", "json": "json", "txt": "plain"}
"""What the type of an object has in it, by the end of its key: the edge answers by that."""
Planned = Mapping[str, Window]
"""The planned work that switches state, by the names of servers."""


class Differences(NamedTuple):
    """Keys of objects that are not as a deploy puts them."""

    missing: list[str]
    other: list[str]
    """Neither as deployed nor of planned work."""
    planned: list[str]
    """Of planned work that no switch states."""


def differences(s3: Any, bucket: str, wanted: Mapping[str, bytes], planned: Planned | None) -> Differences:
    """Compare content, type, encoding and metadata; without `planned` any planned work may be stated."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {entry["Key"]: entry["ETag"].strip('"') for page in pages for entry in page.get("Contents", [])}
    folders = pages_of_folders(wanted[FOLDERS_KEY]) if FOLDERS_KEY in wanted else {}

    def kind(key: str) -> str:
        if key.startswith(PAGES):  # served to nobody: the monitor copies the content alone
            return "" if there[key] == _md5(wanted[key]) else "other"
        head = _head(s3, bucket, key)
        if head is None or head.get("ContentEncoding") or not _has_type(key, head.get("ContentType", "")):
            return "other"
        # Not the list's: the monitor may have written the object since.
        etag = head["ETag"].strip('"')
        folder, _, name = key.partition("/")
        metadata = head["Metadata"]
        if not metadata and etag == _md5(wanted[key]):
            return ""
        window = Window(switch_end(metadata)) if metadata else None
        source = wanted.get(f"{PAGES}{folders.get(folder)}/{'until' if ENDS_AT in metadata else 'planned'}/{name}")
        if window is None or source is None or metadata != window_metadata(window):
            return "other"
        if etag != _md5(_with_end(source, window)):
            return "other"
        stated = None if planned is None else planned.get(folder.partition(".")[0])
        return "" if planned is None or (stated and window_metadata(stated) == metadata) else "planned"

    keys = sorted(wanted.keys() & there.keys())
    with ThreadPoolExecutor(WORKERS) as pool:
        kinds = dict(zip(keys, pool.map(kind, keys), strict=True))
    return Differences(
        sorted(wanted.keys() - there.keys()),
        [key for key in keys if kinds[key] == "other"],
        [key for key in keys if kinds[key] == "planned"],
    )


def _head(s3: Any, bucket: str, key: str) -> Mapping[str, Any] | None:
    """Return what is written beside an object; None: encrypted with a key of somebody else, or deleted since."""
    try:
        answer: Mapping[str, Any] = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) not in {400, 403, 404}:
            raise
        return None
    return answer


def _has_type(key: str, media_type: str) -> bool:
    return MEDIA_TYPES.get(key.rpartition(".")[2], "") in media_type


def _with_end(source: bytes, window: Window) -> bytes:
    """Return a page of planned work with its end in place of the placeholder."""
    if window.ends_at is None:
        return source
    source = source.replace(PLACEHOLDER.ends_at_text.encode(), window.ends_at_text.encode())
    return source.replace(PLACEHOLDER.ends_at_in_words.encode(), window.ends_at_in_words.encode())


def _md5(content: bytes) -> str:
    """Return the ETag of an object that was put in one part and encrypted by S3 itself, as all of ours are.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
