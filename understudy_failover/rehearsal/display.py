"""The display of a rehearsal: a live view on a terminal, plain lines in a pipe."""

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from understudy_failover.operations.journal import Entry, Kind
from understudy_failover.operations.observation import Observation, ServedBy

MARKS = {
    Kind.CONFIRMED: ("✔", "green"),
    Kind.DEVIATED: ("✘", "bold red"),
    Kind.METHOD: ("▶", "yellow"),
    Kind.INCONCLUSIVE: ("?", "yellow"),
    Kind.NOTE: ("·", "dim"),
}
COLORS = {ServedBy.SERVER: "green", ServedBy.PAGE: "yellow", ServedBy.NOBODY: "red"}


class Display(ABC):
    """Shows the progress of a rehearsal; a context manager."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """Show a step of the set-up and its duration; the `with` block gets a function for its latest line."""
        began_at = time.monotonic()
        self.working(text)
        try:
            yield lambda line: self.working(text, line.strip())
        finally:
            self.working("")
        self._line(Kind.CONFIRMED, f"{text} ({time.monotonic() - began_at:.1f} s)")

    def entry(self, entry: Entry) -> None:
        self._line(entry.kind, f"{entry.at_seconds:6.1f} s  {entry.text}")

    @abstractmethod
    def observations(self, observations: Mapping[str, Observation]) -> None: ...

    @abstractmethod
    def working(self, text: str, line: str | None = None) -> None:
        """Show the current step and its latest line; an empty text for none."""

    def close(self) -> None:  # noqa: B027 (not every display has to clean up)
        ...

    @abstractmethod
    def _line(self, kind: Kind, text: str) -> None: ...


class PlainDisplay(Display):
    """Prints a line for each event or change."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, ServedBy] = {}

    def observations(self, observations: Mapping[str, Observation]) -> None:
        for name, observation in observations.items():
            if self._shown.get(name, ServedBy.SERVER) is not observation.probe.served_by:
                self._print(f"            {name}: {observation.probe}")
        self._shown = {name: observation.probe.served_by for name, observation in observations.items()}

    def working(self, text: str, line: str | None = None) -> None:
        """Print the beginning of a step; its lines matter only if it fails."""
        if text and line is None:
            self._print(f"· {text} …")

    def _line(self, kind: Kind, text: str) -> None:
        self._print(f"{MARKS[kind][0]} {text}")

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


class LiveDisplay(Display):
    """Shows the hosts as a live table below the lines of events."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._observations: Mapping[str, Observation] = {}
        self._working: RenderableType = ""
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8, transient=True)
        self._live.start()

    def close(self) -> None:
        self._live.stop()

    def observations(self, observations: Mapping[str, Observation]) -> None:
        self._observations = observations

    def working(self, text: str, line: str | None = None) -> None:
        """Show it with a spinner."""
        if not text:
            self._working = ""
        elif isinstance(self._working, Spinner):
            self._working.update(text=_one_line(f"{text}  {line or ''}"))
        else:
            self._working = Spinner("dots", _one_line(text))

    def _line(self, kind: Kind, text: str) -> None:
        self._console.print(Text.assemble(MARKS[kind], " ", text))

    def _render(self) -> RenderableType:
        return Group(*(part for part in (self._working, _table(self._observations)) if part))


def _one_line(text: str) -> Text:
    return Text(text, overflow="ellipsis", no_wrap=True)


def _table(observations: Mapping[str, Observation]) -> RenderableType:
    if not observations:
        return ""
    table = Table("host", "DNS answers", "who answers")
    for name, observation in observations.items():
        answers, probe = observation.answers, observation.probe
        first = [*answers.ipv4[:1], *answers.ipv6[:1]]
        more = len(answers.ipv4) + len(answers.ipv6) - len(first)
        shown = ", ".join(first) + (f" +{more}" if more else "")
        detail = Text(str(probe), COLORS[probe.served_by], overflow="ellipsis", no_wrap=True)
        table.add_row(name, shown or "none", detail)
    return table


def display() -> Display:
    """Return the display that fits standard output."""
    # Without emoji: in an IPv6 address `:b:` would become one.
    console = Console(file=sys.stdout, emoji=False)
    return LiveDisplay(console) if console.is_terminal and not console.is_dumb_terminal else PlainDisplay(console)
