"""AWS::CloudWatch::CompositeAlarm in CloudFormation, which MiniStack knows by CloudWatch's API alone.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-compositealarm.html
"""

from typing import Any

from understudy_failover.emulator.ministack import Ministack, Provisioner

PASSED_ON = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmRule",
    "InsufficientDataActions",
    "OKActions",
)
"""Properties that are parameters of PutCompositeAlarm; what else there is (suppressors) is refused."""


class UnsupportedAlarmError(ValueError):
    """The alarm asks for something that is not emulated; better none than one that says something else."""


def provisioner(ministack: Ministack) -> Provisioner:
    """How CloudFormation provisions composite alarms."""

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        return _put(properties.get("AlarmName") or f"{stack_name}-{logical_id}", properties)

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        # Another name is another alarm; the engine deletes the old one in its clean-up.
        return _put(new.get("AlarmName") or physical_id, new)

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        ministack.delete_composite_alarm(physical_id)

    def _put(name: str, properties: dict[str, Any]) -> tuple[str, dict[str, str]]:
        if unknown := sorted(properties.keys() - {"AlarmName", *PASSED_ON}):
            raise UnsupportedAlarmError(f"composite alarm {name}: {', '.join(unknown)} is not emulated")
        given = {key: properties[key] for key in PASSED_ON if properties.get(key) is not None}
        if "ActionsEnabled" in given:
            given["ActionsEnabled"] = str(given["ActionsEnabled"]).lower() == "true"
        return name, {"Arn": ministack.put_composite_alarm({"AlarmName": name, **given})}

    return {"create": create, "update": update, "delete": delete}
