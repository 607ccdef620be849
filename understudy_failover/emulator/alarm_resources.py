"""Alarms in CloudFormation that MiniStack knows by CloudWatch's API alone: composite ones, and on metric math.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-compositealarm.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-alarm.html
"""

from collections.abc import Callable
from typing import Any

from understudy_failover.emulator.ministack import Ministack, Provisioner

Properties = dict[str, Any]
FORWARDED = ("ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmRule", "InsufficientDataActions", "OKActions")
"""Properties that are parameters of PutCompositeAlarm; others (suppressors) are refused."""


class UnsupportedAlarmError(ValueError):
    """The alarm has a property that is not emulated; without it, the alarm would mean something else."""


def composite_alarms(ministack: Ministack) -> Provisioner:
    """Return the provisioner of AWS::CloudWatch::CompositeAlarm."""

    def put(name: str, properties: Properties) -> dict[str, str]:
        if unknown := sorted(properties.keys() - {"AlarmName", *FORWARDED}):
            raise UnsupportedAlarmError(f"composite alarm {name}: {', '.join(unknown)} is not emulated")
        parameters = {key: properties[key] for key in FORWARDED if properties.get(key) is not None}
        if "ActionsEnabled" in parameters:
            parameters["ActionsEnabled"] = str(parameters["ActionsEnabled"]).lower() == "true"
        return {"Arn": ministack.put_composite_alarm({"AlarmName": name, **parameters})}

    return {**_named(put), "delete": lambda physical_id, _: ministack.delete_composite_alarm(physical_id)}


def metric_alarms(ministack: Ministack, plain: Provisioner) -> Provisioner:
    """Return the provisioner of AWS::CloudWatch::Alarm; `plain` provisions alarms on a single metric."""
    math = _named(lambda name, properties: ministack.put_math_alarm(plain, name, properties))

    def create(logical_id: str, properties: Properties, stack_name: str) -> Any:
        return (math if "Metrics" in properties else plain)["create"](logical_id, properties, stack_name)

    def update(
        physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str | None = None
    ) -> Any:
        return (math if "Metrics" in new else plain)["update"](physical_id, old, new, stack_name, logical_id)

    return {"create": create, "update": update, "delete": plain["delete"]}


def _named(put: Callable[[str, Properties], dict[str, str]]) -> Provisioner:
    """Return `create` and `update` of a resource that `put` creates or changes by its name."""

    def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, dict[str, str]]:
        name = properties.get("AlarmName") or f"{stack_name}-{logical_id}"
        return name, put(name, properties)

    def update(physical_id: str, _: Properties, new: Properties, *__: Any) -> tuple[str, dict[str, str]]:
        # Another name is another alarm; the engine deletes the old one in its clean-up.
        name = new.get("AlarmName") or physical_id
        return name, put(name, new)

    return {"create": create, "update": update}
