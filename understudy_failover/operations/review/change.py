"""A change of a deploy, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from understudy_failover.contract.printable import printable

MOST_NAMES = 10
"""Names that a line lists, unless they are about to lose something."""


class Mark(StrEnum):
    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"


@dataclass(frozen=True)
class Change:
    """A change; `destructive` where something that serves visitors is removed or replaced."""

    mark: Mark
    text: str
    destructive: bool = False
    fix: str = ""
    """What to do instead where the deploy would fail, else empty; `text` ends with it."""

    def __post_init__(self) -> None:
        """Lets nothing that stands in a template act on a terminal or begin a line."""
        for name in ("text", "fix"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=len(getattr(self, name))))


@dataclass(frozen=True)
class Event:
    """A change of one name; events that differ only in `name` become one `Change`, whose text ends with `fix`."""

    mark: Mark
    before: str
    name: str
    after: str = ""
    destructive: bool = False
    fix: str = ""


def grouped(events: Iterable[Event]) -> Iterator[Change]:
    """Yield one change for all names with the same event: `before`, the names, `after`."""
    groups: dict[tuple[Mark, str, str, bool, str], list[str]] = {}
    for event in events:
        names = groups.setdefault((event.mark, event.before, event.after, event.destructive, event.fix), [])
        if event.name not in names:
            names.append(event.name)
    for (mark, before, after, destructive, fix), names in groups.items():
        shown = names if destructive or len(names) <= MOST_NAMES else names[:MOST_NAMES]
        more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
        yield Change(mark, f"{before}{listed(shown)}{more}{after}{fix}", destructive, fix)


def properties(resource: Any) -> dict[str, Any]:
    """Return the properties of a resource; none of a resource that does not exist."""
    values: dict[str, Any] = (resource or {}).get("Properties", {})
    return values


def value(values: Mapping[str, Any], path: str) -> Any:
    """Return the value at `Table.Key`; None where there is none."""
    first, _, rest = path.partition(".")
    inner = values.get(first)
    return value(inner or {}, rest) if rest else inner


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ, sorted."""
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def listed(values: Any) -> str:
    return ", ".join(str(value) for value in values) or "none"
