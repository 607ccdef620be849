"""The parts that the generators of docs/ share: tables, policy statements, writing."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from understudy_failover.operations.permissions import Need

DOCS = Path(__file__).parent
BARE_PIPE = re.compile(r"(?<!\\)\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(map(_line, (head, ["---"] * len(head), *rows)))


def _line(cells: Sequence[str]) -> str:
    escaped = (BARE_PIPE.sub(r"\\|", cell) for cell in cells)
    return f"| {' | '.join(escaped)} |\n"


def write(file: Path, text: str) -> None:
    """Replace the text of `file`, with the same line ends on every system."""
    file.write_text(text, encoding="utf-8", newline="\n")


class Grant(NamedTuple):
    """One action on one resource."""

    action: str
    resource: str
    condition: str = ""
    """In JSON."""

    @classmethod
    def of_need(cls, need: Need) -> Self:
        """Return what a command needs."""
        if not need.condition:
            return cls(need.action, need.resource)
        operator, key, value = need.condition
        return cls(need.action, need.resource, json.dumps({operator: {key: value}}))


def statements(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Return the statements of an IAM policy, one for each resource and condition."""
    actions: dict[tuple[str, str], set[str]] = {}
    for grant in grants:
        actions.setdefault((grant.resource, grant.condition), set()).add(grant.action)
    return [
        {"Effect": "Allow", "Action": sorted(names), "Resource": resource}
        | ({"Condition": json.loads(condition)} if condition else {})
        for (resource, condition), names in sorted(actions.items())
    ]
