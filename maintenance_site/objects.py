"""The objects in the bucket: what a deploy puts there, and what planned work puts in their place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from maintenance_site.page import Window, html, plain
from maintenance_site.sites import Site, sites
from settings import Settings

ERROR_KEY = "error.html"
"""The page that CloudFront itself falls back on when S3 answers an error."""

CONTENT_TYPES: Final = MappingProxyType(
    {
        "html": "text/html; charset=utf-8",
        "json": "application/problem+json",
        "txt": "text/plain; charset=utf-8",
    }
)
"""By the end of the key."""


@dataclass(frozen=True)
class SiteObject:
    """An object to put into the bucket."""

    key: str
    body: str
    content_type: str
    metadata: tuple[tuple[str, str], ...] = ()
    """User-defined: S3 puts `x-amz-meta-` before each name, and the edge reads it."""


def site_objects(settings: Settings) -> Iterator[SiteObject]:
    """Everything that a deploy puts into the bucket: the pages of an outage that nobody announced."""
    yield _object(ERROR_KEY, html(settings.page, settings.page.language))
    for site in sites(settings):
        yield from _objects(site, None)


def window_objects(settings: Settings, server: str, window: Window | None) -> Iterator[SiteObject]:
    """What takes the place of the objects of one server while planned work goes on; without `window`, afterwards.

    Put with S3's data plane alone: no deploy and no control plane stands between an operator and the words.
    """
    for site in sites(settings):
        if site.server == server:
            yield from _objects(site, window)


def _objects(site: Site, window: Window | None) -> Iterator[SiteObject]:
    metadata: tuple[tuple[str, str], ...] = ()
    if window:
        end = (("ends-at", window.ends_at_text),) if window.ends_at else ()
        metadata = (*end, ("planned", "true"))
    for language in site.page.languages:
        yield _object(f"{site.folder}/{language}.html", html(site.page, language, window), metadata)
        yield _object(f"{site.folder}/{language}.txt", plain(site.page, language, window), metadata)
    # The edge writes its own body, with the time that is left; this one is for whoever asks S3 directly.
    problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503}
    yield _object(f"{site.folder}/problem.json", f"{json.dumps(problem)}\n", metadata)


def _object(key: str, body: str, metadata: tuple[tuple[str, str], ...] = ()) -> SiteObject:
    return SiteObject(key, body, CONTENT_TYPES[key.rpartition(".")[2]], metadata)
