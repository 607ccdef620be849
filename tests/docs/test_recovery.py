"""benchmarks/recovery.md simulates what page.js does."""

import random

from benchmarks.recovery import HERE, SCRIPT, TABS, arrivals, parameters, per_second


def test_ten_thousand_tabs_do_not_come_at_once() -> None:
    timestamps = arrivals(parameters(SCRIPT.read_text(encoding="utf-8")), random.Random(10_000))  # noqa: S311
    assert len(timestamps) == TABS
    busiest = max(per_second(timestamps))
    assert busiest < TABS / 20
    assert f"| busiest second | {busiest} polls" in (HERE / "recovery.md").read_text(encoding="utf-8")
