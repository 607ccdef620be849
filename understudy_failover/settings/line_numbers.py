"""The line of each value of a TOML text, in time that is linear in the text."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from understudy_failover.settings.keys import Location
from understudy_failover.settings.toml_file import UnreadableError, document_of, walk

TOKEN = re.compile(
    r'"""(?:[^"\\]+|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']+|'{1,2}(?!'))*+'{3,5}"
    r'|"(?P<basic>(?:[^"\\\n]+|\\.)*+)"'
    r"|'(?P<literal>[^'\n]*)'"
    r"|#[^\n]*"
    r"|(?P<open>[\[{])"
    r"|(?P<close>[\]}])"
    r"|(?P<end>\n)",
    re.DOTALL,
)
"""Strings, comments, brackets and line ends: https://toml.io/en/v1.0.0#string"""


def line_numbers(text: str) -> dict[Location, int]:
    """Return the line of every value in a TOML text; for a table, of its header.

    In a statement of several lines it is the first line with the value after the previous value.
    """
    lines: dict[Location, int] = {}
    tables = _Tables()
    for line, statement in _statements(text):
        try:
            document = document_of(statement)
        except UnreadableError:
            continue
        if statement.lstrip().startswith("["):
            for place in tables.enter(document):
                lines.setdefault(place, line)
            continue
        strings = _strings(statement)
        cursor = 0
        for inner, value in walk(document):
            if isinstance(value, str) and (positions := strings.get(value)):
                at = bisect_left(positions, cursor)
                cursor = positions[at] + 1 if at < len(positions) else cursor
            lines.setdefault((*tables.place, *inner), line + statement.count("\n", 0, cursor))
    return lines


class _Tables:
    """The table of the last header."""

    def __init__(self) -> None:
        self.place: Location = ()
        self._arrays: dict[tuple[str, ...], int] = {}
        """Number of tables so far, by array of tables."""

    def enter(self, header: dict[str, Any]) -> Iterator[Location]:
        """Open the table of a header, `{"servers": [{}]}` for `[[servers]]`; yield the places on the way."""
        names: tuple[str, ...] = ()
        value: Any = header
        while isinstance(value, dict) and value:
            ((name, value),) = value.items()
            names = (*names, name)
        if isinstance(value, list):
            self._arrays[names] = self._arrays.get(names, 0) + 1
            # The arrays in the previous table end.
            for inner in [array for array in self._arrays if len(array) > len(names) and array[: len(names)] == names]:
                del self._arrays[inner]
        place: Location = ()
        for length in range(1, len(names) + 1):
            place = (*place, names[length - 1])
            yield place
            if count := self._arrays.get(names[:length]):
                place = (*place, count - 1)
                yield place
        self.place = place


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield every header and `key = value` with its first line, without blank lines and comments."""
    start, line, depth = 0, 1, 0
    for token in TOKEN.finditer(f"{text}\n"):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["end"] and depth <= 0:
            statement = text[start : token.start()]
            if statement.strip() and not statement.lstrip().startswith("#"):
                yield line, statement
            line += statement.count("\n") + 1
            start, depth = token.end(), 0


def _strings(statement: str) -> dict[str, list[int]]:
    """Return the positions of each quoted text, in order, without texts that have escapes or several lines."""
    positions: dict[str, list[int]] = {}
    for token in TOKEN.finditer(statement):
        text = token["basic"] if token["basic"] is not None else token["literal"]
        if text is not None:
            positions.setdefault(text, []).append(token.start())
    return positions
