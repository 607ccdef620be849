"""When operators are notified and when not: alarms, alerts, the topic, the dashboard."""

import json
import re
from typing import Any

import pytest

from stacks.logical_ids import shorten
from tests.stacks.templates import Synthesis, Template
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.emulator.metric_math import evaluate

ALARM = "AWS::CloudWatch::Alarm"
KINDS = ("down", "partly down")


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    """Every alarm on servers by its name."""
    alarms = map(template.resolved, template.of_type(ALARM).values())
    return {properties["AlarmName"]: properties for properties in alarms if "Metrics" in properties}


def _metrics(alarm: dict[str, Any]) -> tuple[str, dict[str, dict[str, Any]]]:
    """The expression of an alarm, and its metrics by the ids in it."""
    (expression,) = (metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric)
    return expression, {metric["Id"]: metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric}


def _check(stat: dict[str, Any]) -> str:
    (dimension,) = stat["Metric"]["Dimensions"]
    identifier: str = dimension["Value"]
    return identifier


def _value(alarm: dict[str, Any], server: float | None, *switches: float | None) -> bool | None:
    """Whether an alarm breaches with these values of its metrics; None: no data."""
    expression, stats = _metrics(alarm)
    assert list(stats) == ["server", *(f"switch{number}" for number in range(len(switches)))]
    value = evaluate(expression, dict(zip(stats, (server, *switches), strict=True)))
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return None if value is None else value > alarm["Threshold"]


def test_an_installation_has_few_alarms_and_every_one_has_a_name_and_a_text(sample: Synthesis) -> None:
    alarms = sample.failover.of_type(ALARM)
    assert len(alarms) <= 10
    assert "AWS::CloudWatch::CompositeAlarm" not in {
        resource["Type"] for resource in sample.failover.document["Resources"].values()
    }
    for alarm in alarms.values():
        assert alarm["AlarmName"].startswith(sample.settings.app)
        assert sample.failover.resolved(alarm["AlarmDescription"]).startswith("ALARM: ")


def test_every_server_has_an_alarm_of_its_outage_and_one_of_a_partial_one(synthesis: Synthesis) -> None:
    names = {f"{synthesis.settings.app} {server.name}" for server in synthesis.settings.servers}
    assert _alarms(synthesis.failover).keys() == {f"{name} {kind}" for name in names for kind in KINDS}


def test_a_check_of_its_own_has_alarms_of_its_own_and_one_of_slowness_where_it_is_measured(per_host: Synthesis) -> None:
    app = per_host.settings.app
    own = {name for name in _alarms(per_host.failover) if name.startswith(f"{app} each")}
    checks = [f"{app} each", f"{app} each one.example.com", f"{app} each two.example.com"]
    assert own == {f"{check} {kind}" for check in checks for kind in (*KINDS, "slow to answer")}


