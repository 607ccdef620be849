"""What a command prints: results on stdout, as text or JSON; everything else on stderr."""

import json
import sys
from typing import Any

from rich.console import Console

from understudy_failover.contract.printable import printable


class Terminal:
    """Colours follow the terminal and NO_COLOR. With `as_json`, stdout gets one JSON document and nothing else."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        # Without emoji: in a fingerprint `:CD:` would become one.
        self._out = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
        self._talk = Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)

    def result(self, text: str, document: Any) -> None:
        """The outcome, in both forms."""
        if self.as_json:
            print(json.dumps(document, indent=2))
        else:
            self._out.print(_harmless(text), markup=False)

    def say(self, text: str, style: str = "") -> None:
        """Talk."""
        self._talk.print(_harmless(text), markup=False, style=style or None)

    def warn(self, text: str) -> None:
        """What may matter, and does not stop anything."""
        self.say(f"warning: {text}", "yellow")

    def fail(self, text: str) -> None:
        """Why it went no further."""
        self.say(text, "red")


def _harmless(text: str) -> str:
    """Colors are the console's own; escape sequences in a text are somebody else's."""
    return printable(text, limit=len(text), keep="\n\t")
