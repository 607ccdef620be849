"""The servers in the templates, and which health check belongs to which server."""

from typing import Any

from understudy_failover.operations.review.change import properties
from understudy_failover.operations.review.replacement import HEALTH_CHECK
from understudy_failover.operations.review.templates import Resource, Resources

GATE = "Custom::HealthGate"
SWITCH = "switch of "


def servers(resources: Resources) -> set[str]:
    """Return the names of all servers: each has one gate."""
    return {str(properties(resource)["Server"]) for resource in resources.values() if resource["Type"] == GATE}


def label(key: str, check: Resource) -> str:
    """Return a health check's name without the app's: `web`, `switch of web`, `web hold`."""
    tags = properties(check).get("HealthCheckTags", ())
    name = next((str(tag["Value"]) for tag in tags if tag["Key"] == "Name"), key)
    return name.partition(" ")[2] or name


def owner(check: str) -> str:
    """Return the server of a health check with this label; `all servers` for the switch for all."""
    return check.removeprefix(SWITCH) if check.startswith(SWITCH) else check.partition(" ")[0]


def named_check(resources: Resources, stack: str, reference: Any) -> str:
    """Return the label of the health check that a property of `stack` refers to, or nothing."""
    match reference:
        case {"Fn::GetAtt": [str(logical_id), *_]} | {"Ref": str(logical_id)}:
            key = f"{stack}/{logical_id}"
            check = resources.get(key)
            return label(key, check) if check and check["Type"] == HEALTH_CHECK else ""
    return ""


def holds(resources: Resources) -> dict[str, int]:
    """Return the minutes of the fail-back hold by the check's label."""
    return {
        str(alarm["Name"]).partition(" ")[2]: int(alarm["HoldMinutes"])
        for gate in resources.values()
        if gate["Type"] == GATE
        for alarm in properties(gate).get("Alarms", ())
    }
