"""Composite alarms through CloudFormation: a stack creates, changes and deletes them."""

from typing import Any

import pytest

from tests.emulator.support import Stack
from understudy_failover.emulator import EmbeddedAws

PART = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "Namespace": "Test",
        "MetricName": "Any",
        "ComparisonOperator": "LessThanThreshold",
        "Threshold": 1,
        "Period": 60,
        "EvaluationPeriods": 1,
        "Statistic": "Minimum",
        "TreatMissingData": "notBreaching",
    },
}


def _resources(**properties: Any) -> dict[str, Any]:
    rule = {"Fn::Sub": 'ALARM("${Part.Arn}")'}
    whole = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": rule, **properties}}
    return {"Part": PART, "Whole": whole}


def _composites(aws: EmbeddedAws, *names: str) -> list[dict[str, Any]]:
    alarms: list[dict[str, Any]] = aws.client("cloudwatch").describe_alarms(
        AlarmNames=names, AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"]
    return alarms


def test_a_stack_creates_changes_and_deletes_an_alarm(aws: EmbeddedAws) -> None:
    stack = Stack(aws.client("cloudformation"))
    resources = _resources(AlarmName=stack.name, AlarmDescription="first", ActionsEnabled=False)
    value = {"Fn::GetAtt": ["Whole", "Arn"]}
    output = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Name": stack.name, "Value": value}}
    assert stack.deploy(**resources, Output=output) == "CREATE_COMPLETE"
    [alarm] = _composites(aws, stack.name)
    assert (alarm["AlarmDescription"], alarm["ActionsEnabled"], alarm["StateValue"]) == ("first", False, "OK")
    parameter = aws.client("ssm").get_parameter(Name=stack.name)["Parameter"]
    assert parameter["Value"] == alarm["AlarmArn"]
    assert stack.deploy(**_resources(AlarmName=stack.name, AlarmDescription="second")) == "UPDATE_COMPLETE"
    [alarm] = _composites(aws, stack.name)
    assert (alarm["AlarmDescription"], alarm["ActionsEnabled"]) == ("second", True)
    assert stack.delete() == "DELETE_COMPLETE"
    assert _composites(aws, stack.name) == []


@pytest.mark.parametrize("property_", ["ActionsSuppressor", "ActionsSuppressorWaitPeriod"])
def test_what_is_not_emulated_fails_the_stack(aws: EmbeddedAws, property_: str) -> None:
    stack = Stack(aws.client("cloudformation"))
    assert "ROLLBACK" in stack.deploy(**_resources(**{"AlarmName": stack.name, property_: "60"}))
    assert f"{property_} is not emulated" in stack.reasons()
    assert _composites(aws, stack.name) == []
    stack.delete()
