"""The maintenance response: pages in many languages, and two edge functions that make every response a 503.

sites.py     the page of each host, and its folder in the bucket
locales.py   the texts, built-in and the owner's
page.py      a page as HTML and as text, from page.html, page.css, colours.css, page.js and drawing.svg
objects.py   all objects in the bucket
edge.py      the CloudFront Functions: viewer-request.js and viewer-response.js, each behind shared.js
"""

from understudy_failover.page.edge import (
    FUNCTION_BYTES,
    MARKER_HEADER,
    EdgeFunction,
    FunctionTooLargeError,
    edge_function,
    response_headers,
    retry_after_of_policy,
)
from understudy_failover.page.locales import Locale, Words, locale, page_words
from understudy_failover.page.objects import (
    CONTENT_TYPES,
    ERROR_KEY,
    FILES_DIGEST,
    FOLDERS_KEY,
    PAGES,
    PLACEHOLDER,
    SiteObject,
    files_digest,
    pages_of_folders,
    site_objects,
    window_metadata,
    window_objects,
)
from understudy_failover.page.page import Window, html, plain
from understudy_failover.page.sites import DEFAULT_FOLDER, Site, page_of, sites

__all__ = [
    "CONTENT_TYPES",
    "DEFAULT_FOLDER",
    "ERROR_KEY",
    "FILES_DIGEST",
    "FOLDERS_KEY",
    "FUNCTION_BYTES",
    "MARKER_HEADER",
    "PAGES",
    "PLACEHOLDER",
    "EdgeFunction",
    "FunctionTooLargeError",
    "Locale",
    "Site",
    "SiteObject",
    "Window",
    "Words",
    "edge_function",
    "files_digest",
    "html",
    "locale",
    "page_of",
    "page_words",
    "pages_of_folders",
    "plain",
    "response_headers",
    "retry_after_of_policy",
    "site_objects",
    "sites",
    "window_metadata",
    "window_objects",
]
