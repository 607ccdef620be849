"""docs/estimate.md and its plot are written from the shipped failover.toml."""

from docs.generate_estimate import PAGE, PLOT, README, page, profiles, readme
from understudy_failover.operations.estimate import picture
from understudy_failover.operations.estimate.bill import total


def test_the_page_is_generated_from_the_shipped_file() -> None:
    """If not: `python -m docs.generate_estimate`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_plot_is_generated_from_the_shipped_file() -> None:
    """If not: `python -m docs.generate_estimate`."""
    assert PLOT.read_text(encoding="utf-8") == picture(list(profiles()))


def test_the_readme_has_the_same_costs() -> None:
    """If not: `python -m docs.generate_estimate`."""
    text = README.read_text(encoding="utf-8")
    low, high = next(total(profile.items) for profile in profiles() if profile.chosen)
    assert f"costs {low:.0f} to {high:.0f} USD a month" in text
    assert text == readme(text)
