"""The summary of a rehearsal: measurements beside their bounds, and the verdict."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from understudy_failover.operations.journal import Journal, Kind

COLORS = {Kind.CONFIRMED: "green", Kind.DEVIATED: "bold red", Kind.INCONCLUSIVE: "yellow"}


def print_summary(journal: Journal, console: Console, report: Path) -> None:
    """Print a table of the measured times beside their bounds, the verdict, and the path of the report."""
    if journal.measurements:
        table = Table("measured", "", "bound", title="Seconds of emulated time", title_justify="left")
        table.columns[1].justify = table.columns[2].justify = "right"
        for measurement in journal.measurements:
            color = COLORS[measurement.kind]
            seconds = Text(f"{measurement.after_seconds:.0f} to {measurement.within_seconds:.0f}", color)
            table.add_row(measurement.what, seconds, str(measurement.bound_seconds))
        console.print(table)
    inconclusive = sum(entry.kind is Kind.INCONCLUSIVE for entry in journal.entries)
    held_count = sum(entry.kind is Kind.CONFIRMED for entry in journal.entries)
    if journal.deviations:
        console.print(
            f"✘ {len(journal.deviations)} of {held_count + len(journal.deviations)} hypotheses did not hold:",
            style="bold red",
        )
        for entry in journal.deviations:
            console.print(f"  {entry.text}", markup=False, highlight=False, soft_wrap=True)
    elif inconclusive:
        console.print(
            f"? No hypothesis failed; {inconclusive} of {held_count + inconclusive} inconclusive: "
            "repeat on an idle machine.",
            style="yellow",
        )
    else:
        console.print(f"✔ All {held_count} hypotheses held.", style="bold green")
    console.print(f"Report: {report}", markup=False, highlight=False, soft_wrap=True)
