"""Where each value of a TOML text stands, in time that grows with the text alone."""

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
    """Return the line of every value in a TOML text, of tables that of their header.

    In a statement of several lines it is the first of them that shows the value, behind the value before.
    """
    found: dict[Location, int] = {}
    tables = _Tables()
    for line, statement in _statements(text):
        try:
            document = document_of(statement)
        except UnreadableError:
            continue
        if statement.lstrip().startswith("["):
            for place in tables.enter(document):
                found.setdefault(place, line)
            continue
        strings = _strings(statement)
        cursor = 0
        for inner, value in walk(document):
            if isinstance(value, str) and (positions := strings.get(value)):
                at = bisect_left(positions, cursor)
                cursor = positions[at] + 1 if at < len(positions) else cursor
            found.setdefault((*tables.place, *inner), line + statement.count("\n", 0, cursor))
    return found


class _Tables:
    """Which table the header before has opened."""

    def __init__(self) -> None:
        self.place: Location = ()
        self._arrays: dict[tuple[str, ...], int] = {}
        """Number of tables so far in each array of tables."""

    def enter(self, header: dict[str, Any]) -> Iterator[Location]:
        """Opens the table of a header, `{"servers": [{}]}` for `[[servers]]`; yields the places on the way."""
        names: tuple[str, ...] = ()
        value: Any = header
        while isinstance(value, dict) and value:
            ((name, value),) = value.items()
            names = (*names, name)
        if isinstance(value, list):
            self._arrays[names] = self._arrays.get(names, 0) + 1
            # What lies in the table before has its own arrays.
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
    """Every header and every `key = value` with the number of its first line; blank lines and comments are left out."""
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
    """Where each text stands in quotation marks, in order; those with escapes or of several lines are left out."""
    found: dict[str, list[int]] = {}
    for token in TOKEN.finditer(statement):
        text = token["basic"] if token["basic"] is not None else token["literal"]
        if text is not None:
            found.setdefault(text, []).append(token.start())
    return found
