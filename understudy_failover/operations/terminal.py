"""What a command prints: results on stdout, as text or JSON; everything else on stderr."""

import re
import sys
from typing import Any

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType

from understudy_failover.contract.printable import printable_json, printable_lines

GAP = re.compile(r"\S {2,}(?=\S)")
"""Between the columns of a table."""


def hanging(text: str, width: int) -> str:
    """Lines no longer than `width`: what is cut goes on below the last column of its line, and words stay whole."""
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    start = len(line) - len(line.lstrip()) + 2
    columns = [gap.end() for gap in GAP.finditer(line) if gap.end() <= width // 2]
    indent = max([start, *columns]) if start <= width // 2 else 0
    lines: list[str] = []
    rest, room = line, width
    while len(rest) > room:
        # A word that is longer than the room stays whole, as it may be something to copy.
        cut = rest.rfind(" ", indent if not lines else 1, room + 1)
        if cut <= 0:
            cut = rest.find(" ", room)
        if cut <= 0:
            break
        lines.append(rest[:cut].rstrip())
        rest, room = rest[cut:].lstrip(), width - indent
    lines.append(rest)
    return ("\n" + " " * indent).join(lines)


class Terminal:
    """Colours follow the terminal and NO_COLOR. With `as_json`, stdout gets one JSON document and nothing else."""

    _shows_progress = False
    """Of the process: whichever instance prints next clears the line."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        # Without emoji: in a fingerprint `:CD:` would become one.
        self._out = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
        self._talk = Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)

    @property
    def width(self) -> int | None:
        """Columns of the terminal that gets the results; None where they go into a file or a pipe."""
        return self._out.width if self._out.is_terminal else None

    def progress(self, text: str) -> None:
        """Show what is done now: on a terminal the next output takes its place, elsewhere it is a line."""
        if not self._talk.is_terminal:
            self.say(text, "dim")
            return
        self._clear()
        self._talk.print(printable_lines(text)[: self._talk.width - 1], markup=False, style="dim", end="")
        Terminal._shows_progress = True

    def _clear(self) -> None:
        if self._shows_progress:
            self._talk.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
            Terminal._shows_progress = False

    def result(self, text: str, document: Any) -> None:
        self._clear()
        if self.as_json:
            print(printable_json(document, indent=2))
        else:
            self._out.print(_fitted(text, self._out), markup=False)

    def say(self, text: str, style: str = "") -> None:
        self._clear()
        self._talk.print(_fitted(text, self._talk), markup=False, style=style or None)

    def warn(self, text: str) -> None:
        self.say(f"warning: {text}", "yellow")

    def fail(self, text: str) -> None:
        self.say(text, "red")


def _fitted(text: str, console: Console) -> str:
    """Harmless, and on a terminal no wider than that.

    Colors are the console's own; escape sequences in a text are somebody else's.
    """
    harmless = printable_lines(text)
    return hanging(harmless, console.width) if console.is_terminal else harmless
