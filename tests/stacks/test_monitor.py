"""The monitor: when it runs, whom it asks, what it may do, and which alarms look at what it publishes."""

import json
from pathlib import Path
from typing import Any

from stacks.monitor.alarms import FUNCTION_NAME_CHARACTERS, LIFETIME_LEFT, OVERDUE, function_name
from tests.stacks.templates import PSEUDO_PARAMETERS, Synthesis
from understudy_failover.contract import switch_end
from understudy_failover.contract.switch import FOLDER, switch_bucket

ALARM = "AWS::CloudWatch::Alarm"


def _function(synthesis: Synthesis) -> tuple[str, dict[str, Any]]:
    return synthesis.maintenance.only("AWS::Lambda::Function", "Monitor")


def _switches(synthesis: Synthesis) -> str:
    return switch_bucket(synthesis.settings.app, PSEUDO_PARAMETERS["AWS::AccountId"])


def _alarm(synthesis: Synthesis, metric: str) -> dict[str, Any]:
    alarms = map(synthesis.failover.resolved, synthesis.failover.of_type(ALARM).values())
    (alarm,) = (properties for properties in alarms if properties.get("MetricName") == metric)
    return dict(alarm)


def test_it_runs_hourly_often_and_whenever_a_switch_is_turned(synthesis: Synthesis) -> None:
    template = synthesis.maintenance
    function, _ = _function(synthesis)
    when: dict[str, Any] = {}
    for rule in map(template.resolved, template.of_type("AWS::Events::Rule").values()):
        (target,) = rule["Targets"]
        assert target["Arn"] == f"<{function}.Arn>"
        when[json.loads(target["Input"])["duty"]] = rule.get("ScheduleExpression") or rule["EventPattern"]
    assert when == {
        "certificates": "rate(1 hour)",
        "switches": "rate(5 minutes)",
        "pages": {
            "source": ["aws.s3"],
            "detail-type": ["Object Created", "Object Deleted"],
            "detail": {"bucket": {"name": [_switches(synthesis)]}, "object": {"key": [{"prefix": FOLDER}]}},
        },
    }
    _, bucket = template.only("AWS::S3::Bucket", "Switch")
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_it_asks_every_server_by_its_address_for_a_name_of_its_own(synthesis: Synthesis) -> None:
    _, function = _function(synthesis)
    deployed = synthesis.asset(function["Code"]["S3Key"])
    asked = {
        target["certificate"]: target for target in json.loads((deployed / "servers.json").read_text(encoding="utf-8"))
    }
    assert len(asked) == len(synthesis.settings.servers)
    for server in synthesis.settings.servers:
        target = asked[f"server {server.name}"]
        assert target["address"] == str(server.ipv4)
        assert any(
            target["host"] == host.name or (host.name.startswith("*.") and target["host"].endswith(host.name[1:]))
            for host in server.hosts
        )
        assert target["port"] == (server.health_check.port if server.health_check.type == "HTTPS" else 443)


def test_it_may_read_publish_and_write_pages_and_nothing_else(sample: Synthesis) -> None:
    template, app = sample.maintenance, sample.settings.app
    function, properties = _function(sample)
    granted = template.granted(function)
    pages, _ = template.only("AWS::S3::Bucket", "Site")
    distribution, _ = template.only("AWS::CloudFront::Distribution")
    switches = f"arn:aws:s3:::{_switches(sample)}"
    assert {action: resources for action, (resources, _) in granted.items() if not action.startswith("logs:")} == {
        "cloudfront:GetDistributionConfig": {f"arn:aws:cloudfront::111122223333:distribution/<{distribution}>"},
        "cloudwatch:PutMetricData": {"*"},
        "iam:GetServerCertificate": {f"arn:aws:iam::111122223333:server-certificate/cloudfront/{app}/{app}-*"},
        "iam:ListServerCertificates": {"*"},
        "s3:GetObject": {f"<{pages}.Arn>/*", f"{switches}/{FOLDER}*"},
        "s3:ListBucket": {f"<{pages}.Arn>", switches},
        "s3:PutObject": {f"<{pages}.Arn>/*"},
    }
    assert granted["cloudwatch:PutMetricData"][1] == {"StringEquals": {"cloudwatch:namespace": "Understudy"}}
    variables = template.resolved(properties["Environment"]["Variables"])
    assert (variables["SWITCH_BUCKET"], variables["SWITCHES"]) == (_switches(sample), FOLDER)
    assert variables["PAGE_BUCKET"] == f"<{pages}>"


def test_two_alarms_watch_the_certificate_with_the_least_left_at_a_quarter_and_a_sixth(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    declared_alarms = [
        dict(resource) for resource in map(synthesis.failover.resolved, synthesis.failover.of_type(ALARM).values())
    ]
    alarms = [alarm for alarm in declared_alarms if alarm.get("MetricName") == LIFETIME_LEFT]
    assert sorted(alarm["Threshold"] for alarm in alarms) == [16.67, 25]
    for alarm in alarms:
        assert alarm["Dimensions"] == [{"Name": "App", "Value": synthesis.settings.app}]
        assert (alarm["Statistic"], alarm["Period"]) == ("Minimum", 3_600)
        assert alarm["AlarmActions"] == [f"<{topic}>"]
        # A renewal is no news to whoever made it.
        assert "OKActions" not in alarm


def test_one_alarm_watches_the_switch_that_is_overdue_longest_and_shows_both_ends(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    alarm = _alarm(synthesis, OVERDUE)
    assert alarm["Dimensions"] == [{"Name": "App", "Value": synthesis.settings.app}]
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Maximum", 10, 600)
    assert alarm["AlarmActions"] == alarm["OKActions"] == [f"<{topic}>"]


def test_one_alarm_watches_the_function_itself_by_the_name_that_it_has(synthesis: Synthesis) -> None:
    alarm = _alarm(synthesis, "Errors")
    name = synthesis.maintenance.resolved(_function(synthesis)[1]["FunctionName"])
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": name}]
    assert (alarm["Threshold"], alarm["Period"]) == (3, 3_600)
    assert "OKActions" not in alarm


def test_the_longest_names_make_functions_that_lambda_accepts_and_keep_apart() -> None:
    names = [function_name(f"{'a' * 32}_{'c' * 31}{end}") for end in "xy"]
    assert max(map(len, names)) <= FUNCTION_NAME_CHARACTERS
    assert len(set(names)) == 2
    assert function_name("shop") == "shop-monitor"


def test_what_reads_switches_in_lambda_has_the_commands_reader(synthesis: Synthesis) -> None:
    deployed = synthesis.asset(_function(synthesis)[1]["Code"]["S3Key"]) / "switch_end.py"
    assert deployed.read_bytes() == Path(switch_end.__file__).read_bytes()


def test_a_renewal_changes_nothing_of_it(sample: Synthesis, renewed: Synthesis) -> None:
    assert _function(sample) == _function(renewed)


def test_without_alarms_it_writes_pages_and_without_switches_and_alarms_there_is_none(least: Synthesis) -> None:
    kinds = {
        resource["Type"]
        for stack in (least.maintenance, least.failover)
        for resource in stack.document["Resources"].values()
    }
    assert not kinds & {"AWS::Events::Rule", "AWS::SNS::Topic", ALARM, "AWS::Lambda::Permission"}
    assert len(least.maintenance.of_type("AWS::Lambda::Function")) == 2
