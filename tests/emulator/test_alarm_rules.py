"""How CloudWatch evaluates alarms and Route 53 follows their data."""

from dataclasses import replace

import pytest

from understudy_failover.emulator.alarm_rules import State, alarm_state, datapoints, metric_status, statistic
from understudy_failover.emulator.model import Alarm, Metric, Sample

METRIC = Metric("AWS/Route53", "HealthCheckStatus", frozenset({("HealthCheckId", "web")}))
ALARM = Alarm("web", METRIC, "Minimum", 60, 1, 1.0, "LessThanThreshold")
NOW = 6_000.0


def samples(*values: float | None) -> list[Sample]:
    """One sample a minute, the last of the minute that ended at NOW; None leaves one out."""
    first = NOW - 60 * len(values)
    return [
        Sample(first + 60 * number, 1, value, value, value) for number, value in enumerate(values) if value is not None
    ]


def test_an_alarm_needs_every_period_to_breach() -> None:
    alarm = replace(ALARM, evaluation_periods=3)
    assert alarm_state(alarm, samples(0, 0, 0), NOW, "OK") == "ALARM"
    assert alarm_state(alarm, samples(0, 1, 0), NOW, "ALARM") == "OK"


def test_m_out_of_n_periods_are_enough_where_asked_for() -> None:
    alarm = replace(ALARM, evaluation_periods=3, datapoints_to_alarm=2)
    assert alarm_state(alarm, samples(0, 1, 0), NOW, "OK") == "ALARM"
    assert alarm_state(alarm, samples(1, 1, 0), NOW, "OK") == "OK"


def test_route_53_knows_no_m_out_of_n() -> None:
    alarm = replace(ALARM, evaluation_periods=3, datapoints_to_alarm=2)
    assert metric_status(alarm, samples(0, 1, 0), NOW) is True
    assert metric_status(alarm, samples(0, 0, 0), NOW) is False


def test_a_long_period_slides_from_minute_to_minute() -> None:
    """At the end of minute 5 it holds minutes 1 to 5, at the end of minute 6 minutes 2 to 6."""
    alarm = replace(ALARM, period_seconds=300)
    seen = [
        alarm_state(alarm, samples(1, 1, 0, 1, 1, 1, 1, 1, 1), NOW - 60 * ago, "OK") for ago in (6, 5, 4, 3, 2, 1, 0)
    ]
    assert seen == ["ALARM"] * 5 + ["OK"] * 2


def test_between_the_ends_of_minutes_nothing_changes() -> None:
    alarm = replace(ALARM, period_seconds=120)
    assert [datapoints(alarm, samples(0, 1, 1), NOW + offset) for offset in (0, 59)] == [[False], [False]]
    assert datapoints(alarm, samples(0, 1, 1), NOW - 1) == [True]


@pytest.mark.parametrize(
    ("treat", "before", "after"),
    [
        ("missing", "OK", "INSUFFICIENT_DATA"),
        ("ignore", "ALARM", "ALARM"),
        ("ignore", "OK", "OK"),
        ("breaching", "OK", "ALARM"),
        ("notBreaching", "ALARM", "OK"),
    ],
)
def test_without_any_data_the_state_is_what_the_alarm_says_of_missing_data(
    treat: str, before: State, after: State
) -> None:
    assert alarm_state(replace(ALARM, treat_missing_data=treat), [], NOW, before) == after


@pytest.mark.parametrize("treat", ["missing", "ignore", "breaching", "notBreaching"])
def test_without_any_data_route_53_has_insufficient_data_whatever_the_alarm_says(treat: str) -> None:
    assert metric_status(replace(ALARM, treat_missing_data=treat), [], NOW) is None


def test_a_missing_period_among_others_counts_as_the_alarm_says() -> None:
    alarm = replace(ALARM, evaluation_periods=2)
    points = samples(None, 0)
    assert alarm_state(replace(alarm, treat_missing_data="notBreaching"), points, NOW, "OK") == "OK"
    assert alarm_state(replace(alarm, treat_missing_data="breaching"), points, NOW, "OK") == "ALARM"
    assert alarm_state(replace(alarm, treat_missing_data="missing"), points, NOW, "OK") == "ALARM"


@pytest.mark.parametrize(
    ("name", "value"), [("Average", 2.5), ("Maximum", 7), ("Minimum", -1), ("SampleCount", 4), ("Sum", 10)]
)
def test_statistics_join_values_and_published_statistics(name: str, value: float) -> None:
    assert statistic(name, [Sample(0, 1, 7, 7, 7), Sample(0, 3, 3, -1, 4)]) == value
    assert statistic(name, []) is None
