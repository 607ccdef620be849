"""What counts as a right answer of the maintenance page, and that each fault is named."""

from collections.abc import Mapping

import pytest

from understudy_failover.operations.https_client import Response
from understudy_failover.operations.maintenance_response import BROWSER, METHODS, REQUESTS, PageRequest, answer_problems
from understudy_failover.settings import Page

PAGE = Page.model_validate({"title": "Back <soon> & better"})
HEADERS = {
    "retry-after": "120",
    "cache-control": "no-store",
    "x-maintenance": "1",
    "content-type": "text/html; charset=utf-8",
}
BODY = b"<h1>Back &lt;soon&gt; &amp; better</h1>"
PROBLEM = HEADERS | {"content-type": "application/problem+json"}
ALLOWED = HEADERS | {"access-control-allow-origin": "https://app.example.net"}

GET = PageRequest("GET", "/", BROWSER, form="page")
(PREFLIGHT,) = (asked for asked in REQUESTS if asked.form == "preflight")


def _response(status: int = 503, headers: Mapping[str, str] = HEADERS, body: bytes = BODY) -> Response:
    return Response(status, headers, body, "AB:CD")


def _without(name: str) -> dict[str, str]:
    return {key: value for key, value in HEADERS.items() if key != name}


@pytest.mark.parametrize(
    ("asked", "response"),
    [
        (GET, _response()),
        (
            GET,
            _response(body=b"<h1>Temporarily unavailable</h1>"),
        ),
        (GET, _response(headers=HEADERS | {"retry-after": "86400"})),
        (PageRequest("HEAD", "/", BROWSER, form="page"), _response(body=b"")),
        (
            PageRequest("POST", "/"),
            _response(headers=HEADERS | {"content-type": "text/plain; charset=utf-8"}, body=b"Back <soon> & better\n"),
        ),
        (PageRequest("GET", "/", form="problem"), _response(headers=PROBLEM, body=b'{"status":503,"retry_after":120}')),
        (
            PageRequest("GET", "/robots.txt", form="small"),
            _response(headers=HEADERS | {"content-type": "text/plain; charset=utf-8"}, body=b"Service Unavailable\n"),
        ),
        (PREFLIGHT, _response(204, ALLOWED, b"")),
    ],
)
def test_a_right_answer_has_no_complaints(asked: PageRequest, response: Response) -> None:
    assert list(answer_problems(asked, response, PAGE)) == []


@pytest.mark.parametrize(
    ("asked", "response", "complaint"),
    [
        (GET, _response(status=200), "status 200 instead of 503"),
        (GET, _response(status=403, headers={}, body=b"<Error>"), "status 403 instead of 503"),
        (GET, _response(headers=_without("retry-after")), "retry-after is ''"),
        (GET, _response(headers=HEADERS | {"retry-after": "9"}), "retry-after is '9'"),
        (GET, _response(headers=HEADERS | {"retry-after": "soon"}), "retry-after is 'soon'"),
        (GET, _response(headers=HEADERS | {"cache-control": "max-age=60"}), "cache-control is 'max-age=60'"),
        (GET, _response(headers=_without("x-maintenance")), "x-maintenance is None"),
        (GET, _response(headers=_without("content-type")), "content-type is None"),
        (GET, _response(body=b""), "the body does not hold the page's title"),
        (PageRequest("HEAD", "/", BROWSER, form="page"), _response(), f"a body of {len(BODY)} bytes"),
        (PageRequest("GET", "/"), _response(), "content-type is 'text/html; charset=utf-8' instead of 'text/plain"),
        (PageRequest("GET", "/", form="problem"), _response(headers=PROBLEM), "the body is no JSON"),
        (
            PageRequest("GET", "/", form="problem"),
            _response(headers=PROBLEM | {"retry-after": "600"}, body=b'{"status":503,"retry_after":9}'),
            "the problem does not",
        ),
        (
            PageRequest("GET", "/robots.txt", form="small"),
            _response(),
            f"a body of {len(BODY)} bytes instead of one line",
        ),
        (PREFLIGHT, _response(503, ALLOWED, b""), "status 503 instead of 204"),
        (PREFLIGHT, _response(204, HEADERS, b""), "access-control-allow-origin is None"),
    ],
)
def test_each_fault_is_named(asked: PageRequest, response: Response, complaint: str) -> None:
    assert any(text.startswith(complaint) for text in answer_problems(asked, response, PAGE))


def test_every_method_is_asked_on_the_front_page_and_on_a_deep_path() -> None:
    for deep in (False, True):
        assert {asked.method for asked in REQUESTS if (len(asked.path) > 1) is deep} == set(METHODS)


def test_every_form_is_asked_for() -> None:
    assert {asked.form for asked in REQUESTS} == {"page", "problem", "text", "small", "preflight"}


def test_conditions_and_ranges_are_asked() -> None:
    assert {name for asked in REQUESTS for name in asked.headers} >= {"If-None-Match", "Range"}
