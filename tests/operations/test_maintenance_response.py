"""What counts as a right answer of the maintenance page, and that each fault is named."""

from collections.abc import Mapping

import pytest

from operations.https_client import Response
from operations.maintenance_response import METHODS, REQUESTS, Asked, complaints
from settings import Page

PAGE = Page.model_validate({"title": "Back <soon> & better"})
HEADERS = {
    "retry-after": "120",
    "cache-control": "no-store",
    "x-maintenance": "1",
    "content-type": "text/html; charset=utf-8",
}
BODY = b"<h1>Back &lt;soon&gt; &amp; better</h1>"


def _response(status: int = 503, headers: Mapping[str, str] = HEADERS, body: bytes = BODY) -> Response:
    return Response(status, headers, body, "AB:CD")


def _without(name: str) -> dict[str, str]:
    return {key: value for key, value in HEADERS.items() if key != name}


def test_the_right_answer_has_no_complaints() -> None:
    assert list(complaints(Asked("GET", "/"), _response(), PAGE)) == []


def test_head_is_right_without_a_body_and_wrong_with_one() -> None:
    assert list(complaints(Asked("HEAD", "/"), _response(body=b""), PAGE)) == []
    assert list(complaints(Asked("HEAD", "/"), _response(), PAGE)) == [f"a body of {len(BODY)} bytes"]


def test_other_methods_may_be_answered_in_plain_text() -> None:
    plain = _response(headers=HEADERS | {"content-type": "text/plain"}, body=b"Back <soon> & better\n")
    assert list(complaints(Asked("POST", "/"), plain, PAGE)) == []
    assert len(list(complaints(Asked("GET", "/"), plain, PAGE))) == 1


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        (_response(status=200), "status 200 instead of 503"),
        (_response(status=403, headers={}, body=b"<Error>"), "status 403 instead of 503"),
        (_response(headers=_without("retry-after")), "retry-after is None instead of '120'"),
        (_response(headers=HEADERS | {"cache-control": "max-age=60"}), "cache-control is 'max-age=60'"),
        (_response(headers=_without("x-maintenance")), "x-maintenance is None"),
        (_response(headers=_without("content-type")), "content-type is ''"),
        (_response(body=b""), "the body does not hold the page's title"),
    ],
)
def test_each_fault_is_named(response: Response, complaint: str) -> None:
    assert any(text.startswith(complaint) for text in complaints(Asked("GET", "/"), response, PAGE))


def test_every_method_is_asked_on_the_front_page_and_on_a_deep_path() -> None:
    for deep in (False, True):
        assert {asked.method for asked in REQUESTS if (len(asked.path) > 1) is deep} == set(METHODS)


def test_conditions_and_ranges_are_asked() -> None:
    assert {name for asked in REQUESTS for name in asked.headers} >= {"If-None-Match", "Range"}
