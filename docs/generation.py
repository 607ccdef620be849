"""The parts that the generators of docs/ share: tables, policy statements, writing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from understudy_failover.operations.permissions import Need

DOCS = Path(__file__).parent
BARE_PIPE = re.compile(r"(?<!\\)\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "".join(map(_line, (head, ["---"] * len(head), *rows)))


def _line(cells: Sequence[str]) -> str:
    escaped = (BARE_PIPE.sub(r"\\|", cell) for cell in cells)
    return f"| {' | '.join(escaped)} |\n"


def write(file: Path, text: str) -> None:
    """Replace the text of `file`, with the same line ends on every system."""
    file.write_text(text, encoding="utf-8", newline="\n")


def statements(needs: Iterable[Need]) -> Iterator[dict[str, Any]]:
    """Return the statements of an IAM policy, one for each resource and condition."""
    actions: dict[tuple[str, tuple[str, str, str] | None], set[str]] = {}
    for need in needs:
        actions.setdefault((need.resource, need.condition), set()).add(need.action)
    for (resource, condition), names in sorted(actions.items(), key=str):
        statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(names), "Resource": resource}
        if condition:
            operator, key, value = condition
            statement["Condition"] = {operator: {key: value}}
        yield statement
