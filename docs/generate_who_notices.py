"""Writes docs/who-notices.md from docs/who_notices.toml: `python -m docs.generate_who_notices`."""

from collections.abc import Sequence
from pathlib import Path

from docs.who_notices import KINDS, Moment, Row, rows

PAGE = Path(__file__).parent / "who-notices.md"

HEAD = """\
# Who notices a failover, and when

<!-- Written by `python -m docs.generate_who_notices` from docs/who_notices.toml. Do not edit. -->

The bounds of [README](../README.md#what-it-cannot-do) end where a resolver that honors the TTL has the new answer.
Clients go on from there: with addresses, and above all with connections of their own. **Whatever keeps a connection to
CloudFront stays on the maintenance page as long as it asks often**, while every host is on its server. `drill` shows
such a client, and `status` and `verify` say that the page is still asked
([why it is not cured](decisions/0023-clients-that-keep-connections.md)).

All times are seconds at most, with profile `standard`: a TTL of 30 s for the server's record, of 60 s for the alias to
CloudFront. For all but resolvers DNS is right at once, so the resolver's time comes on top. *Never*: not within the
1 to 4 minutes that were watched, asking once a second.

- *Away*: from the DNS change to the first answer of the page, while the old server still answers (planned work).
- *Refused*: the same, from when the old server refuses connections.
- *Back*: from the DNS change back to the first answer of the server, while CloudFront goes on answering.

Measured with the real programs in a network namespace on the date of the row; nothing was seen on AWS. Rows with *lab*
are measured again by `make lab` ([how](../.github/CONTRIBUTING.md)), with a bound and 5 s.
"""
COLUMNS = ("client", "version", "away", "refused", "back", "why", "cure", "measured")
TITLES = {
    "resolver": "Resolvers",
    "browser": "Browsers",
    "proxy": "Reverse proxies in front",
    "language client": "Clients of languages, and command lines",
    "package manager": "Package managers and other tools",
    "monitor": "Monitors",
    "webhook": "Webhooks",
    "stream": "Streams",
}
NOT_NEEDED = "–"


def page() -> str:
    """Return the whole page."""
    every = rows()
    return HEAD + "".join(_section(kind, [row for row in every if row.kind == kind]) for kind in KINDS)


def _section(kind: str, chosen: Sequence[Row]) -> str:
    # A resolver connects to nobody.
    columns = [column for column in COLUMNS if column != "refused" or kind != "resolver"]
    lines = [columns, ["---"] * len(columns), *([_cell(row, column) for column in columns] for row in chosen)]
    return f"\n## {TITLES[kind]}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(row: Row, column: str) -> str:
    match column:
        case "away" | "back":
            return _moment(getattr(row, column))
        case "refused":
            return NOT_NEEDED if row.refused is None else _moment(row.refused)
        case "measured":
            return f"{row.date}, {row.source}"
        case _:
            return getattr(row, column) or NOT_NEEDED


def _moment(moment: Moment) -> str:
    if moment == 0:
        return "at once"
    if isinstance(moment, int):
        return f"{moment}"
    return f"**{moment}**" if moment.startswith("never") else moment


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
