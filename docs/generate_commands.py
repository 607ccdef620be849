"""Writes docs/commands.md from the commands' own --help: `python -m docs.generate_commands`."""

import argparse
import os
import re
from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

from docs.generation import DOCS, table, write
from understudy_failover.cli import EXIT_CODES, command_line

PAGE = DOCS / "commands.md"
COMMON_FROM = 2
"""What as many commands describe in the same words is described once."""
HEAD = """\
# Commands

<!-- Written by `python -m docs.generate_commands` from the commands' own --help. Do not edit. -->

`understudy COMMAND --help` has examples. In this repository the command is `.venv/bin/understudy`.

```
"""
Words = tuple[str, str]
"""An argument as it is typed, and its help."""


def page() -> str:
    with patch.dict(os.environ, {"COLUMNS": "10000", "NO_COLOR": "1"}):
        parsers = list(commands())
        common = _common(parsers)
        meanings = dict(reversed(common))  # the first words of each
        options = table(("argument", "meaning"), ((f"`{name}`", meanings[name]) for name in dict(common)))
        sections = "".join(_section(parser, common) for parser in parsers)
        return f"{HEAD}{EXIT_CODES}```\n\n## Common arguments\n\n{options}{sections}"


def commands() -> Iterator[argparse.ArgumentParser]:
    """Return the parser of every command that does something, in the order of the help."""
    yield from _leaves(command_line())


def described(parser: argparse.ArgumentParser) -> Iterator[Words]:
    """Return the arguments of a command with their help, without `--help`."""
    formatter = parser._get_formatter()
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction):
            name = action.option_strings[-1] if action.option_strings else ""
            value = formatter._format_args(action, formatter._get_default_metavar_for_optional(action))
            typed = f"{name} {'' if action.nargs == 0 else value}".strip()
            yield typed, " ".join(formatter._expand_help(action).split()) if action.help else ""


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser
    for group in groups:
        for command in dict.fromkeys(group.choices.values()):  # an alias has the same parser
            yield from _leaves(command)


def _common(parsers: list[argparse.ArgumentParser]) -> list[Words]:
    count = Counter(words for parser in parsers for words in described(parser))
    return [words for words, number in count.items() if number >= COMMON_FROM]


def _section(parser: argparse.ArgumentParser, common: list[Words]) -> str:
    # A description may begin with the command itself.
    summary = re.sub(rf"^`{parser.prog}[^`]*`: ", "", (parser.description or "").partition("\n\n")[0])
    lines, shared = [f"{summary[:1].upper()}{' '.join(summary[1:].split())}\n\n"], []
    for words in described(parser):
        name, meaning = words
        if words in common:
            shared.append(f"`{name.partition(' ')[0] if name.startswith('-') else name}`")
        else:
            lines.append(f"- `{name}`{': ' if meaning else ''}{meaning}\n")
    if shared:
        lines.append(f"- {', '.join(shared)}\n")
    return f"\n## {parser.prog}\n\n{''.join(lines).rstrip()}\n"


if __name__ == "__main__":
    write(PAGE, page())
