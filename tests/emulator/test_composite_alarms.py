"""Composite alarms through CloudFormation, as a stack makes, changes and deletes them."""

import json
import uuid
from typing import Any

import pytest

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


def _template(**properties: Any) -> str:
    rule = {"Fn::Sub": 'ALARM("${Part.Arn}")'}
    whole = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": rule, **properties}}
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Whole", "Arn"]}}}
    return json.dumps({"Resources": {"Part": PART, "Whole": whole}, "Outputs": outputs})


def _composites(aws: EmbeddedAws, *names: str) -> list[dict[str, Any]]:
    alarms: list[dict[str, Any]] = aws.client("cloudwatch").describe_alarms(
        AlarmNames=names, AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"]
    return alarms


def test_a_stack_makes_changes_and_deletes_one(aws: EmbeddedAws) -> None:
    cloudformation, name = aws.client("cloudformation"), f"composite-{uuid.uuid4()}"
    cloudformation.create_stack(
        StackName=name, TemplateBody=_template(AlarmName=name, AlarmDescription="first", ActionsEnabled=False)
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    [composites] = _composites(aws, name)
    assert (composites["AlarmDescription"], composites["ActionsEnabled"], composites["StateValue"]) == (
        "first",
        False,
        "OK",
    )
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["Outputs"][0]["OutputValue"] == composites["AlarmArn"]

    cloudformation.update_stack(StackName=name, TemplateBody=_template(AlarmName=name, AlarmDescription="second"))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    [changed] = _composites(aws, name)
    assert (changed["AlarmDescription"], changed["ActionsEnabled"]) == ("second", True)

    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert _composites(aws, name) == []


@pytest.mark.parametrize("property_", ["ActionsSuppressor", "ActionsSuppressorWaitPeriod"])
def test_what_is_not_emulated_fails_the_stack(aws: EmbeddedAws, property_: str) -> None:
    cloudformation, name = aws.client("cloudformation"), f"composite-{uuid.uuid4()}"
    cloudformation.create_stack(StackName=name, TemplateBody=_template(**{"AlarmName": name, property_: "60"}))
    with pytest.raises(Exception, match="ROLLBACK"):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    ]
    assert any(f"{property_} is not emulated" in reason for reason in reasons)
    assert _composites(aws, name) == []
    cloudformation.delete_stack(StackName=name)
