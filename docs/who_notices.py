"""The table of clients and when they follow a failover: docs/who_notices.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from understudy_failover.operations.estimate.client_behavior import Delay, Kind, kinds

TABLE = Path(__file__).parent / "who_notices.toml"
KINDS = ("resolver", "browser", "proxy", "language client", "package manager", "monitor", "webhook", "stream")
NEVER = "never"
NEVER_AWAY = "never away"
HABIT = "habit"

FollowTime = int | str
"""A bound in seconds, NEVER, NEVER_AWAY, or other words."""


@dataclass(frozen=True)
class Row:
    """The measurement of one client; the head of the table describes the fields."""

    kind: str
    client: str
    version: str
    date: date
    away: FollowTime
    back: FollowTime
    why: str
    source: str
    refused: FollowTime | None = None
    """None where it was not measured, and for resolvers, which connect to no server."""
    cure: str = ""
    lab: str = ""
    """The client's name in tools/lab, where `make lab` measures it."""
    habit: str = ""
    """The client's name in client_kinds.toml of `estimate`, which has the seconds of every field that is HABIT here."""


def rows() -> list[Row]:
    """Return the table in its order.

    Raises:
        TypeError: a row lacks a field, or has an unknown field.
        KeyError: client_kinds.toml has no client of this name.
    """
    kinds_by_name = {kind.name: kind for kind in kinds()}
    return [
        _with_habit(Row(**row), kinds_by_name) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["clients"]
    ]


def _with_habit(row: Row, kinds_by_name: Mapping[str, Kind]) -> Row:
    if not row.habit:
        return row
    habit = kinds_by_name[row.habit]
    delays = {"away": habit.page, "refused": habit.page, "back": habit.server}
    own: dict[str, Any] = {
        name: _follow_time(row, delay) for name, delay in delays.items() if getattr(row, name) == HABIT
    }
    return replace(row, **own)


def _follow_time(row: Row, delay: Delay | None) -> FollowTime:
    if delay is None:
        return NEVER
    if row.kind == "browser":
        return f"{delay.longest:g} (95 %: {delay.most:g})"
    return int(delay.longest)
