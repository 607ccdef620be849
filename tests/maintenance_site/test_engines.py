"""The edge functions in njs as in Node: CloudFront's engine is of njs's family, and deploys code that it cannot run."""

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.maintenance_site.edge import Edge, Event, headers, request
from tests.maintenance_site.njs import CLOCK, NOW_MILLISECONDS, NjsError, answers
from tests.maintenance_site.test_matrix import ACCEPT, METHODS, combinations
from understudy_failover.page import CONTENT_TYPES, EdgeFunction, edge_function
from understudy_failover.settings import Settings

FILES: tuple[EdgeFunction, ...] = ("viewer-request.js", "viewer-response.js")
NOW = datetime.fromtimestamp(NOW_MILLISECONDS / 1000, UTC)
AGENTS = ("", "curl/8.14.1", "pip/26.2", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
ENDS = (
    *(f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}" for seconds in (-60, 0, 1, 119, 120, 601, 7200, 90_000)),
    "",
    "soon",
    "9999",
    "2026-13-99T99:99:99Z",
    "2026-12-01T02:00:00+02:00",
    "2026-12-02 00:00",
    "Wed, 02 Dec 2026 00:00:00 GMT",
)
BEYOND = {
    "for-of": "for (const one of [1]) {}",
    "catch without a name": "try {} catch {}",
    "spread": "const all = [...[1]];",
    "destructuring": "const { a } = {};",
    "default parameters": "function one(a = 1) {}",
    "optional chaining": "const a = null?.b;",
    "class": "class One {}",
    "BigInt": "const a = 1n;",
}
"""Code that Node runs and CloudFront deploys, and answers with an empty 503 for ever."""


def _requests() -> Iterator[Event]:
    """Every request of the matrix, CORS, other kinds of clients, and 2,000 that no rule foresees."""
    for wanted in combinations():
        path, _, query = wanted.path.partition("?")
        named = {name.lower(): value for name, value in wanted.headers.items()} | {"host": wanted.host}
        querystring = {name: {"value": value} for name, _, value in (pair.partition("=") for pair in query.split("&"))}
        yield request(
            method=wanted.method, uri=path, headers=named, querystring={k: v for k, v in querystring.items() if k}
        )
    cors = {"origin": "https://app.example.net", "access-control-request-method": "PUT"}
    for method, accept, agent in itertools.product(METHODS, ACCEPT, AGENTS):
        yield request(method=method, headers=cors | {"accept": accept, "user-agent": agent})
        yield request(method=method, headers={"content-type": "application/json", "accept": accept})
    chance = random.Random(19)  # noqa: S311 (the same requests on every run)
    pieces = [
        "text/html",
        "*/*",
        "application/",
        "json",
        ";q=",
        "0",
        "1e9",
        "-1",
        ",",
        " ",
        "en",
        "zh-",
        "*",
        '"',
        "\\",
    ]
    names = ("accept", "accept-language", "origin", "range", "content-type", "user-agent", "host")
    for _ in range(2_000):
        own = {name: "".join(chance.choices(pieces, k=chance.randrange(12))) for name in chance.sample(names, 4)}
        path = "/" + "".join(chance.choices([chr(code) for code in range(33, 127)], k=chance.randrange(40)))
        yield request(method=chance.choice(METHODS), uri=path, headers=own)


def _responses() -> Iterator[Event]:
    """What the bucket answers, planned or not, to every kind of client."""
    kinds = itertools.product(
        CONTENT_TYPES.items(), ENDS, AGENTS, ("GET", "HEAD"), ("", "https://a.example"), (200, 304)
    )
    for (end, content_type), ends_at, agent, method, origin, status in kinds:
        stored = {"content-type": content_type, "etag": '"1"', "content-length": "5", "accept-ranges": "bytes"}
        if ends_at:
            stored |= {"x-amz-meta-planned": "true", "x-amz-meta-ends-at": ends_at}
        asked = {"user-agent": agent} | ({"origin": origin} if origin else {})
        yield {
            "request": request(method=method, uri=f"/web/en.{end}", headers=asked),
            "response": {"statusCode": status, "headers": headers(stored), "cookies": {}},
        }


def _events(file: EdgeFunction) -> list[Event]:
    if file == "viewer-response.js":
        return list(_responses())
    return [{"version": "1.0", "request": asked} for asked in _requests()]


@pytest.mark.parametrize("file", FILES)
def test_njs_answers_every_request_of_the_matrix_as_node_does(
    node: Edge, several: Settings, tmp_path: Path, file: EdgeFunction
) -> None:
    code, events = edge_function(file, several), _events(file)
    in_njs = answers(code, events, tmp_path)
    different = [
        (event, mine, theirs)
        for event, mine in zip(events, in_njs, strict=True)
        if mine != (theirs := node.run(CLOCK + code, event))
    ]
    assert different == []


def test_at_least_5000_different_requests_are_compared() -> None:
    assert len({json.dumps(event) for file in FILES for event in _events(file)}) >= 5_000


@pytest.mark.parametrize("beyond", BEYOND.values(), ids=BEYOND)
@pytest.mark.parametrize("file", FILES)
def test_a_function_with_syntax_that_the_engine_lacks_fails(
    node: Edge, several: Settings, tmp_path: Path, file: EdgeFunction, beyond: str
) -> None:
    code = edge_function(file, several).replace("function handler(event){", f"function handler(event){{{beyond}", 1)
    assert beyond in code
    event = _events(file)[0]
    with pytest.raises(NjsError, match="SyntaxError"):
        answers(code, [event], tmp_path)
    if "null?." not in beyond:
        assert node.run(code, event), "Node does not find it"


def test_the_engine_reads_no_time_with_an_offset_so_ends_are_written_in_utc(node: Edge, tmp_path: Path) -> None:
    code = "function handler(event) { return [Date.parse(event.at)]; }"
    offset, utc = {"at": "2026-12-01T09:00:00+09:00"}, {"at": "2026-12-01T00:00:00Z"}
    assert answers(code, [offset, utc], tmp_path) == [[None], [NOW_MILLISECONDS]]
    assert node.run(code, offset) == node.run(code, utc) == [NOW_MILLISECONDS]
