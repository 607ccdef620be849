"""One thing that a deploy would change, in plain words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Mark(StrEnum):
    """What happens to it."""

    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"


@dataclass(frozen=True)
class Change:
    """`destructive` where something that serves people is removed or replaced."""

    mark: Mark
    text: str
    destructive: bool = False


def properties(resource: Any) -> dict[str, Any]:
    """A resource's properties; none of a resource that does not exist."""
    found: dict[str, Any] = (resource or {}).get("Properties", {})
    return found


def listed(values: Any) -> str:
    """`a, b, c`, or `none`."""
    return ", ".join(str(value) for value in values) or "none"
