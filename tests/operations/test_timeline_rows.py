"""The timeline rows of a report."""

import re

import pytest

from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.report.timeline_rows import Scale, timeline_rows
from understudy_failover.operations.timeline import Span


def _span(begin: float, end: float, on_stage: ServedBy) -> Span:
    return Span(
        from_seconds=begin,
        to_seconds=end,
        dns="server",
        addresses=("203.0.113.10",),
        on_stage=on_stage,
        tls="trusted",
        status=200 if on_stage is ServedBy.SERVER else 503,
        detail="",
    )


@pytest.mark.parametrize("last_begins", [0.0, 99.95, 100.0])
def test_every_piece_lies_within_the_plot_and_shows(last_begins: float) -> None:
    """The last observation may have shown something new, which then has no length yet."""
    spans = [_span(0, last_begins, ServedBy.SERVER), _span(last_begins, 100, ServedBy.PAGE)]
    drawn = re.findall(
        r'<span class="\w+" style="left:([\d.]+)%;width:([\d.]+)%"', timeline_rows(spans, [], Scale(100))
    )
    assert len(drawn) == 4
    assert all(float(left) + float(width) <= 100 and float(width) > 0 for left, width in drawn)
