"""What a person sees of a drill while it runs: a line for everything that happens or changes, on standard error."""

from collections.abc import Mapping

from understudy_failover.operations.drill import Observations
from understudy_failover.operations.journal import Entry, Kind
from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.report import MARKS
from understudy_failover.operations.terminal import Terminal

STYLES: Mapping[Kind, str] = {
    Kind.HELD: "green",
    Kind.DEVIATED: "bold red",
    Kind.METHOD: "yellow",
    Kind.INCONCLUSIVE: "yellow",
    Kind.NOTE: "dim",
}


class Talk:
    """Listener and audience of a drill."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._shown: dict[str, ServedBy] = {}

    def entry(self, entry: Entry) -> None:
        """A line of the journal."""
        self._terminal.say(f"{MARKS[entry.kind]} {entry.at_seconds:6.1f} s  {entry.text}", STYLES[entry.kind])

    def observations(self, observations: Observations) -> None:
        """Who is on stage, where that has changed."""
        for name, observation in observations.items():
            if self._shown.get(name, ServedBy.SERVER) is not observation.probe.served_by:
                self._terminal.say(f"            {name}: {observation.probe}")
        self._shown = {name: observation.probe.served_by for name, observation in observations.items()}
