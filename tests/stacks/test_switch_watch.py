"""The watch over maintenance switches in the templates: how often, for whom, with which rights."""

from pathlib import Path
from typing import Any

import pytest

from stacks.overdue_alarm import METRIC
from tests.stacks.templates import PSEUDO_PARAMETERS, Synthesis
from understudy_failover.contract import switch_end
from understudy_failover.contract.switch import FOLDER, FOR_ALL, switch_bucket


def test_it_looks_every_five_minutes_at_the_switches_bucket(synthesis: Synthesis) -> None:
    template = synthesis.failover
    _, rule = template.only("AWS::Events::Rule", "SwitchWatch")
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    _, function = template.only("AWS::Lambda::Function", "SwitchWatch")
    told = template.resolved(function["Environment"]["Variables"])
    bucket = switch_bucket(synthesis.settings.app, PSEUDO_PARAMETERS["AWS::AccountId"])
    assert (told["BUCKET"], told["FOLDER"]) == (bucket, FOLDER)


@pytest.mark.parametrize(("stack", "function"), [("failover", "SwitchWatch"), ("maintenance", "PlannedPages")])
def test_what_reads_switches_in_lambda_has_the_commands_reader(synthesis: Synthesis, stack: str, function: str) -> None:
    _, found = getattr(synthesis, stack).only("AWS::Lambda::Function", function)
    deployed = synthesis.asset(found["Code"]["S3Key"]) / "switch_end.py"
    assert deployed.read_bytes() == Path(switch_end.__file__).read_bytes()


def test_every_switch_has_an_alarm_that_tells_both_ends_to_the_topic(synthesis: Synthesis) -> None:
    template = synthesis.failover
    topic, _ = template.only("AWS::SNS::Topic")
    alarms = [one for one in template.of_type("AWS::CloudWatch::Alarm").values() if one["MetricName"] == METRIC]
    switches = [
        dimension["Value"] for one in alarms for dimension in one["Dimensions"] if dimension["Name"] == "Switch"
    ]
    assert sorted(switches) == sorted([FOR_ALL, *(server.name for server in synthesis.settings.servers)])
    for alarm in alarms:
        assert template.resolved(alarm["AlarmActions"]) == template.resolved(alarm["OKActions"]) == [f"<{topic}>"]


def test_it_may_read_switches_and_publish_and_nothing_else(synthesis: Synthesis) -> None:
    granted: dict[str, Any] = {}
    _, policy = synthesis.failover.only("AWS::IAM::Policy", "SwitchWatch")
    for statement in synthesis.failover.resolved(policy["PolicyDocument"]["Statement"]):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        granted |= dict.fromkeys(actions, (statement["Resource"], statement.get("Condition")))
    assert granted.keys() == {
        "cloudwatch:PutMetricData",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
    }
    bucket = f"arn:aws:s3:::{switch_bucket(synthesis.settings.app, PSEUDO_PARAMETERS['AWS::AccountId'])}"
    assert granted["s3:GetObject"][0] == f"{bucket}/{FOLDER}*"
    assert granted["s3:ListBucket"] == (bucket, {"StringLike": {"s3:prefix": f"{FOLDER}*"}})
    assert granted["cloudwatch:PutMetricData"][1] == {"StringEquals": {"cloudwatch:namespace": "Understudy"}}
