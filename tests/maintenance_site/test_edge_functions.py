"""The edge functions in Node: whatever is asked for, the answer is the page and 503."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings

import maintenance_site
from maintenance_site import (
    FUNCTION_BYTES,
    MARKER_HEADER,
    PAGE_KEY,
    EdgeFunction,
    edge_function,
    page_text,
    response_headers,
)
from settings import Page, load
from tests.maintenance_site.edge import Edge, headers, texts
from tests.maintenance_site.pages import PAGES

FILES: tuple[EdgeFunction, ...] = ("viewer-request.js", "viewer-response.js")

RETRIEVING = ("GET", "HEAD")
OTHER = ("OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""With `RETRIEVING` all methods that a distribution can let in."""

CONDITIONS = {
    "if-match": '"a"',
    "if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT",
    "if-none-match": '"a"',
    "if-range": '"a"',
    "if-unmodified-since": "Sat, 01 Jan 2000 00:00:00 GMT",
    "range": "bytes=0-9",
}

FROM_THE_BUCKET = {
    "content-type": "text/html; charset=utf-8",
    "content-length": "3210",
    "content-encoding": "br",
    "etag": '"0123"',
    "last-modified": "Sat, 01 Jan 2000 00:00:00 GMT",
    "expires": "Sat, 01 Jan 2000 00:00:00 GMT",
    "accept-ranges": "bytes",
    "cache-control": "max-age=31536000",
    "vary": "accept-encoding",
}

