"""What operators are told, and when they are not: alarms, notices, the topic, the dashboard."""

import json
import re
from typing import Any

from stacks.notice import fitting

from tests.stacks.templates import Synthesis, Template
from understudy_failover.contract.switch import FOR_ALL

ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"


def _notices(template: Template) -> dict[str, dict[str, Any]]:
    """Every composite alarm by its name."""
    return {one["AlarmName"]: one for one in map(template.resolved, template.of_type(COMPOSITE).values())}


def _rule(notice: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Logical ids of the alarms that a notice needs, and of those that silence it."""
    silent = re.findall(r'NOT \(ALARM\("<(\w+)\.Arn>"\)\)', notice["AlarmRule"])
    return [one for one in re.findall(r'ALARM\("<(\w+)\.Arn>"\)', notice["AlarmRule"]) if one not in silent], silent


def _checks(template: Template, paths: tuple[str, ...]) -> set[str]:
    found = template.of_type("AWS::Route53::HealthCheck").items()
    return {
        f"<{id_}.HealthCheckId>"
        for id_, one in found
        if str(one["HealthCheckConfig"].get("ResourcePath")).endswith(paths)
    }


def test_every_server_has_a_notice_of_its_outage_and_one_of_a_partial_one(synthesis: Synthesis) -> None:
    names = {f"{synthesis.settings.app} {server.name}" for server in synthesis.settings.servers}
    assert _notices(synthesis.failover).keys() == {
        f"{name} {kind}" for name in names for kind in ("outage", "partial outage")
    }


def test_a_check_of_its_own_has_notices_of_its_own_and_one_of_slowness_where_it_is_measured(
    per_host: Synthesis,
) -> None:
    app = per_host.settings.app
    own = {name for name in _notices(per_host.failover) if name.startswith(f"{app} each")}
    checks = [f"{app} each", f"{app} each one.example.com", f"{app} each two.example.com"]
    assert own == {f"{check} {kind}" for check in checks for kind in ("outage", "partial outage", "slow")}


def test_both_ends_are_told_once_to_the_topic(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    for notice in _notices(synthesis.failover).values():
        assert notice["AlarmActions"] == notice["OKActions"] == [f"<{topic}>"]
        assert "InsufficientDataActions" not in notice


def test_nothing_is_told_while_a_servers_switch_or_the_switch_for_all_is_on_and_until_its_failures_are_past(
    synthesis: Synthesis,
) -> None:
    template = synthesis.failover
    alarms = template.of_type(ALARM)
    for name, notice in _notices(template).items():
        server = name.split()[1]
        silencing = [template.resolved(alarms[id_]) for id_ in _rule(notice)[1] if not id_.startswith("Down")]
        watched = {dimension["Value"] for alarm in silencing for dimension in alarm["Dimensions"]}
        assert watched == _checks(template, (f"/{server}", f"/{FOR_ALL}"))
        longest = max(one["Period"] for id_, one in alarms.items() if id_.startswith("Down"))
        for alarm in silencing:
            assert (alarm["MetricName"], alarm["Statistic"]) == ("HealthCheckStatus", "Minimum")
            assert alarm["Period"] > longest + 60


def test_what_is_down_altogether_is_not_told_as_a_partial_outage(synthesis: Synthesis) -> None:
    for name, notice in _notices(synthesis.failover).items():
        needed, silent = _rule(notice)
        assert len(needed) == 1
        assert any(id_.startswith("Down") for id_ in silent) == name.endswith("partial outage")
        assert needed[0].startswith("Down") == (not name.endswith("partial outage"))


def test_one_region_that_is_cut_off_is_a_partial_outage(sample: Synthesis) -> None:
    partly = [
        one for one in sample.failover.of_type(ALARM).values() if one["MetricName"] == "HealthCheckPercentageHealthy"
    ]
    assert partly
    for alarm in partly:
        assert 100 * 7 / 8 < alarm["Threshold"] < 100 * 14 / 15
        assert alarm["ComparisonOperator"] == "LessThanThreshold"


def test_operators_are_told_that_the_page_cannot_be_reached_and_that_it_can_be_again(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    page, _ = synthesis.maintenance.only("AWS::Route53::HealthCheck")
    alarm = synthesis.failover.resolved(synthesis.failover.only(ALARM, "PageAlarm")[1])
    assert alarm["AlarmName"] == f"{synthesis.settings.app} maintenance page cannot be reached"
    assert alarm["AlarmActions"] == alarm["OKActions"] == [f"<{topic}>"]
    assert alarm["Dimensions"] == [{"Name": "HealthCheckId", "Value": f"<{page}.HealthCheckId>"}]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("HealthCheckStatus", "Minimum", 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert alarm["AlarmDescription"].endswith(f"--health-check-id <{page}.HealthCheckId>")


def test_missing_data_are_no_breach_anywhere_but_of_certificates_where_they_are_no_news(held: Synthesis) -> None:
    for id_, alarm in held.failover.of_type(ALARM).items():
        expected = "ignore" if alarm["MetricName"] == "LifetimeLeft" else "notBreaching"
        assert alarm["TreatMissingData"] == expected, id_


def test_every_alarm_is_in_us_east_1_where_the_metrics_are(sample: Synthesis) -> None:
    manifest = json.loads((sample.folder / "manifest.json").read_text(encoding="utf-8"))
    stacks = [one for one in manifest["artifacts"].values() if one["type"] == "aws:cloudformation:stack"]
    assert {one["environment"].rpartition("/")[2] for one in stacks} == {"us-east-1"}


def test_the_text_of_a_message_names_the_server_and_how_to_learn_the_reason(synthesis: Synthesis) -> None:
    for name, notice in _notices(synthesis.failover).items():
        who = " ".join(name.split()[:2])
        assert who in notice["AlarmDescription"]
        assert re.search(r"--health-check-id <HealthCheck\w+\.HealthCheckId>$", notice["AlarmDescription"])
        assert len(notice["AlarmDescription"]) < 1_024


def test_the_topic_is_encrypted_with_a_key_that_cloudwatch_may_use(sample: Synthesis) -> None:
    key, properties = sample.failover.only("AWS::KMS::Key")
    _, topic = sample.failover.only("AWS::SNS::Topic")
    assert sample.failover.resolved(topic["KmsMasterKeyId"]) == f"<{key}.Arn>"
    allowed = {str(one["Principal"].get("Service")): one["Action"] for one in properties["KeyPolicy"]["Statement"]}
    assert allowed["cloudwatch.amazonaws.com"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_everybody_in_the_settings_is_subscribed_once_and_nobody_else(sample: Synthesis, held: Synthesis) -> None:
    assert "AWS::SNS::Subscription" not in {one["Type"] for one in sample.failover.document["Resources"].values()}
    topic, _ = held.failover.only("AWS::SNS::Topic")
    found = held.failover.of_type("AWS::SNS::Subscription").values()
    assert {held.failover.resolved(one["TopicArn"]) for one in found} == {f"<{topic}>"}
    assert sorted((one["Protocol"], one["Endpoint"]) for one in found) == [
        ("email", "night@example.net"),
        ("email", "ops@example.net"),
        ("https", "https://hooks.example.net/understudy"),
    ]


def test_names_that_are_too_long_for_cloudwatch_keep_apart() -> None:
    host = ".".join(["h" * 62] * 4)
    names = [f"{'a' * 32} {'s' * 32} {host} {kind}" for kind in ("outage", "partial outage")]
    found = [fitting(name) for name in names]
    assert [len(name) for name in found] == [255, 255]
    assert len(set(found)) == 2
    assert fitting("shop web outage") == "shop web outage"


def test_the_dashboard_shows_every_server_its_checkers_and_the_traffic_of_the_page(synthesis: Synthesis) -> None:
    _, dashboard = synthesis.failover.only("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == synthesis.settings.app
    body = json.loads(synthesis.failover.resolved(dashboard["DashboardBody"]))
    shown = [
        [part for part in line if not isinstance(part, dict)]
        for widget in body["widgets"]
        for line in widget["properties"].get("metrics", [])
    ]
    calculated = {
        f"<{id_}.HealthCheckId>"
        for id_, one in synthesis.failover.of_type("AWS::Route53::HealthCheck").items()
        if one["HealthCheckConfig"]["Type"] == "CALCULATED"
    }
    page, _ = synthesis.maintenance.only("AWS::Route53::HealthCheck")
    assert {line[3] for line in shown if line[1] == "HealthCheckStatus"} == calculated
    reached = [line[3] for line in shown if line[1] == "HealthCheckPercentageHealthy"]
    assert len(reached) == len(calculated) + 1
    assert reached[-1] == f"<{page}.HealthCheckId>"
    assert {line[1] for line in shown if line[0] == "AWS/CloudFront"} == {"Requests", "BytesDownloaded", "5xxErrorRate"}
    (status,) = (widget for widget in body["widgets"] if widget["type"] == "alarm")
    assert len(status["properties"]["alarms"]) == len(synthesis.settings.servers)
