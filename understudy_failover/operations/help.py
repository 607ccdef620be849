"""The parser of every command, and how `--help` is laid out."""

import argparse
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from understudy_failover.operations.terminal import hanging
from understudy_failover.settings.location import HELP


class Help(argparse.HelpFormatter):
    """Wraps paragraphs to the terminal; indented lines, such as examples, keep their own ends."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return "".join(f"{indent}{line}\n" for line in _lines(text, width - len(indent)))
        return super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """A command; its subcommands are of this class, too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=Help, **options)

    def add_settings_option(self) -> None:
        """Add `--settings`; it wins over the one before the command, and its absence leaves that unchanged."""
        self.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=HELP)


def _lines(text: str, width: int) -> Iterator[str]:
    paragraph: list[str] = []

    def filled() -> Iterator[str]:
        yield from textwrap.wrap(" ".join(paragraph), width, break_long_words=False, break_on_hyphens=False)
        paragraph.clear()

    for line in text.splitlines():
        if line.strip() and not line.startswith(" "):
            paragraph.append(line)
        else:
            yield from filled()
            yield hanging(line, width)
    yield from filled()
