"""One thing that a deploy would change, in plain words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from understudy_failover.contract.printable import printable

MOST_NAMES = 10
"""That a line lists, unless they are about to lose something."""


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
    fix: str = ""
    """Not empty where the deploy would fail: what to do instead, with which `text` ends."""

    def __post_init__(self) -> None:
        """Lets nothing that stands in a template act on a terminal or begin a line."""
        for name in ("text", "fix"):
            object.__setattr__(self, name, printable(getattr(self, name), limit=len(getattr(self, name))))


@dataclass(frozen=True)
class Event:
    """What happens to one of many; equal ones but for `name` become one `Change`, whose text ends with `fix`."""

    mark: Mark
    before: str
    name: str
    after: str = ""
    destructive: bool = False
    fix: str = ""


def grouped(events: Iterable[Event]) -> Iterator[Change]:
    """One change for all to which the same happens: `before`, their names, `after`."""
    found: dict[tuple[Mark, str, str, bool, str], list[str]] = {}
    for one in events:
        names = found.setdefault((one.mark, one.before, one.after, one.destructive, one.fix), [])
        if one.name not in names:
            names.append(one.name)
    for (mark, before, after, destructive, fix), names in found.items():
        shown = names if destructive or len(names) <= MOST_NAMES else names[:MOST_NAMES]
        more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
        yield Change(mark, f"{before}{listed(shown)}{more}{after}{fix}", destructive, fix)


def properties(resource: Any) -> dict[str, Any]:
    """A resource's properties; none of a resource that does not exist."""
    found: dict[str, Any] = (resource or {}).get("Properties", {})
    return found


def value(values: Mapping[str, Any], path: str) -> Any:
    """What stands at `Table.Key`; None where nothing does."""
    first, _, rest = path.partition(".")
    found = values.get(first)
    return value(found or {}, rest) if rest else found


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Keys whose values are not the same in both, sorted."""
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def listed(values: Any) -> str:
    """`a, b, c`, or `none`."""
    return ", ".join(str(value) for value in values) or "none"
