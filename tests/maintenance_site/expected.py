"""What an answer of the maintenance page has to be, to the letter, whatever was asked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.maintenance_site.deployment import Answer
from understudy_failover.page import html, locale, page_of, plain
from understudy_failover.settings import Settings

TYPES = {"html": "text/html; charset=utf-8", "json": "application/problem+json", "txt": "text/plain; charset=utf-8"}
SMALL = "Service Unavailable\n"
HEADERS = {
    "retry-after": "120",
    "cache-control": "no-store",
    "x-maintenance": "1",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=600",
    "vary": "Accept, Accept-Encoding, Accept-Language, Origin",
}
UNWANTED = ("etag", "last-modified", "expires", "accept-ranges", "content-range", "location", "set-cookie")


@dataclass(frozen=True)
class Wanted:
    """One request, and the form of its answer."""

    host: str = "www.example.com"
    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    form: str = "txt"
    """`html`, `json`, `txt` or `small`."""
    language: str = "en"

    @property
    def is_stored(self) -> bool:
        """Whether the answer comes from the bucket; everything else is made at the edge."""
        return self.method in {"GET", "HEAD"} and self.form != "small"


def faults(wanted: Wanted, response: Answer, settings: Settings) -> Iterator[str]:
    """Everything in which an answer differs from what it has to be."""
    if response.status != 503:
        yield f"status {response.status}"
    expected = HEADERS | {"content-type": TYPES.get(wanted.form, TYPES["txt"])}
    if wanted.form in {"html", "txt"}:
        expected["content-language"] = wanted.language
    for name, value in expected.items():
        if response.headers.get(name) != value:
            yield f"{name}: {response.headers.get(name)!r} instead of {value!r}"
    for name in response.headers:
        if name in UNWANTED or name.startswith("x-amz-meta"):
            yield f"{name}: {response.headers[name]}"
    if "script-src 'sha256-" not in response.headers.get("content-security-policy", ""):
        yield "no policy"
    if wanted.method == "HEAD":
        if response.body:
            yield f"{len(response.body)} bytes of body"
    elif (body := response.body.decode("utf-8")) != (right := _body(wanted, settings)):
        yield f"body {body[:80]!r} instead of {right[:80]!r}"


def _body(wanted: Wanted, settings: Settings) -> str:
    own = locale(wanted.language)
    page = page_of(settings, wanted.host)
    match wanted.form:
        case "small":
            return SMALL
        case "json":
            detail = "Temporarily unavailable. Please try again later."
            problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": detail}
            return json.dumps(problem | {"retry_after": 120}, separators=(",", ":")) + "\n"
        case "txt":
            return plain(page, wanted.language) if wanted.is_stored else f"{own.unplanned.title}\n\n{own.unsent}\n"
        case _ if wanted.is_stored:
            return html(page, wanted.language)
        case _:
            return (
                f'<!DOCTYPE html>\n<html lang="{wanted.language}" dir="{own.direction}"><meta charset="utf-8">\n'
                '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">\n'
                f'<title>{own.unplanned.title}</title><link rel="icon" href="data:,">'
                f"<main><h1>{own.unplanned.title}</h1><p>{own.unsent}</p></main></html>\n"
            )
