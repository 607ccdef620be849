"""docs/estimate.md and its plot are written from the shipped failover.toml."""

from pathlib import Path

from docs.generate_estimate import PAGE, PLOT, contenders, page
from understudy_failover.operations.estimate import picture
from understudy_failover.operations.estimate.bill import total


def test_the_page_is_what_the_command_tells() -> None:
    """If not: `python -m docs.generate_estimate`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_plot_is_what_the_command_draws() -> None:
    """If not: `python -m docs.generate_estimate`."""
    assert PLOT.read_text(encoding="utf-8") == picture(list(contenders()))


def test_the_readme_tells_the_same_sum(root: Path) -> None:
    low, high = next(total(one.items) for one in contenders() if one.chosen)
    text = (root / "README.md").read_text(encoding="utf-8")
    assert f"The sample file costs from {low:.0f} to {high:.0f} USD a month" in text
