"""Which objects of the page's bucket are not what a deploy or planned work puts there, whoever wrote them."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover.operations.page_objects import differences
from understudy_failover.page import CONTENT_TYPES, FOLDERS_KEY, Window, site_objects, window_objects
from understudy_failover.settings import Settings

END = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
PAGE = "web/en.html"


class Bucket:
    """As much of S3 as is asked for: ETag and what is beside each object."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, dict[str, Any]]] = {}
        self.refused = 0

    def put(self, key: str, body: bytes, metadata: dict[str, str] | None = None, **headers: str) -> None:
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        kind = {"ContentType": CONTENT_TYPES[key.rpartition(".")[2]], "Metadata": metadata or {}}
        self.objects[key] = etag, kind | headers

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        yield {"Contents": [{"Key": key, "ETag": f'"{etag}"'} for key, (etag, _) in self.objects.items()]}

    def head_object(self, **wanted: str) -> dict[str, Any]:
        if self.refused:
            refused: Any = {"Error": {"Code": "x"}, "ResponseMetadata": {"HTTPStatusCode": self.refused}}
            raise ClientError(refused, "HeadObject")
        etag, beside = self.objects[wanted["Key"]]
        return {"ETag": f'"{etag}"', **beside}


@pytest.fixture
def wanted(settings: Settings) -> dict[str, bytes]:
    return {item.key: item.body.encode() for item in site_objects(settings)}


@pytest.fixture
def bucket(wanted: dict[str, bytes]) -> Bucket:
    """As deployed."""
    fake = Bucket()
    for key, body in wanted.items():
        fake.put(key, body)
    return fake


def test_what_was_deployed_is_right_and_what_is_not_there_is_missing(bucket: Bucket, wanted: dict[str, bytes]) -> None:
    bucket.put("of-somebody-else.txt", b"")
    assert differences(bucket, "pages", wanted, {}) == ([], [], [])
    del bucket.objects[PAGE]
    assert differences(bucket, "pages", wanted, {}) == ([PAGE], [], [])


@pytest.mark.parametrize("window", [Window(), Window(END)], ids=["without an end", "with an end"])
def test_pages_of_planned_work_are_right_where_a_switch_states_it(
    bucket: Bucket, wanted: dict[str, bytes], settings: Settings, window: Window
) -> None:
    pages = {item.key: item for item in window_objects(settings, "web", window)}
    for item in pages.values():
        bucket.put(item.key, item.body.encode(), dict(item.metadata))
    assert bucket.objects[PAGE][1]["Metadata"]["planned"] == "true"
    assert differences(bucket, "pages", wanted, {"web": window}) == ([], [], [])
    assert differences(bucket, "pages", wanted, None) == ([], [], []), "the switches cannot be read"
    for others in ({}, {"api": window}, {"web": Window(END + timedelta(minutes=1))}):
        assert differences(bucket, "pages", wanted, others) == ([], [], sorted(pages))


def test_pages_that_a_switch_has_not_reached_yet_are_right(bucket: Bucket, wanted: dict[str, bytes]) -> None:
    assert differences(bucket, "pages", wanted, {"web": Window(END)}) == ([], [], [])


@pytest.mark.parametrize(
    "metadata",
    [{}, {"planned": "true"}, {"planned": "true", "ends-at": "2026-11-25T03:30:00Z"}, {"ends-at": "<script>"}],
    ids=str,
)
@pytest.mark.parametrize("key", [PAGE, "error.html", FOLDERS_KEY, ".pages/default./planned/en.html"])
def test_no_metadata_makes_other_content_right(
    bucket: Bucket, wanted: dict[str, bytes], key: str, metadata: dict[str, str]
) -> None:
    bucket.put(key, b"other words", metadata)
    assert differences(bucket, "pages", wanted, None) == ([], [key], [])


@pytest.mark.parametrize(
    "beside",
    [
        {"Metadata": {"planned": "true"}},
        {"Metadata": {"ends-at": "2026-11-25T03:30:00Z"}},
        {"Metadata": {"x": "y"}},
        {"ContentEncoding": "gzip"},
        {"ContentType": "application/octet-stream"},
        {"ContentType": "text/xml"},
    ],
    ids=str,
)
@pytest.mark.parametrize("key", [PAGE, "web/en.txt"])
def test_the_right_content_is_not_enough(
    bucket: Bucket, wanted: dict[str, bytes], key: str, beside: dict[str, Any]
) -> None:
    bucket.put(key, wanted[key], **beside)
    assert differences(bucket, "pages", wanted, {"web": Window(END)}) == ([], [key], [])


def test_the_end_that_api_clients_get_is_read_beside_a_body_that_never_changes(
    bucket: Bucket, wanted: dict[str, bytes]
) -> None:
    key = "web/problem.json"
    bucket.put(key, wanted[key], {"planned": "true", "ends-at": "2026-11-25T03:30:00Z"})
    assert differences(bucket, "pages", wanted, {"web": Window(END)}) == ([], [], [])
    assert differences(bucket, "pages", wanted, {}) == ([], [], [key])


def test_an_object_put_in_several_parts_is_another(bucket: Bucket, wanted: dict[str, bytes]) -> None:
    """Its ETag is no MD5 of its content, and nobody here puts one so."""
    bucket.objects[PAGE] = f"{'0' * 32}-2", bucket.objects[PAGE][1]
    assert differences(bucket, "pages", wanted, {}) == ([], [PAGE], [])


@pytest.mark.parametrize("status", [400, 403, 404])
def test_an_object_that_nobody_can_read_is_another(bucket: Bucket, wanted: dict[str, bytes], status: int) -> None:
    bucket.refused = status
    assert differences(bucket, "pages", {PAGE: wanted[PAGE]}, {}) == ([], [PAGE], [])


def test_trouble_with_s3_is_not_taken_for_a_difference(bucket: Bucket, wanted: dict[str, bytes]) -> None:
    bucket.refused = 503
    with pytest.raises(ClientError):
        differences(bucket, "pages", wanted, {})
