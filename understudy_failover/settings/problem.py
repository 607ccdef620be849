"""A problem of the settings."""

from dataclasses import dataclass

from understudy_failover.settings.keys import Location


@dataclass(frozen=True)
class Problem:
    """`place` is a path in the file, or the name of another file."""

    place: Location | str
    wrong: str
    fix: str
    allowed: str = ""
    value: str = ""
    """As TOML writes it; empty for a missing one."""
