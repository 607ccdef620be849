"""The objects in the bucket: those of a deploy, and their replacements during planned work."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from understudy_failover.page.page import Window, html, plain
from understudy_failover.page.sites import DEFAULT_FOLDER, sites
from understudy_failover.settings import Page, Settings

ERROR_KEY = "error.html"
"""The page that CloudFront returns when S3 answers an error."""

PAGES = ".pages/"
"""Prefix of the pages of every state, for the monitor: `.pages/PAGE/STATE/LANGUAGE.html`."""
FOLDERS_KEY = f"{PAGES}folders.json"
"""The page of each folder of a server: `{"web": "default.", "web.shop": "shop"}`."""
PLACEHOLDER: Final = Window(datetime(1970, 1, 1, tzinfo=UTC))
"""The end in the pages of state `until`, which the real end replaces."""
FILES_DIGEST = "FilesSha256"
"""Metadata of the resource that uploads the objects: their `files_digest`."""
STATES: Final = MappingProxyType({"unplanned": None, "planned": Window(), "until": PLACEHOLDER})

CONTENT_TYPES: Final = MappingProxyType(
    {"html": "text/html; charset=utf-8", "json": "application/problem+json", "txt": "text/plain; charset=utf-8"}
)
"""By the end of the key."""


@dataclass(frozen=True)
class SiteObject:
    """An object to put into the bucket."""

    key: str
    body: str
    content_type: str
    metadata: tuple[tuple[str, str], ...] = ()
    """User-defined: S3 adds `x-amz-meta-` to each name, and the edge reads it."""


def site_objects(settings: Settings) -> Iterator[SiteObject]:
    """Yield the objects of a deploy: the pages of an outage, for viewers, and those of every state, to replace them."""
    yield _object(ERROR_KEY, html(settings.page, settings.page.language))
    folders = {}
    pages = {DEFAULT_FOLDER: settings.page}
    for site in sites(settings):
        yield from _objects(site.folder, site.page, None)
        if site.server:
            name = site.folder.partition(".")[2] or DEFAULT_FOLDER
            folders[site.folder] = name
            pages[name] = site.page
    for name, page in pages.items():
        for state, window in STATES.items():
            yield from _objects(f"{PAGES}{name}/{state}", page, window)
    yield _object(FOLDERS_KEY, f"{json.dumps(folders)}\n")


def files_digest(settings: Settings) -> str:
    """Return the digest of all `site_objects`: the template has it, which identifies their deploy."""
    objects = sorted((site_object.key, site_object.body) for site_object in site_objects(settings))
    return hashlib.sha256(json.dumps(objects).encode()).hexdigest()


def window_objects(settings: Settings, server: str, window: Window | None) -> Iterator[SiteObject]:
    """Yield the objects of a server during planned work; without `window`, those before and after it."""
    for site in sites(settings):
        if site.server == server:
            yield from _objects(site.folder, site.page, window)


def window_metadata(window: Window) -> dict[str, str]:
    """Return the metadata of the objects of planned work."""
    return ({"ends-at": window.ends_at_text} if window.ends_at else {}) | {"planned": "true"}


def pages_of_folders(content: bytes) -> dict[str, str]:
    """Return which page each folder of a server shows, from the object `FOLDERS_KEY`."""
    page_names: dict[str, str] = json.loads(content)
    return page_names


def _objects(folder: str, page: Page, window: Window | None) -> Iterator[SiteObject]:
    metadata = tuple(window_metadata(window).items()) if window else ()
    for language in page.languages:
        yield _object(f"{folder}/{language}.html", html(page, language, window), metadata)
        yield _object(f"{folder}/{language}.txt", plain(page, language, window), metadata)
    # The edge writes its own body, with the time left; this body is for direct requests to S3.
    problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503}
    yield _object(f"{folder}/problem.json", f"{json.dumps(problem)}\n", metadata)


def _object(key: str, body: str, metadata: tuple[tuple[str, str], ...] = ()) -> SiteObject:
    return SiteObject(key, body, CONTENT_TYPES[key.rpartition(".")[2]], metadata)
