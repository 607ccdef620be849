"""Maintenance switches: the table [maintenance] of failover.toml."""

from typing import Annotated, Literal

from understudy_failover.settings.keys import Key
from understudy_failover.settings.tables import Table

SwitchMode = Literal["per-server", "one", "none"]


class Maintenance(Table):
    """Switches that send clients to the maintenance page for planned work. See docs/decisions/0007."""

    switches: Annotated[
        SwitchMode,
        Key(
            "`per-server`: a switch for each server and one for all. `one`: one for all servers. `none`: clients "
            "reach the page in an outage only. Each switch is a health check: `understudy estimate` shows its cost.",
            allowed='"per-server", "one" or "none"',
            example='"per-server"',
        ),
    ] = "per-server"
