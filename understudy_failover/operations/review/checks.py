"""Changes of health checks, in the terms of failover.toml."""

import json
from collections.abc import Iterator
from typing import Any

from understudy_failover.operations.review.change import (
    HEALTH_CHECK,
    Change,
    Event,
    Mark,
    grouped,
    properties,
    replacing,
)
from understudy_failover.operations.review.templates import Resource, Resources

TERMS = {
    "Type": "type",
    "IPAddress": "address",
    "FullyQualifiedDomainName": "host_name",
    "Port": "port",
    "ResourcePath": "path",
    "SearchString": "search_string",
    "RequestInterval": "request_interval_seconds",
    "FailureThreshold": "failure_threshold",
    "Regions": "regions",
    "MeasureLatency": "measure_latency",
}
"""The names of failover.toml for a check's properties."""
DEFAULTS = {"regions": "all", "measure_latency": "false"}
STRING_MATCH = "_STR_MATCH"
HOLD = "CLOUDWATCH_METRIC"


def check_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Yield each difference once, with all checks that have it; checks of new and removed servers are left out."""
    yield from grouped(_hold_events(old, new))
    yield from grouped(_events(old, new))


def _hold_events(old: Resources, new: Resources) -> Iterator[Event]:
    before, after = holds(old), holds(new)
    same = servers(old) & servers(new)
    for check in sorted(before.keys() | after.keys()):
        if owner(check) not in same or before.get(check) == after.get(check):
            continue
        if check not in before:
            yield Event(Mark.ADDED, "fail-back hold of ", check, f": {after[check]} min")
        elif check in after:
            yield Event(Mark.CHANGED, "fail-back hold of ", check, f": {before[check]} min → {after[check]} min")


def _events(old: Resources, new: Resources) -> Iterator[Event]:
    added, removed = servers(new) - servers(old), servers(old) - servers(new)
    before, after = _checks(old), _checks(new)
    for key in sorted(before.keys() - after.keys()):
        if owner(label(key, before[key])) not in removed:
            yield Event(Mark.REMOVED, "health check removed: ", label(key, before[key]), destructive=True)
    for key in sorted(after.keys() - before.keys()):
        name = label(key, after[key])
        is_hold = _config(after[key]).get("Type") == HOLD and name.removesuffix(" hold") in holds(new)
        if owner(name) not in added and not is_hold:
            yield Event(Mark.ADDED, "health check added: ", name)
    for key in sorted(before.keys() & after.keys()):
        if properties(before[key]) == properties(after[key]):
            continue
        name = label(key, after[key])
        difference = "; ".join(_differences(_config(before[key]), _config(after[key]))) or "its name"
        if replacing(HEALTH_CHECK, before[key], after[key]):
            yield Event(Mark.CHANGED, "health check of ", name, f" replaced: {difference}", destructive=True)
        else:
            yield Event(Mark.CHANGED, "health check of ", name, f": {difference}")


def _differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    children = len(old.get("ChildHealthChecks", ())), len(new.get("ChildHealthChecks", ()))
    if old.get("ChildHealthChecks") != new.get("ChildHealthChecks"):
        yield f"joins {children[1]} checks instead of {children[0]}" if children[0] != children[1] else "joins others"
    for key, name in TERMS.items():
        was, becomes = old.get(key), new.get(key)
        if was != becomes:
            yield f"{name} {_text(name, was)} → {_text(name, becomes)}{_sense(name, was, becomes)}"
    # SNI follows from the type, and HealthThreshold from the number of child checks.
    implied = {"EnableSNI", "ChildHealthChecks", "HealthThreshold", *TERMS}
    for key in sorted((old.keys() | new.keys()) - implied):
        if old.get(key) != new.get(key):
            yield f"{key} changes"
    if old.get("Type") == new.get("Type") and old.get("EnableSNI") != new.get("EnableSNI"):
        yield "EnableSNI changes"
    if children[0] == children[1] and old.get("HealthThreshold") != new.get("HealthThreshold"):
        yield "HealthThreshold changes"


def _sense(name: str, was: Any, becomes: Any) -> str:
    if name == "failure_threshold" and isinstance(was, int) and isinstance(becomes, int):
        return " (tightened: fails over sooner)" if becomes < was else " (loosened: fails over later)"
    if name == "request_interval_seconds" and isinstance(was, int) and isinstance(becomes, int):
        return " (tightened)" if becomes < was else " (loosened)"
    if name == "search_string":
        return " (tightened)" if was is None else " (loosened)" if becomes is None else ""
    return ""


def _config(check: Resource) -> dict[str, Any]:
    """Return the check as failover.toml has it: there a searched text is no type of its own."""
    config: dict[str, Any] = {**properties(check).get("HealthCheckConfig", {})}
    if "Type" in config:
        config["Type"] = str(config["Type"]).removesuffix(STRING_MATCH)
    return config


def _checks(resources: Resources) -> dict[str, Resource]:
    return {key: resource for key, resource in resources.items() if resource["Type"] == HEALTH_CHECK}


def _text(name: str, value: Any) -> str:
    if value is None:
        return DEFAULTS.get(name, "none")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | list | bool) else str(value)


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
