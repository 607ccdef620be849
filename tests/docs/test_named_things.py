"""What pages and messages name exists: targets of make, commands with their options, keys of failover.toml."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, code, pages
from understudy_failover.cli import command_line
from understudy_failover.settings import Settings
from understudy_failover.settings.keys import described_keys, table_model

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"^([A-Z]+) \?=", MAKEFILE, re.MULTILINE))
every_page = pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
OF_A_PAGE = {"planned", "unplanned"}
"""Tables of the texts of a page of one's own: docs/configuration.md."""


def _lines(page: Path) -> Iterator[str]:
    """Every command, one a line; what follows `&&`, `|` or a comment is another one or none."""
    for snippet in code(page):
        text = snippet.text.replace("\\\n", " ")
        for line in text.splitlines():
            for part in re.split(r"&&|\||\s#|;|`", line):
                yield part.strip()


@every_page
def test_every_target_and_variable_of_make_exists(page: Path) -> None:
    for line in _lines(page):
        if match := re.match(r"(?:\.?/?\S*/)?make ([a-z]+)\b(.*)", line):
            assert match[1] in TARGETS, line
            assert set(re.findall(r"\b([A-Z]+)=", re.sub(r"'[^']*'|\"[^\"]*\"", "", match[2]))) <= VARIABLES, line


@every_page
def test_every_command_parses(page: Path) -> None:
    """As the tool itself reads it; names that stand for something are words like others."""
    for line in _lines(page):
        match = re.match(r"(?:\.venv/bin/)?understudy ([a-z].*)", line)
        if not match or page.name == "commands.md" or "…" in match[1] or "COMMAND" in match[1]:
            continue
        words = shlex.split(re.split("[<>]| && ", match[1])[0])
        code_, said = _parsed([word for word in words if word != "$WORLD"])
        # A command alone is its name; what it must be given is told by its help.
        assert not code_ or re.search(r" (is|are) required\b", said), (line, said)


def _parsed(words: list[str]) -> tuple[str | int | None, str]:
    """Exit code and complaint of the tool's own parser."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            command_line().parse_args(words)
        except SystemExit as end:
            return end.code, said.getvalue()
    return 0, ""


@every_page
def test_every_example_of_a_key_names_one_of_failover_toml(page: Path) -> None:
    """In a page, `key = value` is a line of failover.toml, and `[table]` one of its tables."""
    known = list(described_keys(Settings))
    keys = {key.name for key in known}
    tables = {key.name for key in known if table_model(key.field.annotation)} | {"servers.health_check"} | OF_A_PAGE
    for snippet in code(page):
        for line in snippet.text.splitlines():
            if match := re.match(r"#? ?([a-z][a-z0-9_]+) = (?:\"|\[|\d|true|false)", line):
                assert match[1] in keys, line
            elif match := re.fullmatch(r"\[\[?([a-z_.]+)\]?\]\s*(?:#.*)?", line):
                assert match[1] in tables, line


def test_the_tables_above_can_say_no() -> None:
    assert {"rehearse", "up", "deploy"} <= TARGETS
    assert {"ARGS", "STACKS", "TIMING"} <= VARIABLES
    assert _parsed(["verfy"])[0] == 2
