"""The watch over certificates: daily, with few rights, and with alarms at a third and a sixth of a lifetime."""

import json
from typing import Any

from tests.stacks.templates import Synthesis


def _watch(synthesis: Synthesis) -> dict[str, Any]:
    _, function = synthesis.failover.only("AWS::Lambda::Function", "ExpiryWatch")
    return function


def test_it_runs_daily(sample: Synthesis) -> None:
    _, rule = sample.failover.only("AWS::Events::Rule", "ExpiryWatch")
    assert rule["ScheduleExpression"] == "rate(1 day)"


def test_it_asks_every_server_by_its_address_for_a_name_of_its_own(synthesis: Synthesis) -> None:
    targets = json.loads(_watch(synthesis)["Environment"]["Variables"]["SERVERS"])
    asked = {one["certificate"]: one for one in targets}
    assert len(asked) == len(synthesis.settings.servers)
    for server in synthesis.settings.servers:
        target = asked[f"server {server.name}"]
        assert target["address"] == str(server.ipv4)
        assert any(
            target["host"] == host.name or (host.name.startswith("*.") and target["host"].endswith(host.name[1:]))
            for host in server.hosts
        )
        assert target["port"] == (server.health_check.port if server.health_check.type == "HTTPS" else 443)


def test_every_certificate_has_an_alarm_at_a_third_and_at_a_sixth_that_goes_to_the_topic(synthesis: Synthesis) -> None:
    topic, _ = synthesis.failover.only("AWS::SNS::Topic")
    everything = synthesis.failover.of_type("AWS::CloudWatch::Alarm")
    alarms = [one for id_, one in everything.items() if id_.startswith("ExpiryWatch")]
    watched = [one for one in alarms if one.get("MetricName") == "LifetimeLeft"]
    found = {
        (dimension["Value"], one["Threshold"])
        for one in watched
        for dimension in one["Dimensions"]
        if dimension["Name"] == "Certificate"
    }
    names = ["page", *(f"server {server.name}" for server in synthesis.settings.servers)]
    assert found == {(name, percent) for name in names for percent in (33.3, 16.7)}
    assert len(watched) == len(found)
    for alarm in alarms:
        assert synthesis.failover.resolved(alarm["AlarmActions"]) == [f"<{topic}>"]
        # A renewal is no news to whoever made it.
        assert "OKActions" not in alarm
        assert alarm["Period"] == 86_400
    assert [one["MetricName"] for one in alarms if one not in watched] == ["Errors"]


def test_it_may_look_and_publish_and_nothing_else(sample: Synthesis) -> None:
    granted: dict[str, Any] = {}
    policies = sample.failover.of_type("AWS::IAM::Policy")
    for policy in (one for id_, one in policies.items() if id_.startswith("ExpiryWatch")):
        for statement in sample.failover.resolved(policy["PolicyDocument"]["Statement"]):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            granted |= dict.fromkeys(actions, (statement["Resource"], statement.get("Condition")))
    assert granted.keys() == {
        "cloudfront:GetDistributionConfig",
        "cloudwatch:PutMetricData",
        "iam:GetServerCertificate",
        "iam:ListServerCertificates",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    app = sample.settings.app
    assert granted["iam:GetServerCertificate"][0] == (
        f"arn:aws:iam::111122223333:server-certificate/cloudfront/{app}/{app}-*"
    )
    assert granted["cloudwatch:PutMetricData"][1] == {"StringEquals": {"cloudwatch:namespace": "Understudy"}}


def test_a_renewal_changes_nothing_of_it(sample: Synthesis, renewed: Synthesis) -> None:
    assert _watch(sample) == _watch(renewed)


def test_only_alarms_publish_to_the_topic_and_only_over_tls(sample: Synthesis) -> None:
    _, policy = sample.failover.only("AWS::SNS::TopicPolicy")
    statements = {one["Effect"]: one for one in policy["PolicyDocument"]["Statement"]}
    assert statements["Allow"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statements["Deny"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
