"""How CloudWatch evaluates alarms and Route 53 follows their data."""

from dataclasses import replace

import pytest

from understudy_failover.emulator.alarm_rules import State, alarm_state, datapoints, metric_status, statistic
from understudy_failover.emulator.metric_math import UnsupportedExpressionError, evaluate
from understudy_failover.emulator.model import Alarm, Metric, Sample

METRIC = Metric("AWS/Route53", "HealthCheckStatus", frozenset({("HealthCheckId", "web")}))
ALARM = Alarm("web", {"m": (METRIC, "Minimum")}, "m", 60, 1, 1.0, "LessThanThreshold")
NOW = 6_000.0


def samples(*values: float | None, metric: Metric = METRIC) -> dict[Metric, list[Sample]]:
    """Return one sample a minute, the last of the minute that ended at NOW; None leaves one out."""
    first = NOW - 60 * len(values)
    result = [
        Sample(first + 60 * number, 1, value, value, value) for number, value in enumerate(values) if value is not None
    ]
    return {metric: result}


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
    observations = [
        alarm_state(alarm, samples(1, 1, 0, 1, 1, 1, 1, 1, 1), NOW - 60 * ago, "OK") for ago in (6, 5, 4, 3, 2, 1, 0)
    ]
    assert observations == ["ALARM"] * 5 + ["OK"] * 2


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
    assert alarm_state(replace(ALARM, treat_missing_data=treat), samples(), NOW, before) == after


@pytest.mark.parametrize("treat", ["missing", "ignore", "breaching", "notBreaching"])
def test_without_any_data_route_53_has_insufficient_data_whatever_the_alarm_says(treat: str) -> None:
    assert metric_status(replace(ALARM, treat_missing_data=treat), samples(), NOW) is None


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


OTHER = Metric("AWS/Route53", "HealthCheckStatus", frozenset({("HealthCheckId", "switch")}))


@pytest.mark.parametrize(
    ("server", "switch", "state"),
    [(0, 1, "ALARM"), (0, 0, "OK"), (1, 1, "OK"), (0, None, "ALARM"), (None, 1, "OK")],
)
def test_an_alarm_on_an_expression_goes_by_all_its_metrics(
    server: float | None, switch: float | None, state: State
) -> None:
    metrics = {"server": (METRIC, "Minimum"), "switch0": (OTHER, "Minimum")}
    alarm = Alarm("web", metrics, "(1-server)*FILL(switch0,1)", 60, 1, 0.0, "GreaterThanThreshold", "notBreaching")
    result = samples(server) | samples(switch, metric=OTHER)
    assert alarm_state(alarm, result, NOW, "OK") == state


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a", 3),
        ("(100-a)*(a>18)", 0),
        ("(100-b)*(b>18)", 50),
        ("a*b+1", 151),
        ("a>=3", 1),
        ("a<3", 0),
        ("FILL(nothing,7)", 7),
        ("a*nothing", None),
    ],
)
def test_arithmetic_comparisons_and_fill_are_as_cloudwatch_has_them(expression: str, value: float | None) -> None:
    assert evaluate(expression, {"a": 3, "b": 50, "nothing": None}) == value


@pytest.mark.parametrize("expression", ["MAX([a])", "IF(a>1,1,0)", "a[0]", "unknown", "a and a", "'text'"])
def test_what_is_not_emulated_is_an_error_and_no_guess(expression: str) -> None:
    with pytest.raises(UnsupportedExpressionError):
        evaluate(expression, {"a": 1})
