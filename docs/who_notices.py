"""The table of clients and when they follow a failover: docs/who_notices.toml."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

TABLE = Path(__file__).parent / "who_notices.toml"
KINDS = ("resolver", "browser", "proxy", "language client", "package manager", "monitor", "webhook", "stream")
NEVER = "never"
NEVER_AWAY = "never away"

Moment = int | str
"""A bound in seconds, NEVER, NEVER_AWAY, or other words."""


@dataclass(frozen=True)
class Row:
    """The measurement of one client; the head of the table describes the fields."""

    kind: str
    client: str
    version: str
    date: date
    away: Moment
    back: Moment
    why: str
    source: str
    refused: Moment | None = None
    """None where it was not measured, and for resolvers, which connect to no server."""
    cure: str = ""
    lab: str = ""
    """The client's name in tools/lab, where `make lab` measures it."""


def rows() -> list[Row]:
    """Return the table in its order.

    Raises:
        TypeError: a row lacks a field, or has one that is not known.
    """
    return [Row(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["clients"]]