DISALLOWED = (
    "connection",
    "expect",
    "keep-alive",
    "proxy-",
    "trailer",
    "upgrade",
    "x-accel-",
    "x-amz-cf-",
    "x-cache",
    "x-edge-",
    "x-forwarded-proto",
    "x-real-ip",
    "transfer-encoding",
    "warning",
    "via",
)
"""Beginnings of the names that a function may not set: the viewer would get 502.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""


def _body(answer: dict[str, Any]) -> str:
    assert answer["body"]["encoding"] == "base64"
    return base64.b64decode(answer["body"]["data"], validate=True).decode("utf-8")


@pytest.mark.parametrize("method", RETRIEVING)
@pytest.mark.parametrize(
    "uri", ["/", "/index.html", "/deep/er/path.php", "/%E2%82%AC", "/.well-known/x", "//", "/favicon.ico"]
)
def test_every_path_is_rewritten_to_the_page(node: Edge, page: Page, method: str, uri: str) -> None:
    answer = node.request(page, method=method, uri=uri)
    assert answer["uri"] == f"/{PAGE_KEY}"
    assert answer["method"] == method
    assert "statusCode" not in answer, "it must stay a request, for the cache to answer"


@pytest.mark.parametrize("method", RETRIEVING)
def test_the_query_is_dropped(node: Edge, page: Page, method: str) -> None:
    query = {"a": {"value": "1"}, "b": {"value": "2", "multiValue": [{"value": "2"}, {"value": "3"}]}}
    assert node.request(page, method=method, querystring=query)["querystring"] == {}


@pytest.mark.parametrize("method", RETRIEVING)
def test_conditions_and_ranges_are_dropped_and_other_headers_kept(node: Edge, page: Page, method: str) -> None:
    others = {"host": "www.example.com", "accept": "text/html", "user-agent": "x", "if-else": "kept"}
    answer = node.request(page, method=method, headers=CONDITIONS | others)
    assert texts(answer) == others


@pytest.mark.parametrize("method", OTHER)
def test_every_other_method_is_answered_with_503_at_the_edge(node: Edge, page: Page, method: str) -> None:
    answer = node.request(page, method=method, uri="/api/orders", headers={"content-type": "application/json"})
    assert answer["statusCode"] == 503
    assert answer["statusDescription"] == "Service Unavailable"
    assert texts(answer) == {**response_headers(page), "content-type": "text/plain; charset=utf-8"}


@pytest.mark.parametrize("method", OTHER)
def test_that_answer_holds_the_texts_of_the_page(node: Edge, page: Page, method: str) -> None:
    assert _body(node.request(page, method=method)) == page_text(page)


@pytest.mark.parametrize("status", [200, 206, 304])
def test_the_page_leaves_the_edge_with_503_whatever_the_bucket_or_cache_said(
    node: Edge, page: Page, status: int
) -> None:
    answer = node.response(page, {"statusCode": status, "statusDescription": "…", "headers": {}, "cookies": {}})
    assert answer["statusCode"] == 503
    assert answer["statusDescription"] == "Service Unavailable"


def test_the_page_leaves_the_edge_without_validators_and_with_our_headers(node: Edge, page: Page) -> None:
    answer = node.response(page, {"statusCode": 200, "headers": headers(FROM_THE_BUCKET), "cookies": {}})
    kept = {name: FROM_THE_BUCKET[name] for name in ("content-type", "content-length", "content-encoding", "vary")}
    assert texts(answer) == kept | response_headers(page)


def test_the_body_is_left_to_the_bucket(node: Edge, page: Page) -> None:
    answer = node.response(page, {"statusCode": 200, "headers": headers(FROM_THE_BUCKET), "cookies": {}})
    assert "body" not in answer


def test_every_answer_says_when_to_try_again_is_never_kept_and_bears_the_marker(page: Page) -> None:
    named = response_headers(page.model_copy(update={"retry_after_seconds": 345}))
    assert named["retry-after"] == "345"
    assert named["cache-control"] == "no-store"
    assert named[MARKER_HEADER] == "1"


def test_functions_set_only_headers_that_cloudfront_lets_them_set(node: Edge, page: Page) -> None:
    generated = texts(node.request(page, method="POST")).keys()
    changed = texts(node.response(page, {"statusCode": 200, "headers": {}, "cookies": {}})).keys()
    for name in generated | changed:
        assert name == name.lower()
        assert not name.startswith(DISALLOWED), name


@hypothesis_settings(deadline=None, derandomize=True)
@given(hostile=PAGES)
def test_hostile_texts_reach_the_viewer_as_they_are_and_never_become_code(node: Edge, hostile: Page) -> None:
    answer = node.request(hostile, method="POST")
    assert _body(answer) == page_text(hostile)
    assert texts(answer)["retry-after"] == str(hostile.retry_after_seconds)


@pytest.mark.parametrize("file", FILES)
def test_the_code_is_ascii_as_cloudformation_keeps_no_other_character_safe(file: EdgeFunction) -> None:
    assert edge_function(file, Page(title="für 日本 😀", message="\u2028", contact="é")).isascii()


def _longest_page(root: Path, folder: Path, character: str) -> Page:
    """The [page] of a failover.toml whose texts are as long as they may be, of one character."""
    shutil.copytree(root / "certificates", folder / "certificates")
    text = (root / "failover.toml").read_text(encoding="utf-8")
    head, rest = text.split("[page]\n")
    lengths = {"title": 80, "message": 600, "contact": 200}
    table = "".join(f"{key} = {json.dumps(character * most, ensure_ascii=False)}\n" for key, most in lengths.items())
    (folder / "failover.toml").write_text(
        f"{head}[page]\n{table}[[zones]]{rest.split('[[zones]]', 1)[1]}", encoding="utf-8"
    )
    return load(folder / "failover.toml").page


@pytest.mark.parametrize("character", ["x", '"', "\\", "é", "€", "\U0001f600", "\U0010ffff"])
@pytest.mark.parametrize("file", FILES)
def test_the_longest_texts_that_the_settings_take_fit_in_a_function(
    root: Path, tmp_path: Path, file: EdgeFunction, character: str
) -> None:
    page = _longest_page(root, tmp_path, character)
    assert (len(page.title), len(page.message), len(page.contact)) == (80, 600, 200)
    assert len(edge_function(file, page).encode()) <= FUNCTION_BYTES == 10_240


def test_a_function_too_large_for_cloudfront_is_refused_with_what_to_do(page: Page) -> None:
    large = page.model_copy(update={"message": "x" * 9_000})
    with pytest.raises(ValueError, match=r"viewer-request\.js has 1\d,\d{3} bytes .* takes 10,240\. Shorten the texts"):
        edge_function("viewer-request.js", large)


@pytest.mark.parametrize("file", FILES)
def test_a_function_may_have_exactly_the_bytes_that_cloudfront_takes(
    page: Page, file: EdgeFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(edge_function(file, page).encode())
    monkeypatch.setattr(maintenance_site, "FUNCTION_BYTES", size)
    assert len(edge_function(file, page).encode()) == size
    monkeypatch.setattr(maintenance_site, "FUNCTION_BYTES", size - 1)
    with pytest.raises(ValueError, match=f"{file} has "):
        edge_function(file, page)
