"""The report of all problems of failover.toml: place, line, value, allowed values, fix."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from understudy_failover.contract.printable import printable
from understudy_failover.settings.aws_values import BadValueError
from understudy_failover.settings.keys import DescribedKey, Location, described_keys, table_model, where
from understudy_failover.settings.line_numbers import line_numbers
from understudy_failover.settings.problem import Problem

MAX_VALUE_CHARACTERS = 60
LIMIT_CHARACTERS = 30_000
"""Limit of a line of the report: 100 names fit."""

WRONG = {
    "greater_than_equal": "is too small",
    "int_type": "is not a whole number",
    "less_than_equal": "is too large",
    "model_type": "is not a table",
    "string_too_long": "is too long",
    "string_too_short": "is empty",
    "string_type": "is not text",
    "too_short": "is empty",
    "tuple_type": "is not a list",
}
"""Pydantic's kinds of error in plain words."""


class AlreadyReportedError(ValueError):
    """Ends the validation of a value whose problem another check reports."""


class SettingsError(Exception):
    """The file is not usable; `str()` is the report."""

    def __init__(self, path: Path, problems: Sequence[Problem], text: str = "") -> None:
        lines = line_numbers(text)
        ordered = sorted(problems, key=lambda problem: _line(problem, lines) or len(text) + 1)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{printable(str(path))} has {count}:\n\n{numbered(ordered, lines)}")
        self.problems = tuple(ordered)


def numbered(problems: Sequence[Problem], lines: Mapping[Location, int] | None = None) -> str:
    """Return the text of problems, numbered; `lines` as of `line_numbers`."""
    return "\n\n".join(_entry(number, problem, lines or {}) for number, problem in enumerate(problems, 1))


def problems_of(error: ValidationError, model: type[BaseModel]) -> Iterator[Problem]:
    """Yield pydantic's errors about `model` as problems, without those that another check reports."""
    known = tuple(described_keys(model))
    errors = error.errors()
    unknown = [details for details in errors if details["type"] == "extra_forbidden"]
    misspelt = {(*details["loc"][:-1], _meant(details["loc"], known)) for details in unknown}
    for details in errors:
        if details["type"] == "default_factory_not_called":  # the value it depends on has its own error
            continue
        if details["type"] == "too_short" and details["input"]:  # its items have theirs
            continue
        if details["type"] == "missing" and details["loc"] in misspelt:
            continue
        if isinstance(details.get("ctx", {}).get("error"), AlreadyReportedError):
            continue
        yield _problem(details, model, known)


def written(value: object) -> str:
    """Return `value` as TOML, shortened; never a private key."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if not isinstance(value, str | int | float):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    if "PRIVATE KEY" in text:
        return "(a private key, not shown)"
    return text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[: MAX_VALUE_CHARACTERS - 1]}…"


def dotted(place: Location) -> str:
    """Return `servers[1].hosts[0]` for `("servers", 1, "hosts", 0)`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _problem(details: ErrorDetails, model: type[BaseModel], known: Sequence[DescribedKey]) -> Problem:
    place: Location = details["loc"]
    described = next((candidate for candidate in known if (*candidate.table, candidate.name) == _names(place)), None)
    if details["type"] == "extra_forbidden" or described is None:
        return _unknown(place, details["input"], model, known)
    key = described.key
    sample = _sample(described, model)
    if details["type"] == "missing":
        return Problem(place, "is missing", f"add {sample}", key.allowed)
    value = "(not shown)" if key.confidential else written(details["input"])
    fault: Any = details.get("ctx", {}).get("error")
    if isinstance(fault, BadValueError):
        return Problem(place, fault.wrong, fault.fix, key.allowed, value)
    wrong = WRONG.get(details["type"], "is not in the allowed form")
    return Problem(place, wrong, f"write for example {sample}", key.allowed, value)


def _sample(described: DescribedKey, model: type[BaseModel]) -> str:
    if table_model(described.field.annotation):
        return described.key.example
    return f"{described.name} = {described.key.example} {where(model, described.table)}"


def _unknown(place: Location, value: object, model: type[BaseModel], known: Sequence[DescribedKey]) -> Problem:
    table = _names(place[:-1])
    names = [key.name for key in known if key.table == table]
    elsewhere = [where(model, key.table) for key in known if key.name == place[-1]]
    if meant := _meant(place, known):
        fix = f"did you mean {meant}?"
    elif elsewhere:
        fix = f"it belongs {' or '.join(elsewhere)}"
    else:
        fix = "remove it"
    return Problem(place, f"is not a key {where(model, table)}", fix, ", ".join(names), written(value))


def _meant(place: Location, known: Sequence[DescribedKey]) -> str | None:
    """Return the nearest key of the same table, or the key that contains the word, like `ttl_seconds` for `ttl`.

    None for the name of a key of an inner table.
    """
    table = _names(place[:-1])
    if any(key.name == place[-1] and key.table[:-1] == table for key in known):
        return None
    names = [key.name for key in known if key.table == _names(place[:-1])]
    word = str(place[-1]).lower()
    parts = [name for name in names if len(word) > 2 and word in name]
    return next(iter(get_close_matches(word, names, 1) + parts), None)


def _names(place: Location) -> tuple[str, ...]:
    return tuple(part for part in place if isinstance(part, str))


def _line(problem: Problem, lines: Mapping[Location, int]) -> int | None:
    """Return the line of the value, or of the nearest table of a missing value."""
    if isinstance(problem.place, str):
        return None
    ways = (problem.place[:length] for length in range(len(problem.place), 0, -1))
    return next((lines[way] for way in ways if way in lines), None)


def _entry(number: int, problem: Problem, lines: Mapping[Location, int]) -> str:
    place = problem.place if isinstance(problem.place, str) else dotted(problem.place)
    line = _line(problem, lines)
    head = f"{number}. {place} (line {line})" if line else f"{number}. {place}"
    if problem.value:
        head += f" = {problem.value}"
    details = [f"   {problem.wrong}"]
    if problem.allowed:
        details.append(f"   allowed: {problem.allowed}")
    written_lines = (head, *details, f"   fix:     {problem.fix}")
    return "\n".join(printable(line, limit=LIMIT_CHARACTERS) for line in written_lines)
