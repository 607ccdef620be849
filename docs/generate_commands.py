"""Writes docs/commands.md: `python -m docs.generate_commands`. It is the commands' own --help."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from understudy_failover.cli import EXIT_CODES, command_line

PAGE = Path(__file__).parent / "commands.md"
COLUMNS = "100"
HEAD = """\
# Commands

<!-- Written by `python -m docs.generate_commands` from the commands' own --help. Do not edit. -->

`understudy` is installed with the package; in this repository it is `.venv/bin/understudy`.

```
"""


def page() -> str:
    """The whole page."""
    with patch.dict(os.environ, {"COLUMNS": COLUMNS, "NO_COLOR": "1"}):
        parts = [f"\n## {parser.prog}\n\n```\n{parser.format_help()}```\n" for parser in commands()]
    return f"{HEAD}{EXIT_CODES}```\n{''.join(parts)}"


def commands() -> Iterator[argparse.ArgumentParser]:
    """The parser of every command that does something, in the order of the help."""
    yield from _leaves(command_line())


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield parser
    for action in inner:
        for one in action.choices.values():
            yield from _leaves(one)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
