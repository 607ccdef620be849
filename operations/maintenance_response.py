"""What every answer of the maintenance page must be, whatever was asked, and whether it is."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from html import unescape

from maintenance_site import MARKER_HEADER
from operations.https_client import HttpsClient, Response, UnreachableError
from settings import Page, Settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = (
    "/",
    "/a/deep/path/without/an/end.html?with=a&query",
    "/robots.txt",
    "/favicon.ico",
    "/.well-known/acme-challenge/token",
    "/caf%C3%A9/%2e%2e/a%20b;c=d",
    "/../a//b/./c",
    "/" + "long/" * 200,
)


@dataclass(frozen=True)
class Asked:
    """One request to the maintenance page."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None
    """Where to connect, past DNS."""

    def __str__(self) -> str:
        return f"{self.method} {self.path if len(self.path) <= 40 else self.path[:39] + '…'}"


REQUESTS = (
    *(Asked(method, "/") for method in METHODS),
    *(Asked("GET", path) for path in PATHS[1:]),
    *(Asked(method, PATHS[1]) for method in METHODS[1:]),
    # A cache or an S3 bucket would answer these with 304 and 206, and so with no page.
    Asked("GET", "/", {"If-None-Match": "*", "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"}),
    Asked("GET", "/", {"Range": "bytes=0-3"}),
)


def ask(
    questions: Mapping[str, tuple[Asked, ...]], client: HttpsClient, settings: Settings, workers: Executor
) -> list[str]:
    """Puts the questions to each host name; answers everything that is wrong with what comes back."""

    def ask_one(question: tuple[str, Asked]) -> list[str]:
        name, asked = question
        try:
            response = client.request(
                name, method=asked.method, path=asked.path, headers=asked.headers, address=asked.address
            )
        except UnreachableError as error:
            return [f"{name}: {asked}: {error}"]
        found = [f"{name}: {asked}: {text}" for text in complaints(asked, response, settings.page)]
        if response.certificate_sha256 != settings.certificate.public.fingerprint:
            found.append(f"{name}: {asked}: not the declared certificate but {response.certificate_sha256}")
        return found

    every = [(name, asked) for name, several in questions.items() for asked in several]
    return [text for texts in workers.map(ask_one, every) for text in texts]


def complaints(asked: Asked, response: Response, page: Page) -> Iterator[str]:
    """Everything that is wrong with an answer; nothing for a right one."""
    expected = {"retry-after": str(page.retry_after_seconds), "cache-control": "no-store", MARKER_HEADER: "1"}
    if response.status != 503:
        yield f"status {response.status} instead of 503"
    for name, value in expected.items():
        if response.headers.get(name) != value:
            yield f"{name} is {response.headers.get(name)!r} instead of {value!r}"
    kind = response.headers.get("content-type", "")
    if asked.method == "GET" and not kind.startswith("text/html"):
        yield f"content-type is {kind!r} instead of text/html"
    if asked.method == "HEAD":
        if response.body:
            yield f"a body of {len(response.body)} bytes"
    elif page.title not in _text(kind, response.body):
        yield "the body does not hold the page's title"


def _text(kind: str, body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return unescape(text) if kind.startswith("text/html") else text
