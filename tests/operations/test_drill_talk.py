"""What a person sees of a drill: a line for each change."""

from collections.abc import Callable
from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from understudy_failover.operations.drill import Observations
from understudy_failover.operations.drill_play import Talk
from understudy_failover.operations.journal import Entry, Kind
from understudy_failover.operations.observation import Answers, HttpsProbe, Observation, ServedBy
from understudy_failover.operations.pooled_client import MARK
from understudy_failover.rehearsal.display import PlainDisplay, display

See = Callable[[Observations], None]
OBSERVATIONS = [{f"example.com{MARK}": Observation(Answers((), ()), HttpsProbe(ServedBy.PAGE, "503"))}, {}]


def _displayed(lines: StringIO) -> See:
    return PlainDisplay(Console(file=lines, width=200)).observations


def _shown(lines: StringIO) -> See:
    return Talk(cast(Any, SimpleNamespace(say=lambda text, *_: print(text, file=lines)))).observations


@pytest.mark.parametrize("begin", [_displayed, _shown])
def test_a_client_that_keeps_its_connection_is_reported_once_in_each_part_of_a_drill(
    begin: Callable[[StringIO], See],
) -> None:
    lines = StringIO()
    see = begin(lines)
    for observations in (*OBSERVATIONS[:1], *OBSERVATIONS, *OBSERVATIONS):
        see(observations)
    assert lines.getvalue() == 2 * f"            example.com{MARK}: maintenance page (503)\n"


def test_an_ipv6_address_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with display() as view:
        view.entry(Entry(0.0, Kind.NOTE, "2001:db8:a:b:1"))
    assert "2001:db8:a:b:1" in capsys.readouterr().out
