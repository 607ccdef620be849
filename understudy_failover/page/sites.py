"""Which hosts show which page, and where its objects lie in the bucket.

Planned work concerns a server, so every server has a folder of its own; a host with a page of its own has
`SERVER.PAGE`, with a dot, which no server's name holds. `default.` is for names that no server has.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from understudy_failover.settings import Page, Settings

DEFAULT_FOLDER = "default."


@dataclass(frozen=True)
class Site:
    """A page, the folder of its objects, and the hosts that show it."""

    folder: str
    """Key prefix in the bucket, without a slash."""
    server: str | None
    hosts: tuple[str, ...]
    page: Page


def sites(settings: Settings) -> Iterator[Site]:
    """Every folder of the bucket, in an order that does not depend on that of the file."""
    yield Site(DEFAULT_FOLDER, None, (), settings.page)
    own = {host: page for page in settings.pages for host in page.hosts}
    for server in sorted(settings.servers, key=lambda server: server.name):
        names = sorted(host.name for host in server.hosts)
        for host_page in (None, *sorted(settings.pages, key=lambda page: page.name)):
            hosts = tuple(name for name in names if own.get(name) is host_page)
            if not hosts:
                continue
            page = host_page.over(settings.page) if host_page else settings.page
            folder = f"{server.name}.{host_page.name}" if host_page else server.name
            yield Site(folder, server.name, hosts, page)


def page_of(settings: Settings, host: str) -> Page:
    """The page that a name shows, as viewer-request finds it: by the host itself, else by the nearest wildcard."""
    pages = {name: site.page for site in sites(settings) for name in site.hosts}
    labels = host.split(".")
    names = [host, *(".".join(("*", *labels[start:])) for start in range(1, len(labels)))]
    return next((pages[name] for name in names if name in pages), settings.page)
