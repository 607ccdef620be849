"""What a person sees of a drill while it runs: a line for everything that happens or changes, on standard error."""

from collections.abc import Mapping

from operations.drill import Sights
from operations.journal import Entry, Kind
from operations.report import MARKS
from operations.sight import OnStage
from operations.terminal import Terminal

STYLES: Mapping[Kind, str] = {
    Kind.HELD: "green",
    Kind.DEVIATED: "bold red",
    Kind.METHOD: "yellow",
    Kind.NOTE: "dim",
}


class Talk:
    """Listener and audience of a drill."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._shown: dict[str, OnStage] = {}

    def entry(self, entry: Entry) -> None:
        """A line of the journal."""
        self._terminal.say(f"{MARKS[entry.kind]} {entry.at_seconds:6.1f} s  {entry.text}", STYLES[entry.kind])

    def sights(self, sights: Sights) -> None:
        """Who is on stage, where that has changed."""
        for name, sight in sights.items():
            if self._shown.get(name, OnStage.SERVER) is not sight.visit.on_stage:
                self._terminal.say(f"            {name}: {sight.visit}")
            self._shown[name] = sight.visit.on_stage
