"""Writes docs/who-notices.md from docs/who_notices.toml: `python -m docs.generate_who_notices`."""

from collections.abc import Iterator, Sequence

from docs.generation import DOCS, table, write
from docs.who_notices import FollowTime, Row, rows

PAGE = DOCS / "who-notices.md"
HEAD = """\
# When clients follow a failover

<!-- Written by `python -m docs.generate_who_notices` from docs/who_notices.toml. Do not edit. -->

The bounds of [README](../README.md#what-it-cannot-do) end when a resolver that honors the TTL has the new answer.
Clients may keep addresses longer, and above all connections. **A client that keeps its connection to CloudFront stays
on the maintenance page while it sends requests**, although every host is served by its server. `drill` shows such a
client; `status` and `verify` report requests to the page ([why](decisions/0023-clients-that-keep-connections.md)).

Times are seconds at most with profile `standard` (TTL of the server's record 30 s, of CloudFront's alias 60 s); add
the resolver's to the client's. *Never*: not within 1 to 4 minutes of one request a second.

- *Away*: from the DNS change to the first response of the page, while the old server still responds (planned work).
- *Refused*: the same after the old server begins to refuse connections.
- *Back*: from the DNS change back to the first response of the server, while CloudFront still responds.

Measured from {first} to {last} with the real programs in a network namespace, not on AWS. `make lab` measures those
marked † again ([how](../.github/CONTRIBUTING.md)). Dates: [who_notices.toml](who_notices.toml).
"""
SECTIONS = {
    "Resolvers": ("resolver",),
    "Browsers": ("browser",),
    "Reverse proxies": ("proxy",),
    "HTTP clients": ("language client",),
    "Package managers and other tools": ("package manager",),
    "Monitors, webhooks and streams": ("monitor", "webhook", "stream"),
}
"""The kinds of clients in each section."""
NOT_MEASURED = "–"


def page() -> str:
    every = rows()
    dates = sorted(row.date for row in every)
    return HEAD.format(first=dates[0], last=dates[-1]) + "".join(
        f"\n## {title}\n\n" + _table([row for row in every if row.kind in kinds]) for title, kinds in SECTIONS.items()
    )


def _table(chosen: Sequence[Row]) -> str:
    # A resolver connects to no server.
    columns = ["away", "refused", "back"] if chosen[0].kind != "resolver" else ["away", "back"]
    return table(["client", *columns, "why", "fix"], _lines(chosen, columns))


def _lines(chosen: Sequence[Row], columns: Sequence[str]) -> Iterator[list[str]]:
    """Return a line for all clients with the same times, reason and fix."""
    clients: dict[tuple[str, ...], list[str]] = {}
    for row in chosen:
        cells = (*(_time(getattr(row, column)) for column in columns), row.why, row.cure)
        version = f" ({row.version})" if row.version else ""
        clients.setdefault(cells, []).append(f"{row.client}{version}{'†' if row.source == 'lab' else ''}")
    for cells, names in clients.items():
        yield ["; ".join(names), *cells]


def _time(value: FollowTime | None) -> str:
    if value is None:
        return NOT_MEASURED
    if value == 0:
        return "at once"
    return f"**{value}**" if str(value).startswith("never") else f"{value}"


if __name__ == "__main__":
    write(PAGE, page())
