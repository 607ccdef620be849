"""Which servers there are, and which of them the health checks belong to: as the templates tell it."""

from typing import Any

from understudy_failover.operations.review.change import properties
from understudy_failover.operations.review.replacement import HEALTH_CHECK
from understudy_failover.operations.review.templates import Resource, Resources

GATE = "Custom::HealthGate"
SWITCH = "switch of "


def servers(resources: Resources) -> set[str]:
    """Names of all servers: each has one gate."""
    return {str(properties(one)["Server"]) for one in resources.values() if one["Type"] == GATE}


def label(key: str, check: Resource) -> str:
    """What a health check is called without the app's name before it: `web`, `switch of web`, `web on stage`."""
    tags = properties(check).get("HealthCheckTags", ())
    name = next((str(tag["Value"]) for tag in tags if tag["Key"] == "Name"), key)
    return name.partition(" ")[2] or name


def owner(check: str) -> str:
    """The server of a health check with this label; `all servers` of the switch for all."""
    return check.removeprefix(SWITCH) if check.startswith(SWITCH) else check.partition(" ")[0]


def named_check(resources: Resources, stack: str, reference: Any) -> str:
    """Label of the health check that a property of `stack` refers to; empty where it refers to none."""
    match reference:
        case {"Fn::GetAtt": [str(logical_id), *_]} | {"Ref": str(logical_id)}:
            key = f"{stack}/{logical_id}"
            check = resources.get(key)
            return label(key, check) if check and check["Type"] == HEALTH_CHECK else ""
    return ""


def holds(resources: Resources) -> dict[str, int]:
    """Minutes of the fail-back hold of each health check that has one, by the check's label."""
    return {
        str(alarm["Name"]).partition(" ")[2]: int(alarm["HoldMinutes"])
        for gate in resources.values()
        if gate["Type"] == GATE
        for alarm in properties(gate).get("Alarms", ())
    }
