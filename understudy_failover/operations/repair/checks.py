"""Health checks whose configuration differs from what was deployed."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from understudy_failover.contract.health_check_config import DEFAULTS
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.plan import REBUILD, Action, Lost, check_key

HEALTH_CHECK = "AWS::Route53::HealthCheck"
CHANGEABLE = (
    "IPAddress",
    "Port",
    "ResourcePath",
    "FullyQualifiedDomainName",
    "SearchString",
    "FailureThreshold",
    "EnableSNI",
    "HealthThreshold",
    "ChildHealthChecks",
    "AlarmIdentifier",
    "InsufficientDataHealthStatus",
    *DEFAULTS,
)
"""The members of a health check that UpdateHealthCheck changes: the others, such as Type, cannot drift.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
"""


def check_repairs(
    route53: Any, resources: Iterable[Resource], existing: Mapping[str, Mapping[str, Any]]
) -> Iterator[Action | Lost]:
    """`existing` is HealthCheckConfig by id. The action needs route53:UpdateHealthCheck."""
    ours = [resource for resource in resources if resource.type == HEALTH_CHECK]
    for resource in ours:
        identifier = resource.physical_id
        name = check_name(resource)
        if identifier not in existing:
            yield Lost(check_key(identifier), name, f"health check {identifier} was deleted", REBUILD)
            continue
        config = resource.properties["HealthCheckConfig"]
        wanted = {**DEFAULTS, **{key: config[key] for key in CHANGEABLE if key in config}}
        is_calculated = config["Type"] == "CALCULATED"
        if is_calculated or config["Type"] == "CLOUDWATCH_METRIC":
            del wanted["Regions"]
        if not resource.known("HealthCheckConfig"):
            continue
        if is_calculated and not set(wanted["ChildHealthChecks"]) <= existing.keys():
            continue  # the deleted one is reported itself
        changes = {
            key: value
            for key, value in wanted.items()
            if _plain(existing[identifier].get(key, DEFAULTS.get(key))) != _plain(value)
        }
        if changes:
            text = "; ".join(
                f"{key} {_shown(existing[identifier].get(key, DEFAULTS.get(key)))} → {_shown(value)}"
                for key, value in changes.items()
            )
            act = partial(_update, route53, identifier, changes)
            yield Action(check_key(identifier), f"health check {name}", text, act)


def check_name(resource: Resource) -> str:
    """As its tag `Name` has it, else its logical id."""
    tags = resource.properties.get("HealthCheckTags", ())
    return next((str(tag["Value"]) for tag in tags if tag["Key"] == "Name"), resource.logical_id)


def _update(route53: Any, identifier: str, changes: Mapping[str, Any]) -> None:
    route53.update_health_check(HealthCheckId=identifier, **changes)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(str, value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)
