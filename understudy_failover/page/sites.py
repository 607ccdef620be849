"""The page of each host, and its folder in the bucket.

Planned work concerns a server, so every server has its own folder. The folder of a host with its own page is
`SERVER.PAGE`; no server's name holds a dot. `default.` is for names without a server.
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
    """Yield every folder of the bucket, in an order that is independent of the file."""
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
    """Return the page of a name, as viewer-request does: by the host itself, else by the nearest wildcard."""
    pages = {name: site.page for site in sites(settings) for name in site.hosts}
    labels = host.split(".")
    names = [host, *(".".join(("*", *labels[start:])) for start in range(1, len(labels)))]
    return next((pages[name] for name in names if name in pages), settings.page)
