"""The maintenance response: the page, and the two edge functions that make every answer a 503.

`page.html` and `page.css` are templates of one self-contained page; `viewer-request.js` and
`viewer-response.js` are CloudFront Functions. This module fills them with the texts of failover.toml.
"""

import base64
import hashlib
import json
import re
from html import escape
from pathlib import Path
from string import Template
from typing import Literal

from settings import Page

FOLDER = Path(__file__).parent

PAGE_KEY = "index.html"
"""Key of the page in its bucket."""

MARKER_HEADER = "x-maintenance"
"""On every answer of the edge functions, with value 1: tells this 503 from a server's own."""

EdgeFunction = Literal["viewer-request.js", "viewer-response.js"]

FUNCTION_BYTES = 10_240
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""


def page_html(page: Page) -> str:
    """The page: HTML that loads nothing else and runs no script."""
    contact = f'<p class="contact">{escape(page.contact)}</p>\n' if page.contact else ""
    return Template(_read("page.html")).substitute(
        language=escape(page.language),
        title=escape(page.title),
        message=escape(page.message.strip()),
        contact=contact,
        style=_style(),
    )


def page_text(page: Page) -> str:
    """The page for clients that asked with a method whose answers nobody renders."""
    texts = (page.title, page.message, page.contact)
    return "\n\n".join(text.strip() for text in texts if text.strip()) + "\n"


def response_headers(page: Page) -> dict[str, str]:
    """Headers of every answer of the edge functions; names in lower case, as those want them."""
    # The one style sheet is allowed by its digest, so that even a hole in the escaping could run nothing.
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        MARKER_HEADER: "1",
        "retry-after": str(page.retry_after_seconds),
        "cache-control": "no-store",
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
    }


def edge_function(file: EdgeFunction, page: Page) -> str:
    """The code of a CloudFront Function: `file` behind the values that it needs.

    Raises:
        ValueError: the code is larger than CloudFront takes.
    """
    values: dict[str, object] = {"headers": response_headers(page)}
    if file == "viewer-request.js":
        # Base64, because 880 characters as \uXXXX could alone be more than a function may hold.
        text = base64.b64encode(page_text(page).encode()).decode()
        values |= {"page": f"/{PAGE_KEY}", "text": text}
    # JSON in ASCII is JavaScript as it stands, whatever the values hold.
    code = f"const MAINTENANCE = {json.dumps(values, indent=4)};\n\n{_read(file)}"
    size = len(code.encode())
    if size > FUNCTION_BYTES:
        raise ValueError(
            f"{file} has {size:,} bytes with the texts of [page]; CloudFront takes {FUNCTION_BYTES:,}. "
            "Shorten the texts."
        )
    return code


def _style() -> str:
    return re.sub(r"\s*([{}:;,])\s*", r"\1", _read("page.css")).strip()


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
