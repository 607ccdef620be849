"""The fail-back hold in the templates: which alarm, which check follows it, and who goes by that."""

from typing import Any

import pytest

from tests.stacks.templates import Synthesis
from understudy_failover.operations.bounds import HOLD_SLACK_MINUTES

HOLD_MINUTES = 10
HEALTH_CHECK = "AWS::Route53::HealthCheck"


@pytest.fixture
def configs(with_hold: Synthesis) -> dict[str, dict[str, Any]]:
    """The configuration of every health check, by what a reference to it gives."""
    return {
        f"<{logical_id}.HealthCheckId>": with_hold.failover.resolved(check["HealthCheckConfig"])
        for logical_id, check in with_hold.failover.of_type(HEALTH_CHECK).items()
    }


def _alarms(synthesis: Synthesis) -> dict[str, dict[str, Any]]:
    alarms = synthesis.failover.of_type("AWS::CloudWatch::Alarm")
    return {
        f"<{id_}>": synthesis.failover.resolved(properties)
        for id_, properties in alarms.items()
        if id_.startswith("Down")
    }


def test_without_a_hold_no_health_check_follows_an_alarm(sample: Synthesis) -> None:
    types = {resource["HealthCheckConfig"]["Type"] for resource in sample.failover.of_type(HEALTH_CHECK).values()}
    assert "CLOUDWATCH_METRIC" not in types
    for gate in sample.failover.of_type("Custom::HealthGate").values():
        assert "Alarms" not in gate


def test_it_joins_endpoint_and_switches_in_the_one_flat_check(
    with_hold: Synthesis, configs: dict[str, dict[str, Any]]
) -> None:
    calculated = [config for config in configs.values() if config["Type"] == "CALCULATED"]
    assert len(calculated) == len(with_hold.settings.servers)
    for config in calculated:
        children = [configs[child] for child in config["ChildHealthChecks"]]
        assert config["HealthThreshold"] == len(children) == 4
        (hold,) = (child for child in children if child["Type"] == "CLOUDWATCH_METRIC")
        (endpoint,) = (id_ for id_ in config["ChildHealthChecks"] if "IPAddress" in configs[id_])
        watched = _alarms(with_hold)[hold["AlarmIdentifier"]["Name"]]
        assert watched["Dimensions"] == [{"Name": "HealthCheckId", "Value": endpoint}], "the server, not its switch"


def test_without_data_it_is_healthy(configs: dict[str, dict[str, Any]]) -> None:
    holds = [config for config in configs.values() if config["Type"] == "CLOUDWATCH_METRIC"]
    assert holds
    for hold in holds:
        assert hold["InsufficientDataHealthStatus"] == "Healthy"
        assert hold["AlarmIdentifier"]["Region"] == "us-east-1"
        assert "Inverted" not in hold


def test_the_alarm_is_of_a_kind_that_route_53_follows(with_hold: Synthesis) -> None:
    """Of one metric, a plain statistic, no M out of N, no high resolution."""
    for alarm in _alarms(with_hold).values():
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Route53", "HealthCheckStatus")
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "Minimum",
            "LessThanThreshold",
            1,
        )
        assert alarm["EvaluationPeriods"] == 1
        assert not alarm.keys() & {"DatapointsToAlarm", "ExtendedStatistic", "Metrics", "AlarmActions"}
        assert alarm["TreatMissingData"] == "notBreaching"


def test_its_window_is_a_minute_longer_than_the_hold_as_the_bound_says(with_hold: Synthesis) -> None:
    for alarm in _alarms(with_hold).values():
        assert alarm["Period"] == 60 * (HOLD_MINUTES + 1)
        # The sample of the minute in which the server recovered stays in it until a minute later at most.
        assert alarm["Period"] + 60 == 60 * (HOLD_MINUTES + HOLD_SLACK_MINUTES)


def test_another_check_or_another_hold_makes_another_alarm_which_the_hold_then_names(with_hold: Synthesis) -> None:
    """Route 53 keeps an alarm's old settings until the health check is changed itself."""
    for alarm in _alarms(with_hold).values():
        assert alarm["AlarmName"] == (
            f"{with_hold.settings.app}-down-{alarm['Dimensions'][0]['Value']}-{HOLD_MINUTES + 1}min"
        )


def test_the_gate_watches_the_alarm_and_may(with_hold: Synthesis) -> None:
    for gate in with_hold.failover.of_type("Custom::HealthGate").values():
        (alarm,) = with_hold.failover.resolved(gate["Alarms"])
        assert alarm["HoldMinutes"] == HOLD_MINUTES
        assert alarm["AlarmName"] in _alarms(with_hold)
    (function,) = with_hold.failover.of_type("AWS::Lambda::Function")
    resources, _ = with_hold.failover.granted(function)["cloudwatch:DescribeAlarms"]
    assert resources == {f"arn:aws:cloudwatch:us-east-1:111122223333:alarm:{with_hold.settings.app}-down-*"}


def test_a_hold_replaces_nothing_that_was_there(sample: Synthesis, with_hold: Synthesis) -> None:
    old, new = sample.failover.document["Resources"], with_hold.failover.document["Resources"]
    assert not old.keys() - new.keys()
    added = {new[id_]["Type"] for id_ in new.keys() - old.keys()}
    assert added == {HEALTH_CHECK, "AWS::CloudWatch::Alarm", "AWS::SNS::Subscription"}
