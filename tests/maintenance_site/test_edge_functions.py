"""The edge functions in Node: what the embedded AWS, which is Node too, does not show of them."""

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings

from tests.maintenance_site.deployment import write_settings
from tests.maintenance_site.edge import Edge, headers, texts
from tests.maintenance_site.pages import PAGES
from understudy_failover.page import (
    FUNCTION_BYTES,
    MARKER_HEADER,
    EdgeFunction,
    FunctionTooLargeError,
    edge_function,
    response_headers,
)
from understudy_failover.settings import Settings, load

FILES: tuple[EdgeFunction, ...] = ("viewer-request.js", "viewer-response.js")

RETRIEVING = ("GET", "HEAD")

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


BEYOND_THE_RUNTIME = r"\bfor \(const \w+ of|\?\.\w|\?\?|\.\.\.|const [\[{]|let [\[{]|\bclass |\bimport "
"""What CloudFront's JavaScript runtime 2.0 lacks, and Node has."""


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with several pages."""
    return load(write_settings(tmp_path_factory.mktemp("several")))


@pytest.mark.parametrize("method", RETRIEVING)
def test_conditions_and_ranges_are_dropped_and_other_headers_kept(
    node: Edge, sample_settings: Settings, method: str
) -> None:
    others = {"host": "www.example.com", "accept": "text/html", "user-agent": "x", "if-else": "kept"}
    answer = node.request(sample_settings, method=method, headers=CONDITIONS | others)
    assert texts(answer) == others
    assert answer["uri"] == "/web/en.html"
    assert answer["querystring"] == {}


@pytest.mark.parametrize(
    ("host", "folder"),
    [
        ("www.example.com", "web"),
        ("WWW.example.com:8443", "web"),
        ("shop.example.com", "web.shop"),
        ("api.example.org", "api"),
        ("a.example.org", "api.arabic"),
        ("a.b.c.example.org", "api.arabic"),
        ("example.org", "default."),
        ("d111.cloudfront.net", "default."),
        ("com", "default."),
        ("constructor", "default."),
        ("", "default."),
    ],
)
def test_a_host_finds_its_folder(node: Edge, several: Settings, host: str, folder: str) -> None:
    answer = node.request(several, headers={"host": host})
    assert answer["uri"].rpartition("/")[0] == f"/{folder}"


def test_a_request_without_any_header_gets_the_text(node: Edge, several: Settings) -> None:
    event = {"version": "1.0", "request": {"method": "GET", "uri": "/", "querystring": {}, "headers": {}}}
    assert node.run(edge_function("viewer-request.js", several), event)["uri"] == "/default./en.txt"


def test_a_header_that_comes_twice_counts_as_one_list(node: Edge, sample_settings: Settings) -> None:
    twice = {"value": "sv", "multiValue": [{"value": "sv"}, {"value": "fr"}]}
    event = {"request": {"method": "GET", "uri": "/", "headers": {"accept-language": twice}}}
    assert node.run(edge_function("viewer-request.js", sample_settings), event)["uri"] == "/default./fr.txt"


@pytest.mark.parametrize("status", [200, 206, 304])
def test_an_object_leaves_the_edge_with_503_without_validators_and_with_our_headers(
    node: Edge, sample_settings: Settings, status: int
) -> None:
    stored = FROM_THE_BUCKET | {"x-amz-meta-planned": "true", "x-amz-server-side-encryption": "AES256"}
    answer = node.response(sample_settings, {"statusCode": status, "headers": headers(stored), "cookies": {}})
    assert answer["statusCode"] == 503
    assert answer["statusDescription"] == "Service Unavailable"
    kept = {name: FROM_THE_BUCKET[name] for name in ("content-type", "content-length", "content-encoding")}
    ours = response_headers(sample_settings) | {"retry-after": "120", "content-language": "en"}
    assert texts(answer) == kept | ours
    assert "body" not in answer, "the page is the bucket's"


def test_a_body_that_the_edge_writes_is_said_to_be_neither_compressed_nor_as_long_as_the_stored_one(
    node: Edge, sample_settings: Settings
) -> None:
    stored = FROM_THE_BUCKET | {"content-type": "application/json"}
    answer = node.response(sample_settings, {"statusCode": 200, "headers": headers(stored), "cookies": {}})
    assert not {"content-encoding", "content-length"} & texts(answer).keys()
    assert answer["body"]["data"].endswith("}\n")


def test_functions_set_only_headers_that_cloudfront_lets_them_set(node: Edge, several: Settings) -> None:
    cors = {"origin": "https://a.example", "access-control-request-method": "PUT"}
    answers: list[dict[str, Any]] = [
        node.request(several, method="POST", headers=cors),
        node.request(several, method="OPTIONS", headers=cors),
        node.response(several, {"statusCode": 200, "headers": {}, "cookies": {}}),
    ]
    names = {name for answer in answers for name in texts(answer)}
    assert names >= {"retry-after", MARKER_HEADER, "access-control-allow-origin", "strict-transport-security"}
    for name in names:
        assert name == name.lower()
        assert not name.startswith(DISALLOWED), name


@hypothesis_settings(deadline=None, derandomize=True)
@given(hostile=PAGES)
def test_hostile_texts_never_become_code(node: Edge, sample_settings: Settings, hostile: Any) -> None:
    answer = node.request(sample_settings.model_copy(update={"page": hostile}), method="POST")
    assert answer["statusCode"] == 503


@pytest.mark.parametrize("file", FILES)
def test_the_code_is_ascii_as_cloudformation_keeps_no_other_character_safe(
    several: Settings, file: EdgeFunction
) -> None:
    assert edge_function(file, several).isascii()


@pytest.mark.parametrize("file", FILES)
def test_the_code_needs_nothing_that_the_runtime_lacks(several: Settings, file: EdgeFunction) -> None:
    code = edge_function(file, several)
    assert not re.search(BEYOND_THE_RUNTIME, code.partition("\n")[2])
    assert re.search(BEYOND_THE_RUNTIME, "const { a } = b;")


def _with_hosts(settings: Settings, count: int, length: int) -> Settings:
    server = settings.servers[0]
    names = [f"{number:03}{'h' * (length - 15)}.example.com" for number in range(count)]
    hosts = tuple(dataclasses.replace(server.hosts[0], name=name) for name in names)
    return settings.model_copy(update={"servers": (server.model_copy(update={"hosts": hosts}),)})


@pytest.mark.parametrize("file", FILES)
def test_a_hundred_hosts_of_ordinary_length_fit_in_a_function(sample_settings: Settings, file: EdgeFunction) -> None:
    assert len(edge_function(file, _with_hosts(sample_settings, 100, 22)).encode()) <= FUNCTION_BYTES == 10_240


def test_a_function_too_large_for_cloudfront_is_refused_with_what_to_do(sample_settings: Settings) -> None:
    with pytest.raises(FunctionTooLargeError, match=r"viewer-request\.js has 1\d,\d{3} bytes; .* takes 10,240\. Offer"):
        edge_function("viewer-request.js", _with_hosts(sample_settings, 100, 60))
