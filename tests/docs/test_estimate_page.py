"""docs/estimate.md and its plot are written from the shipped failover.toml."""

from docs.generate_estimate import PAGE, PLOT, contenders, page
from operations.estimate import picture


def test_the_page_is_what_the_command_tells() -> None:
    """If not: `python -m docs.generate_estimate`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_plot_is_what_the_command_draws() -> None:
    """If not: `python -m docs.generate_estimate`."""
    assert PLOT.read_text(encoding="utf-8") == picture(list(contenders()))
