"""Puts the words of planned work on the pages of a server whose maintenance switch is turned on, and takes them off.

Runs whenever EventBridge says that a switch object was put or removed, and every few minutes beside that. It trusts no
event to come once, in order or at all: each time it looks where the switches are now, changes the pages that say
something else, and looks again.
"""

import json
import logging
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from typing import Any

import aws_client
from object_metadata import object_metadata
from switch_end import ENDS_AT, rfc3339, switch_end

logger = logging.getLogger()
logger.setLevel(logging.INFO)

WORKERS = 16
TYPES = {"html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8", "json": "application/problem+json"}


def refresh() -> None:
    """Make the pages say what the switches say."""
    folders = json.loads(_read(f"{_setting('PAGES')}folders.json"))
    shown: dict[str, str | None] = {}
    while (wanted := _ends(map(_server, folders))) != shown:
        for folder, page in folders.items():
            if _server(folder) in wanted:
                _show(folder, page, wanted[_server(folder)])
        logger.info("ends of planned work, by server: %s", json.dumps(wanted))
        shown = wanted


def _ends(servers: Iterable[str]) -> dict[str, str | None]:
    """Of every server: None where no switch is on; else the announced end, empty where there is none.

    Of none when the note of the bucket is gone: the stack is being deleted, and so are the pages.
    """
    s3, bucket, folder = _s3(), _setting("SWITCH_BUCKET"), _setting("SWITCHES")
    keys = {
        one["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for one in page.get("Contents", [])
    }
    if _setting("NOTE") not in keys:
        return {}
    on: dict[str, datetime | None] = {}
    for key in sorted(key for key in keys if key.startswith(folder)):
        if (metadata := object_metadata(s3, bucket, key)) is not None:  # None: removed since
            on[key.removeprefix(folder)] = switch_end(metadata)
    return {server: _end([on[name] for name in (server, _setting("FOR_ALL")) if name in on]) for server in servers}


def _end(ends: list[datetime | None]) -> str | None:
    """When the last of the switches that are on is expected to be turned off."""
    if not ends:
        return None
    known = [end for end in ends if end]
    return rfc3339(max(known)) if len(known) == len(ends) else ""


def _show(folder: str, page: str, end: str | None) -> None:
    state = "unplanned" if end is None else "until" if end else "planned"
    metadata = {} if end is None else {"planned": "true", ENDS_AT: end} if end else {"planned": "true"}
    source = f"{_setting('PAGES')}{page}/{state}/"
    listed = _s3().get_paginator("list_objects_v2").paginate(Bucket=_setting("PAGE_BUCKET"), Prefix=source)
    names = [one["Key"].removeprefix(source) for answer in listed for one in answer.get("Contents", [])]
    # The last one is written last: if that one says it, all do.
    if not names or _metadata(f"{folder}/{names[-1]}") == metadata:
        return

    def put(name: str) -> None:
        body = _read(source + name)
        if end:
            body = body.replace(_setting("END").encode(), end.encode())
            body = body.replace(_in_words(_setting("END")).encode(), _in_words(end).encode())
        _s3().put_object(
            Bucket=_setting("PAGE_BUCKET"),
            Key=f"{folder}/{name}",
            Body=body,
            ContentType=TYPES[name.rpartition(".")[2]],
            CacheControl="no-store",
            Metadata=metadata,
        )

    with ThreadPoolExecutor(WORKERS) as pool:
        # Consumed, so that a failure is heard, and S3 tries the function again.
        list(pool.map(put, names[:-1]))
    put(names[-1])


def _in_words(moment: str) -> str:
    """`2026-11-25T03:30:00Z` as the pages write it for people: `2026-11-25 03:30 UTC`."""
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M UTC")


def _server(folder: str) -> str:
    return folder.partition(".")[0]


def _metadata(key: str) -> dict[str, str] | None:
    """Return the words that go with an object; None where there is none."""
    try:
        found: dict[str, str] = _s3().head_object(Bucket=_setting("PAGE_BUCKET"), Key=key)["Metadata"]
    except _s3().exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in {"400", "403", "404", "NoSuchKey"}:
            raise
        return None
    return found


def _read(key: str) -> bytes:
    body: bytes = _s3().get_object(Bucket=_setting("PAGE_BUCKET"), Key=key)["Body"].read()
    return body


def _setting(name: str) -> str:
    return os.environ[name]


@cache
def _s3() -> Any:
    return aws_client.client("s3")
