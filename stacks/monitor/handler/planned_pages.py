"""Writes planned work onto the pages of a server while its maintenance switch is on.

EventBridge starts it when a switch object is written or deleted, and every few minutes. Events may come twice, in any
order or not at all: each run reads the switches, updates the pages that differ, and reads the switches again.
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
    """Update the pages to the state of the switches."""
    folders = json.loads(_read(f"{_setting('PAGES')}folders.json"))
    shown: dict[str, str | None] = {}
    while (wanted := _ends(map(_server, folders))) != shown:
        for folder, page in folders.items():
            if _server(folder) in wanted:
                _show(folder, page, wanted[_server(folder)])
        logger.info("ends of planned work, by server: %s", json.dumps(wanted))
        shown = wanted


def _ends(servers: Iterable[str]) -> dict[str, str | None]:
    """Return by server: None if no switch is on, or else the announced end, empty without one.

    Empty if the bucket has no note: the stack is being deleted, and so are the pages.
    """
    s3, bucket, folder = _s3(), _setting("SWITCH_BUCKET"), _setting("SWITCHES")
    keys = {
        content["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for content in page.get("Contents", [])
    }
    if _setting("NOTE") not in keys:
        return {}
    on: dict[str, datetime | None] = {}
    for key in sorted(key for key in keys if key.startswith(folder)):
        if (metadata := object_metadata(s3, bucket, key)) is not None:  # None: removed since
            on[key.removeprefix(folder)] = switch_end(metadata)
    return {server: _end([on[name] for name in (server, _setting("FOR_ALL")) if name in on]) for server in servers}


def _end(ends: list[datetime | None]) -> str | None:
    """Return when the last of the switches should be turned off."""
    if not ends:
        return None
    known = [end for end in ends if end]
    return rfc3339(max(known)) if len(known) == len(ends) else ""


def _show(folder: str, page: str, end: str | None) -> None:
    state = "unplanned" if end is None else "until" if end else "planned"
    metadata = {} if end is None else {"planned": "true", ENDS_AT: end} if end else {"planned": "true"}
    source = f"{_setting('PAGES')}{page}/{state}/"
    listed = _s3().get_paginator("list_objects_v2").paginate(Bucket=_setting("PAGE_BUCKET"), Prefix=source)
    names = [content["Key"].removeprefix(source) for answer in listed for content in answer.get("Contents", [])]
    # If the page that is written last is up to date, all are.
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
        # Consumed, so that an error of a thread is raised, and the event retried.
        list(pool.map(put, names[:-1]))
    put(names[-1])


def _in_words(timestamp: str) -> str:
    """Return `2026-11-25 03:30 UTC` for `2026-11-25T03:30:00Z`, as on the pages."""
    return datetime.fromisoformat(timestamp).strftime("%Y-%m-%d %H:%M UTC")


def _metadata(key: str) -> dict[str, str] | None:
    return object_metadata(_s3(), _setting("PAGE_BUCKET"), key, unreadable_is_missing=True)


def _server(folder: str) -> str:
    return folder.partition(".")[0]


def _read(key: str) -> bytes:
    body: bytes = _s3().get_object(Bucket=_setting("PAGE_BUCKET"), Key=key)["Body"].read()
    return body


def _setting(name: str) -> str:
    return os.environ[name]


@cache
def _s3() -> Any:
    return aws_client.client("s3")
