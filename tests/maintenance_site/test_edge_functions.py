"""The edge functions in Node: what the embedded AWS, which is Node too, does not show of them."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings

from tests.maintenance_site.edge import Edge, headers, texts
from tests.maintenance_site.pages import PAGES
from understudy_failover.page import (
    FUNCTION_BYTES,
    MARKER_HEADER,
    EdgeFunction,
    FunctionTooLargeError,
    edge_function,
    locale,
    response_headers,
)
from understudy_failover.settings import LANGUAGES, Settings

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


BEYOND_THE_RUNTIME = r"\?\?|\.\.\.|\bimport "
"""What CloudFront's JavaScript runtime 2.0 lacks; Node and some versions of njs (test_engines.py) have it."""


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


OF_A_WRITER = (
    "accept-ch",
    "access-control-allow-methods",
    "alt-svc",
    "clear-site-data",
    "content-disposition",
    "content-location",
    "content-range",
    "link",
    "location",
    "refresh",
    "report-to",
    "service-worker-allowed",
    "set-cookie",
    "sourcemap",
    "x-amz-meta-refresh",
    "x-amz-object-lock-mode",
    "x-amz-tagging-count",
    "x-amz-website-redirect-location",
    "x-dns-prefetch-control",
)
FROM_CLOUDFRONT = {
    "age": "5",
    "date": "Sat, 01 Jan 2000 00:00:00 GMT",
    "server": "AmazonS3",
    "via": "1.1 x",
    "warning": "1",
}


def test_a_header_that_nobody_has_named_does_not_leave_the_edge(node: Edge, sample_settings: Settings) -> None:
    plain = node.response(sample_settings, {"statusCode": 200, "headers": headers(FROM_THE_BUCKET), "cookies": {}})
    stored = FROM_THE_BUCKET | dict.fromkeys(OF_A_WRITER, "x") | FROM_CLOUDFRONT
    answer = node.response(sample_settings, {"statusCode": 200, "headers": headers(stored), "cookies": {}})
    assert texts(answer) == texts(plain) | FROM_CLOUDFRONT


def test_a_body_that_the_edge_writes_is_said_to_be_neither_compressed_nor_as_long_as_the_stored_one(
    node: Edge, sample_settings: Settings
) -> None:
    stored = FROM_THE_BUCKET | {"content-type": "application/json"}
    answer = node.response(sample_settings, {"statusCode": 200, "headers": headers(stored), "cookies": {}})
    assert not {"content-encoding", "content-length"} & texts(answer).keys()
    assert answer["body"]["data"].endswith("}\n")


BROWSER = {"accept": "text/html,*/*;q=0.8", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0)"}
CRAWLER = {"accept": "*/*", "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
PROGRAM = {"accept": "*/*", "user-agent": "pip/26.2"}


@pytest.mark.parametrize("client", [BROWSER, CRAWLER, PROGRAM])
@pytest.mark.parametrize("left", [1, 60, 119])
def test_shortly_before_the_end_of_planned_work_clients_wait_until_curl_has_left_its_connection(
    node: Edge, sample_settings: Settings, client: dict[str, str], left: int
) -> None:
    end = f"{datetime.now(UTC) + timedelta(seconds=left + 1):%Y-%m-%dT%H:%M:%SZ}"
    kind = "text/html" if client is BROWSER else "text/plain"
    answer = node.response(sample_settings, _planned(kind, end), asked=client)
    assert texts(answer)["retry-after"] == "120"


@pytest.mark.parametrize(
    ("client", "kind", "seconds"),
    [
        (BROWSER, "text/html", "86400"),
        (CRAWLER, "text/plain", "86400"),
        (PROGRAM, "text/plain", "600"),
        (PROGRAM, "application/json", "600"),
        ({"accept": "application/json", "user-agent": BROWSER["user-agent"]}, "application/json", "600"),
    ],
)
def test_in_long_planned_work_programs_wait_for_ten_minutes_and_browsers_and_crawlers_to_the_end(
    node: Edge, sample_settings: Settings, client: dict[str, str], kind: str, seconds: str
) -> None:
    end = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    answer = node.response(sample_settings, _planned(kind, end), asked=client)
    assert texts(answer)["retry-after"] == seconds
    if kind == "application/json":
        assert json.loads(answer["body"]["data"])["retry_after"] == int(seconds)


@pytest.mark.parametrize(("client", "seconds"), [(BROWSER, "3600"), (CRAWLER, "3600"), (PROGRAM, "600")])
def test_a_long_retry_after_of_the_settings_is_for_browsers_and_crawlers_alone(
    node: Edge, sample_settings: Settings, client: dict[str, str], seconds: str
) -> None:
    page = sample_settings.page.model_copy(update={"retry_after_seconds": 3600})
    own = sample_settings.model_copy(update={"page": page})
    assert texts(node.request(own, method="POST", headers=client))["retry-after"] == seconds
    stored = {"statusCode": 200, "headers": headers({"content-type": _kind(client)}), "cookies": {}}
    assert texts(node.response(own, stored, asked=client))["retry-after"] == seconds


def _kind(client: dict[str, str]) -> str:
    return "text/html" if client is BROWSER else "text/plain"


def _planned(kind: str, end: str) -> dict[str, Any]:
    stored = {"content-type": kind, "x-amz-meta-planned": "true", "x-amz-meta-ends-at": end}
    return {"statusCode": 200, "headers": headers(stored), "cookies": {}}


@pytest.mark.parametrize("end", ["soon", "9999", "2026-13-99T99:99:99Z", "2099-01-01T00:00:00+09:00"])
def test_an_end_that_is_no_time_is_as_good_as_none(node: Edge, sample_settings: Settings, end: str) -> None:
    answer = node.response(sample_settings, _planned("application/json", end))
    assert texts(answer)["retry-after"] == "120"
    assert "ends_at" not in json.loads(answer["body"]["data"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_to_a_form_says_that_nothing_was_sent_and_sends_nothing_by_itself(
    node: Edge, sample_settings: Settings, language: str
) -> None:
    answer = node.request(sample_settings, method="POST", headers={"accept": "text/html", "accept-language": language})
    body = answer["body"]["data"]
    assert locale(language).unsent in body
    assert not re.search(r"<script|<form|http-equiv", body)


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
    assert re.search(BEYOND_THE_RUNTIME, "function one(...all) {}")


def _with_hosts(settings: Settings, count: int, length: int) -> Settings:
    server = settings.servers[0]
    names = [f"{number:03}{'h' * (length - 15)}.example.com" for number in range(count)]
    hosts = tuple(dataclasses.replace(server.hosts[0], name=name) for name in names)
    return settings.model_copy(update={"servers": (server.model_copy(update={"hosts": hosts}),)})


@pytest.mark.parametrize("file", FILES)
def test_a_hundred_hosts_of_ordinary_length_fit_in_a_function(sample_settings: Settings, file: EdgeFunction) -> None:
    assert len(edge_function(file, _with_hosts(sample_settings, 100, 22)).encode()) <= FUNCTION_BYTES == 10_240


def test_a_function_too_large_for_cloudfront_is_refused_with_what_to_do(sample_settings: Settings) -> None:
    with pytest.raises(FunctionTooLargeError, match=r"viewer-request\.js has 1\d,\d{3} bytes; .* accepts 10,240\. "):
        edge_function("viewer-request.js", _with_hosts(sample_settings, 100, 60))
