"""What observations say of a client, and what contradicts the table."""

from datetime import date
from typing import Any

import pytest

from docs.who_notices import NEVER, NEVER_AWAY, FollowTime, Row
from tools.lab.judge import Observation, Outcome, differences, outcome
from tools.lab.phases import (
    AWAY_SECONDS,
    BACK_SECONDS,
    REFUSED_SECONDS,
    TOTAL_SECONDS,
    WARM_UP_SECONDS,
    Phases,
)

PHASES = Phases(away=100, refused=200, back=300, end=400)


def each_second(*spans: tuple[int, int, bool]) -> list[Observation]:
    """Observations within spans of (first, last, on the page)."""
    return [Observation(at + 0.5, on_page) for first, last, on_page in spans for at in range(first, last)]


SERVER, PAGE = False, True


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        (each_second((90, 130, SERVER), (130, 360, PAGE), (360, 400, SERVER)), Outcome(31, 0, 61)),
        (each_second((90, 101, SERVER), (101, 301, PAGE), (301, 400, SERVER)), Outcome(2, 0, 2)),
        (each_second((90, 200, SERVER), (210, 400, PAGE)), Outcome(NEVER, 11, NEVER)),
        (each_second((90, 200, SERVER), (300, 400, SERVER)), Outcome(NEVER, NEVER, NEVER_AWAY)),
        # One of two answers is old for a while: the client has followed when the old one came last.
        (each_second((90, 110, SERVER), (110, 111, PAGE), (111, 120, SERVER), (120, 400, PAGE)), Outcome(21, 0, NEVER)),
        # On the page for a moment at the end of the phase, and not known to stay.
        (each_second((90, 199, SERVER), (199, 400, PAGE)), Outcome(NEVER, 0, NEVER)),
        # A program that waits for Retry-After sends few requests.
        (each_second((90, 101, SERVER), (101, 102, PAGE), (321, 400, SERVER)), Outcome(2, 0, 22)),
        (each_second((90, 101, SERVER), (101, 102, PAGE), (321, 322, PAGE)), Outcome(2, 0, NEVER)),
    ],
    ids=["ttl", "at once", "pinned", "never away", "wavering", "too late to judge", "waits", "waits, and stays"],
)
def test_an_outcome_is_when_a_client_followed(observations: list[Observation], expected: Outcome) -> None:
    assert outcome(observations, PHASES) == expected


@pytest.mark.parametrize("observations", [[], each_second((110, 400, PAGE)), each_second((90, 400, PAGE))])
def test_who_never_reached_the_server_has_no_outcome(observations: list[Observation]) -> None:
    assert outcome(observations, PHASES) is None


def row(**timestamps: Any) -> Row:
    text: dict[str, Any] = {"away": 30, "refused": 0, "back": 60} | timestamps
    return Row("proxy", "any", "1.0", date(2026, 11, 30), why="It does.", source="lab", **text)


@pytest.mark.parametrize(
    ("stated", "was"),
    [(30, 0), (30, 30), (30, 35), (NEVER, NEVER), (NEVER_AWAY, NEVER_AWAY), (None, 7), ("at the reload", NEVER)],
)
def test_what_agrees_is_no_difference(stated: FollowTime | None, was: FollowTime) -> None:
    assert differences(row(back=stated), Outcome(30, 0, was)) == []


@pytest.mark.parametrize(
    ("stated", "was", "text"),
    [
        (30, 36, "back after 36 s, not within 30 s"),
        (30, NEVER, "back never, not within 30 s"),
        (NEVER, 3, "back after 3 s, not never"),
        (NEVER_AWAY, NEVER, "back never, not never away"),
        (NEVER, NEVER_AWAY, "back never away, not never"),
    ],
)
def test_a_difference_says_what_was_measured_and_what_the_table_has(
    stated: FollowTime, was: FollowTime, text: str
) -> None:
    assert differences(row(back=stated), Outcome(30, 0, was)) == [text]


def test_every_field_is_compared() -> None:
    assert len(differences(row(), Outcome(NEVER, NEVER, NEVER))) == 3


def test_a_run_leaves_a_third_of_its_time_for_a_slow_machine() -> None:
    assert WARM_UP_SECONDS + AWAY_SECONDS + REFUSED_SECONDS + BACK_SECONDS <= TOTAL_SECONDS * 2 / 3 <= 600
