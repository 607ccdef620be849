"""The code of the two CloudFront Functions: their values, then plain JavaScript files."""

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
"""On every response of the edge functions, with value 1: distinguishes this 503 from a server's."""

PROGRAM_SECONDS = 600
"""The longest Retry-After for a program; shared.js has the same."""

EdgeFunction = Literal["viewer-request.js", "viewer-response.js"]

FUNCTION_BYTES = 10_240
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""


class FunctionTooLargeError(ValueError):
    """The host names, languages or colors are too many or too long; the text says how to fix it."""


def response_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every response of the edge functions, without Retry-After; names in lower case."""
    # Digests allow the style sheets and the script: even a defect of the escaping could run no code.
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
    """Return the seconds of Retry-After without a function: as for programs, which wait without output."""
    return min(page.retry_after_seconds, PROGRAM_SECONDS)


def edge_function(file: EdgeFunction, settings: Settings) -> str:
    """Return the code of a CloudFront Function. Raise FunctionTooLargeError if it exceeds CloudFront's limit."""
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
        # Built-in texts, which are short: the owner's texts would not fit.
        words = {language: (locale(language).unplanned.title, locale(language).unsent) for language in page.languages}
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
            f"{file} has {size:,} bytes; CloudFront accepts {FUNCTION_BYTES:,}. Offer fewer languages in [page], "
            "use one wildcard for several hosts, or declare an additional certificate for new servers: "
            f"{documentation('scale')}."
        )
    return code


def _offered(languages: Sequence[str]) -> dict[str, str]:
    """Return the first language by each of its leading tags: `zh` is `zh-Hans`."""
    by_tag: dict[str, str] = {}
    for language in languages:
        parts = language.lower().split("-")
        for length in range(len(parts), 0, -1):
            by_tag.setdefault("-".join(parts[:length]), language)
    return by_tag


def _labels_behind_star(host: str) -> int:
    return host.count(".") if host.startswith("*.") else 0


def _javascript(values: object) -> str:
    # JSON in ASCII is JavaScript for all values.
    return json.dumps(values, separators=(",", ":"))


def _code(name: str) -> str:
    """Return a file without comment lines and blanks, which count toward CloudFront's limit."""
    return smaller_javascript((SOURCES / name).read_text(encoding="utf-8")) + "\n"
