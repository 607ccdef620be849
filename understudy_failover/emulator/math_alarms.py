"""AWS::CloudWatch::Alarm on an expression of metric math in CloudFormation, which MiniStack refuses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-alarm.html
"""

from typing import Any

from understudy_failover.emulator.ministack import Ministack, Provisioner


def provisioner(ministack: Ministack, plain: Provisioner) -> Provisioner:
    """Return how CloudFormation provisions alarms; `plain` does it for those on a single metric."""

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        if "Metrics" not in properties:
            created: tuple[str, dict[str, str]] = plain["create"](logical_id, properties, stack_name)
            return created
        return _put(properties.get("AlarmName") or f"{stack_name}-{logical_id}", properties)

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
    ) -> tuple[str, dict[str, str]]:
        if "Metrics" not in new:
            updated: tuple[str, dict[str, str]] = plain["update"](physical_id, old, new, stack_name, logical_id)
            return updated
        # Another name is another alarm; the engine deletes the old one in its clean-up.
        return _put(new.get("AlarmName") or physical_id, new)

    def _put(name: str, properties: dict[str, Any]) -> tuple[str, dict[str, str]]:
        return name, ministack.put_math_alarm(plain, name, properties)

    return {"create": create, "update": update, "delete": plain["delete"]}
