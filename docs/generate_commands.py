"""Writes docs/commands.md from the commands' own --help: `python -m docs.generate_commands`."""

import argparse
import os
import re
from collections.abc import Iterator
from unittest.mock import patch

from docs.generation import DOCS, write
from understudy_failover.cli import EXIT_CODES, command_line

PAGE = DOCS / "commands.md"
HEAD = """\
# Commands

<!-- Written by `python -m docs.generate_commands` from the commands' own --help. Do not edit. -->

`understudy COMMAND --help` explains every argument, with examples. In this repository, type `.venv/bin/understudy`.

```
"""


def page() -> str:
    with patch.dict(os.environ, {"COLUMNS": "10000", "NO_COLOR": "1"}):
        return f"{HEAD}{EXIT_CODES}```\n\n" + "".join(map(_line, commands()))


def commands() -> Iterator[argparse.ArgumentParser]:
    """Return the parser of every command that does something, in the order of the help."""
    yield from _leaves(command_line())


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser
    for group in groups:
        for command in dict.fromkeys(group.choices.values()):  # an alias has the same parser
            yield from _leaves(command)


def _line(parser: argparse.ArgumentParser) -> str:
    # A description may begin with the command itself.
    summary = re.sub(rf"^`{parser.prog}[^`]*`: ", "", (parser.description or "").partition("\n\n")[0])
    first, _, _ = " ".join(summary.split()).partition(". ")
    return f"- **{parser.prog}**: {first[:1].upper()}{first[1:].rstrip('.')}.\n"


if __name__ == "__main__":
    write(PAGE, page())
