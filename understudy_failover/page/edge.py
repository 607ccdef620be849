"""The two CloudFront Functions, as deployed: plain JavaScript files behind the values that they need."""

import json
from collections.abc import Sequence
from typing import Literal

from understudy_failover.contract.documentation import documentation
from understudy_failover.page.locales import locale
from understudy_failover.page.objects import CONTENT_TYPES
from understudy_failover.page.page import colours, digest, script, smaller_javascript, style
from understudy_failover.page.sites import DEFAULT_FOLDER, sites
from understudy_failover.page.sources import SOURCES
from understudy_failover.settings import Page, Settings

MARKER_HEADER = "x-maintenance"
"""On every answer of the edge functions, with value 1: tells this 503 from a server's own."""

PROGRAM_SECONDS = 600
"""The longest Retry-After for a program; shared.js has the same."""

EdgeFunction = Literal["viewer-request.js", "viewer-response.js"]

FUNCTION_BYTES = 10_240
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""


class FunctionTooLargeError(ValueError):
    """So many or so long host names, languages or colours do not fit; the text says how to mend it."""


def response_headers(settings: Settings) -> dict[str, str]:
    """Headers of every answer of the edge functions but Retry-After; names in lower case, as those want them."""
    # Style sheets and the script are allowed by their digests: even a hole in the escaping could run nothing.
    sheets = sorted({digest(colours(site.page)) for site in sites(settings)} | {digest(style())})
    headers = {
        MARKER_HEADER: "1",
        "cache-control": "no-store",
        "vary": "Accept, Accept-Encoding, Accept-Language, Origin",
        "content-security-policy": f"default-src 'none'; style-src {' '.join(sheets)}; "
        f"script-src {digest(script())}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    if settings.page.strict_transport_security:
        headers["strict-transport-security"] = settings.page.strict_transport_security
    return headers


def retry_after_of_policy(page: Page) -> int:
    """Return the seconds of Retry-After where no function says them: as for programs, which wait in silence."""
    return min(page.retry_after_seconds, PROGRAM_SECONDS)


def edge_function(file: EdgeFunction, settings: Settings) -> str:
    """The code of a CloudFront Function.

    Raises:
        FunctionTooLargeError: the code is larger than CloudFront takes.
    """
    page = settings.page
    values: dict[str, object] = {
        "headers": response_headers(settings),
        "exposed": f"Retry-After, {MARKER_HEADER}",
        "retryAfter": page.retry_after_seconds,
        "types": dict(CONTENT_TYPES),
    }
    if file == "viewer-response.js":
        values["languages"] = page.languages
    if file == "viewer-request.js":
        # Short and ours in every language: pages with the owner's words would not fit.
        words = {one: (locale(one).unplanned.title, locale(one).unsent) for one in page.languages}
        values |= {
            "words": dict(sorted(words.items())),
            "offered": _offered(page.languages),
            "fallback": DEFAULT_FOLDER,
            "depth": max((_labels_behind_star(host) for site in sites(settings) for host in site.hosts), default=0),
            # The page's own language, and its hosts.
            "folders": {site.folder: [site.page.language, " ".join(site.hosts)] for site in sites(settings)},
        }
    parts = (f"const SITE = {_javascript(values)};", _code("shared.js"), _code(file))
    code = "\n".join(parts)
    size = len(code.encode())
    if size > FUNCTION_BYTES:
        raise FunctionTooLargeError(
            f"{file} has {size:,} bytes; CloudFront takes {FUNCTION_BYTES:,}. Offer fewer languages in [page], "
            "let one wildcard stand for several hosts, or declare a further certificate for servers that come new: "
            f"{documentation('scale')}."
        )
    return code


def _offered(languages: Sequence[str]) -> dict[str, str]:
    """The first language that begins with a tag, by every tag that one begins with: `zh` is `zh-Hans`."""
    found: dict[str, str] = {}
    for language in languages:
        parts = language.lower().split("-")
        for length in range(len(parts), 0, -1):
            found.setdefault("-".join(parts[:length]), language)
    return found


def _labels_behind_star(host: str) -> int:
    return host.count(".") if host.startswith("*.") else 0


def _javascript(values: object) -> str:
    # JSON in ASCII is JavaScript as it stands, whatever the values hold.
    return json.dumps(values, separators=(",", ":"))


def _code(name: str) -> str:
    """Return a file without comment lines and blanks, which CloudFront counts."""
    return smaller_javascript((SOURCES / name).read_text(encoding="utf-8")) + "\n"
