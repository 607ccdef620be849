"""The required answers of the maintenance page for every request, and a check of them."""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import HttpsClient, Response
from understudy_failover.page import MARKER_HEADER, locale, page_of, page_words, retry_after_of_policy
from understudy_failover.settings import STATES, Page, Settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = (
    "/",
    "/a/deep/path/without/an/end.html?with=a&query",
    "/caf%C3%A9/%2e%2e/a%20b;c=d",
    "/../a//b/./c",
    "/" + "long/" * 200,
)
SMALL_PATHS = ("/robots.txt", "/favicon.ico", "/.well-known/acme-challenge/token")
RETRY_AFTER_SECONDS = range(10, 86_401)
"""The range of values from the settings and from the end of planned work."""
SHOWN = 100
"""Characters of a wrong header."""

Form = Literal["page", "problem", "text", "small", "preflight"]
"""HTML, RFC 9457, plain text, one line, or the answer to a CORS preflight request."""
CONTENT_TYPES: Mapping[Form, str] = {
    "page": "text/html; charset=utf-8",
    "problem": "application/problem+json",
    "text": "text/plain; charset=utf-8",
    "small": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class PageRequest:
    """A request to the maintenance page, and the form of its answer."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None
    """Where to connect instead of DNS."""
    form: Form = "text"

    def __str__(self) -> str:
        return f"{self.method} {self.path if len(self.path) <= 40 else self.path[:39] + '…'}"


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
API_CLIENT = {"Accept": "application/json"}
PREFLIGHT = {"Origin": "https://app.example.net", "Access-Control-Request-Method": "PUT"}

REQUESTS = (
    *(PageRequest(method, "/") for method in METHODS),
    *(PageRequest(method, PATHS[1], BROWSER, form="page") for method in METHODS),
    *(PageRequest("GET", path, BROWSER, form="page") for path in (PATHS[0], *PATHS[2:])),
    *(PageRequest("GET", path, form="small") for path in SMALL_PATHS),
    *(PageRequest(method, "/api", API_CLIENT, form="problem") for method in ("GET", "POST")),
    PageRequest("OPTIONS", "/api", PREFLIGHT, form="preflight"),
    # A cache or an S3 bucket would answer these with 304 and 206 instead of the page.
    PageRequest("GET", "/", {"If-None-Match": "*", "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"}),
    PageRequest("GET", "/", {"Range": "bytes=0-3"}),
)


def ask(
    questions: Mapping[str, tuple[PageRequest, ...]], client: HttpsClient, settings: Settings, workers: Executor
) -> list[str]:
    """Send the requests to each host name; return everything that is wrong with the answers."""

    def ask_one(question: tuple[str, PageRequest]) -> list[str]:
        name, asked = question
        try:
            response = client.request(
                name, method=asked.method, path=asked.path, headers=asked.headers, address=asked.address
            )
        except UnreachableError as error:
            return [f"{name}: {asked}: {error}"]
        problems = [f"{name}: {asked}: {text}" for text in answer_problems(asked, response, page_of(settings, name))]
        if response.certificate_sha256 != settings.certificate_of(name).public.fingerprint:
            problems.append(f"{name}: {asked}: not the declared certificate but {response.certificate_sha256}")
        return problems

    every = [(name, asked) for name, several in questions.items() for asked in several]
    return [text for texts in workers.map(ask_one, every) for text in texts]


def answer_problems(asked: PageRequest, response: Response, page: Page) -> Iterator[str]:
    # Only after a 2xx does a browser send the request, whose 503 the app can read.
    status = 204 if asked.form == "preflight" else 503
    if response.status != status:
        yield f"status {response.status} instead of {status}"
    expected = {"cache-control": "no-store", MARKER_HEADER: "1"}
    if asked.form == "preflight":
        expected["access-control-allow-origin"] = asked.headers["Origin"]
    else:
        expected["content-type"] = CONTENT_TYPES[asked.form]
    for name, value in expected.items():
        actual = response.headers.get(name)
        if actual != value:
            yield f"{name} is {actual and actual[:SHOWN]!r} instead of {value!r}"
    retry_after = response.headers.get("retry-after", "")
    if not re.fullmatch("[0-9]{1,5}", retry_after) or int(retry_after) not in RETRY_AFTER_SECONDS:
        yield f"retry-after is {retry_after[:SHOWN]!r}, no seconds from 10 to 86400"
    if asked.method == "HEAD" or asked.form == "preflight":
        if response.body:
            yield f"a body of {len(response.body)} bytes"
    else:
        yield from _complaints_about_body(asked, response, page)


def _complaints_about_body(asked: PageRequest, response: Response, page: Page) -> Iterator[str]:
    if not response.whole:
        yield f"the body is longer than {len(response.body):,} bytes"
    text = response.body.decode("utf-8", "replace")
    if asked.form == "problem":
        try:
            problem = json.loads(text)
        except (ValueError, RecursionError):
            yield "the body is no JSON"
            return
        if not isinstance(problem, dict):
            yield "the body is no JSON object"
        # Of the function or of the response headers policy: AWS does not say which wins.
        elif problem.get("status") != 503 or response.headers.get("retry-after") not in {
            str(problem.get("retry_after")),
            str(retry_after_of_policy(page)),
        }:
            yield "the problem does not repeat status and Retry-After"
    elif asked.form == "small":
        if text != "Service Unavailable\n":
            yield f"a body of {len(response.body)} bytes instead of one line"
    elif not any(title in _plain(response, text) for title in _titles(page)):
        yield "the body does not hold the page's title"


def _titles(page: Page) -> set[str]:
    """Return the titles for planned and unplanned maintenance, also of the answers that need no bucket."""
    own = {page_words(page, page.language, state).title for state in STATES}
    return own | {locale(page.language).unplanned.title}


def _plain(response: Response, text: str) -> str:
    return unescape(text) if response.headers.get("content-type", "").startswith("text/html") else text
