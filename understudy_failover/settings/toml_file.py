"""Reads untrusted TOML: returns it, or refuses it with a reason."""

import errno
import json
import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from understudy_failover.contract.regular_file import read_file
from understudy_failover.settings.keys import Location
from understudy_failover.settings.problem import Problem

LIMIT_BYTES = 1024 * 1024
"""500 host names need a tenth of it."""
LIMIT_LEVELS = 16
"""Of nested tables and lists; the model has five."""
INTEGERS = range(-(2**63), 2**63)
"""https://toml.io/en/v1.0.0#integer"""
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
BARE_VALUE = re.compile(r"\s*(?P<key>[\w-]+)\s*=\s*(?P<value>[^\s\"'\[{#=][^\"'\[{#=]*?)\s*(?:#.*)?")
"""Text without quotes. Numbers, dates, true and false are valid, so no error is on their line."""
DECLARED_TWICE = re.compile(r"Cannot declare \('([\w-]+)', '[\w-]+'\) twice")
HEADING = re.compile(r"^\s*\[\[?\s*([\w-]+)\s*\]", re.MULTILINE)
MISSING = "name an existing file, or copy the sample"


class UnreadableError(ValueError):
    """The file is not readable TOML; the text says why, `mend` what to do."""

    def __init__(self, wrong: str, fix: str = "correct that place") -> None:
        super().__init__(wrong)
        self.fix = fix


def read_text(path: Path) -> str:
    """Return the text of a file without a byte order mark. Raise UnreadableError if it is too large or not UTF-8."""
    try:
        content = read_file(path, limit_bytes=LIMIT_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise UnreadableError(f"is {error.strerror}", "name a settings file") from None
        raise UnreadableError(f"cannot be read: {error.strerror}", MISSING) from None
    except ValueError as error:  # a path with a null character
        raise UnreadableError(f"cannot be read: {error}", MISSING) from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8: {error}", "save it as UTF-8") from None


def document_of(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text. Raise UnreadableError if the parser refuses it."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(f"is not TOML: {error}", _fix(text, str(error))) from None
    except RecursionError:
        raise UnreadableError("nests too deeply", "remove the inner tables and lists") from None
    except (ValueError, OverflowError) as error:  # a number of too many digits
        raise UnreadableError(f"is not TOML: {error}") from None


def _fix(text: str, error: str) -> str:
    """Return the fix of two frequent mistakes: text without quotes, and a misspelt heading of a table."""
    position = AT_LINE.search(error)
    line = text.split("\n")[int(position[1]) - 1] if position else ""
    bare = BARE_VALUE.fullmatch(line)
    if bare:
        return f"put text in quotes: {bare['key']} = {json.dumps(bare['value'], ensure_ascii=False)}"
    if twice := DECLARED_TWICE.search(error):
        outer = twice[1]
        headings = dict.fromkeys(heading[1] for heading in HEADING.finditer(text))
        near = get_close_matches(outer, [heading for heading in headings if heading != outer], 1)
        if near:
            return f"did you mean [[{outer}]] in place of [[{near[0]}]]?"
    return "correct that place"


def shape_problems(document: object) -> Iterator[Problem]:
    """Return the problems that stop all other checks: too deep, or too large."""
    for place, value in walk(document):
        if isinstance(value, int) and value not in INTEGERS:
            yield Problem(place, "is too large", "write a number of at most 64 bits")
        elif isinstance(value, dict | list) and value and len(place) >= LIMIT_LEVELS:
            yield Problem(place, f"nests more than {LIMIT_LEVELS} levels deep", "remove it")


def walk(document: object) -> Iterator[tuple[Location, object]]:
    """Return every value with its place, outer values first, in the order of the file, to one level below the limit."""
    pending: list[tuple[Location, object]] = [((), document)]
    while pending:
        place, value = pending.pop()
        if place:
            yield place, value
        if len(place) >= LIMIT_LEVELS:
            continue
        inner: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            inner = list(value.items())
        elif isinstance(value, list):
            inner = list(enumerate(value))
        pending += [((*place, part), item) for part, item in reversed(inner)]