def test_both_ends_are_reported_once_to_the_topic(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    for alarm in _alarms(synthesis.failover).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [f"<{topic}>"]
        assert "InsufficientDataActions" not in alarm


def test_an_alarm_watches_its_servers_check_its_switch_and_the_switch_for_all(synthesis: Synthesis) -> None:
    template = synthesis.failover
    paths = {
        f"<{id_}.HealthCheckId>": str(resource["HealthCheckConfig"].get("ResourcePath")).rpartition("/")[2]
        for id_, resource in template.of_type("AWS::Route53::HealthCheck").items()
        if resource["HealthCheckConfig"].get("Inverted")
    }
    for name, alarm in _alarms(template).items():
        _, stats = _metrics(alarm)
        server, *switches = stats.values()
        assert _check(server) not in paths
        assert [paths[_check(switch)] for switch in switches] == [name.split()[1], FOR_ALL]
        for switch in switches:
            assert (switch["Metric"]["MetricName"], switch["Stat"]) == ("HealthCheckStatus", "Minimum")
        assert len({stat["Period"] for stat in stats.values()}) == 1, "CloudWatch wants one period in an alarm"


@pytest.mark.parametrize(
    ("server", "own", "for_all", "breaches"),
    [
        (0, 1, 1, True),
        (1, 1, 1, False),
        (0, 0, 1, False),
        (0, 1, 0, False),
        (0, 0, 0, False),
        (0, None, None, True),
        (None, 1, 1, None),
    ],
)
def test_an_outage_is_reported_unless_a_switch_is_on_and_a_switch_without_data_is_off(
    sample: Synthesis, server: float | None, own: float | None, for_all: float | None, breaches: bool | None
) -> None:
    alarm = _alarms(sample.failover)[f"{sample.settings.app} web down"]
    assert _value(alarm, server, own, for_all) is breaches


@pytest.mark.parametrize(
    ("percent", "own", "for_all", "breaches"),
    [
        (100, 1, 1, False),
        (100 * 14 / 15, 1, 1, False),
        (100 * 7 / 8, 1, 1, True),  # one region of eight that is cut off
        (19, 1, 1, True),
        (18, 1, 1, False),  # down altogether
        (0, 1, 1, False),
        (50, 0, 1, False),
        (50, 1, 0, False),
        (50, None, None, True),
    ],
)
def test_a_partial_outage_is_none_in_planned_work_and_where_the_server_is_down_altogether(
    sample: Synthesis, percent: float, own: float | None, for_all: float | None, breaches: bool
) -> None:
    alarm = _alarms(sample.failover)[f"{sample.settings.app} web partly down"]
    assert _value(alarm, percent, own, for_all) is breaches
    assert (alarm["EvaluationPeriods"], _metrics(alarm)[1]["server"]["Period"]) == (5, 60)


def test_an_outage_is_reported_as_long_as_a_hold_keeps_clients_on_the_page(
    sample: Synthesis, with_hold: Synthesis
) -> None:
    for synthesis, seconds in ((sample, 180), (with_hold, 660)):
        alarm = _alarms(synthesis.failover)[f"{synthesis.settings.app} web down"]
        assert {metric["Period"] for metric in _metrics(alarm)[1].values()} == {seconds}
        assert alarm["EvaluationPeriods"] == 1


def test_operators_are_informed_that_the_page_cannot_be_reached_and_that_it_can_be_again(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    page, _ = synthesis.maintenance.only("AWS::Route53::HealthCheck")
    alarm = synthesis.failover.resolved(synthesis.failover.only(ALARM, "PageAlarm")[1])
    assert alarm["AlarmName"] == f"{synthesis.settings.app} maintenance page cannot be reached"
    assert alarm["AlarmActions"] == alarm["OKActions"] == [f"<{topic}>"]
    assert alarm["Dimensions"] == [{"Name": "HealthCheckId", "Value": f"<{page}.HealthCheckId>"}]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("HealthCheckStatus", "Minimum", 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert alarm["AlarmDescription"].endswith(f"--health-check-id <{page}.HealthCheckId>")


def test_missing_data_are_no_breach_anywhere_but_of_certificates_where_they_are_no_news(with_hold: Synthesis) -> None:
    for id_, alarm in with_hold.failover.of_type(ALARM).items():
        expected = "ignore" if alarm.get("MetricName") == "LifetimeLeft" else "notBreaching"
        assert alarm["TreatMissingData"] == expected, id_


def test_every_alarm_is_in_us_east_1_where_the_metrics_are(sample: Synthesis) -> None:
    manifest = json.loads((sample.folder / "manifest.json").read_text(encoding="utf-8"))
    stacks = [artifact for artifact in manifest["artifacts"].values() if artifact["type"] == "aws:cloudformation:stack"]
    assert {stack["environment"].rpartition("/")[2] for stack in stacks} == {"us-east-1"}


def test_the_text_of_a_message_names_the_server_and_how_to_learn_the_reason(synthesis: Synthesis) -> None:
    for name, alarm in _alarms(synthesis.failover).items():
        who = " ".join(name.split()[:2])
        assert who in alarm["AlarmDescription"]
        assert re.search(r"--health-check-id <HealthCheck\w+\.HealthCheckId>$", alarm["AlarmDescription"])
        assert len(alarm["AlarmDescription"]) < 1_024


def test_the_topic_has_a_key_that_cloudwatch_may_use_where_the_settings_want_it(
    sample: Synthesis, equipped: Synthesis
) -> None:
    assert "KmsMasterKeyId" not in sample.failover.only("AWS::SNS::Topic")[1]
    key, properties = equipped.failover.only("AWS::KMS::Key")
    _, topic = equipped.failover.only("AWS::SNS::Topic")
    assert equipped.failover.resolved(topic["KmsMasterKeyId"]) == f"<{key}.Arn>"
    allowed = {
        str(statement["Principal"].get("Service")): statement["Action"]
        for statement in properties["KeyPolicy"]["Statement"]
    }
    assert allowed["cloudwatch.amazonaws.com"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_only_alarms_publish_to_the_topic_and_only_over_tls(sample: Synthesis) -> None:
    _, policy = sample.failover.only("AWS::SNS::TopicPolicy")
    statements = {statement["Effect"]: statement for statement in policy["PolicyDocument"]["Statement"]}
    assert statements["Allow"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statements["Deny"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_everybody_in_the_settings_is_subscribed_once_and_nobody_else(sample: Synthesis, with_hold: Synthesis) -> None:
    assert "AWS::SNS::Subscription" not in {
        resource["Type"] for resource in sample.failover.document["Resources"].values()
    }
    topic, _ = with_hold.failover.only("AWS::SNS::Topic")
    subscribed = with_hold.failover.of_type("AWS::SNS::Subscription").values()
    assert {with_hold.failover.resolved(subscription["TopicArn"]) for subscription in subscribed} == {f"<{topic}>"}
    assert sorted((subscription["Protocol"], subscription["Endpoint"]) for subscription in subscribed) == [
        ("email", "night@example.net"),
        ("email", "ops@example.net"),
        ("https", "https://hooks.example.net/understudy"),
    ]


def test_names_that_are_too_long_for_cloudwatch_keep_apart() -> None:
    host = ".".join(["h" * 62] * 4)
    names = [f"{'a' * 32} {'s' * 32} {host} {kind}" for kind in KINDS]
    shortened = [shorten(name, 255, " ") for name in names]
    assert [len(name) for name in shortened] == [255, 255]
    assert len(set(shortened)) == 2
    assert shorten("shop web down", 255, " ") == "shop web down"


def test_the_dashboard_shows_every_server_its_checkers_and_the_traffic_of_the_page(equipped: Synthesis) -> None:
    _, dashboard = equipped.failover.only("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == equipped.settings.app
    body = json.loads(equipped.failover.resolved(dashboard["DashboardBody"]))
    shown = [
        [part for part in line if not isinstance(part, dict)]
        for widget in body["widgets"]
        for line in widget["properties"].get("metrics", [])
    ]
    calculated = {
        f"<{id_}.HealthCheckId>"
        for id_, resource in equipped.failover.of_type("AWS::Route53::HealthCheck").items()
        if resource["HealthCheckConfig"]["Type"] == "CALCULATED"
    }
    page, _ = equipped.maintenance.only("AWS::Route53::HealthCheck")
    assert {line[3] for line in shown if line[1] == "HealthCheckStatus"} == calculated
    reached = [line[3] for line in shown if line[1] == "HealthCheckPercentageHealthy"]
    assert len(reached) == len(calculated) + 1
    assert reached[-1] == f"<{page}.HealthCheckId>"
    assert {line[1] for line in shown if line[0] == "AWS/CloudFront"} == {"Requests", "BytesDownloaded", "5xxErrorRate"}
    (status,) = (widget for widget in body["widgets"] if widget["type"] == "alarm")
    assert len(status["properties"]["alarms"]) == len(equipped.settings.servers)
