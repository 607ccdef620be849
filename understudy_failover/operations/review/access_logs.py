"""Changes of access logs: whether they are kept, and for how long."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.operations.review.change import BUCKET, DISTRIBUTION, Change, Mark, properties
from understudy_failover.operations.review.page import whose
from understudy_failover.operations.review.templates import Resource, Resources

LOG_BUCKET = "/AccessLogsBucket"
"""Part of the key of the log bucket, and of its policy."""


def access_log_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Yield one change for each maintenance stack that exists before and afterwards."""
    before, after = _days(old), _days(new)
    for stack in sorted(_stacks(old) & _stacks(new)):
        logs = whose(f"{stack}/", "access logs")
        match before.get(stack), after.get(stack):
            case None, int(days):
                yield Change(Mark.ADDED, f"{logs} from now on, kept for {_in_words(days)}")
            case int(days), None:
                remainder = f"their bucket stays, and empties itself within {_in_words(days)}"
                yield Change(Mark.REMOVED, f"{logs} no longer: {remainder}")
            case int(was), int(becomes) if was != becomes:
                yield Change(Mark.CHANGED, f"{logs} kept for {_in_words(becomes)} instead of {was}")


def without_access_logs(resources: Resources, other: Resources) -> Resources:
    """`resources` less what `access_log_changes` says of them, compared with `other`.

    That is all of the logs where they begin or end, and their bucket's rule where only that changes.
    """
    days, other_days = _days(resources), _days(other)
    changed = {stack for stack in _stacks(resources) & _stacks(other) if days.get(stack) != other_days.get(stack)}
    begin_or_end = {stack for stack in changed if stack not in days or stack not in other_days}
    remaining: dict[str, Resource] = {}
    for key, resource in resources.items():
        stack = key.partition("/")[0]
        if stack in begin_or_end:
            if LOG_BUCKET not in key:
                remaining[key] = _silent(resource)
        elif stack in changed and LOG_BUCKET in key and resource["Type"] == BUCKET:
            remaining[key] = _less(resource, "LifecycleConfiguration")
        else:
            remaining[key] = resource
    return remaining


def _days(resources: Resources) -> dict[str, int]:
    return {
        key.partition("/")[0]: properties(resource)["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"]
        for key, resource in resources.items()
        if LOG_BUCKET in key and resource["Type"] == BUCKET
    }


def _stacks(resources: Resources) -> set[str]:
    return {key.partition("/")[0] for key, resource in resources.items() if resource["Type"] == DISTRIBUTION}


def _silent(resource: Resource) -> Resource:
    if resource["Type"] == BUCKET:
        return _less(resource, "LoggingConfiguration")
    if resource["Type"] == DISTRIBUTION:
        config = _but(properties(resource)["DistributionConfig"], "Logging")
        return {**resource, "Properties": {**properties(resource), "DistributionConfig": config}}
    return resource


def _less(resource: Resource, name: str) -> Resource:
    return {**resource, "Properties": _but(properties(resource), name)}


def _but(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def _in_words(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
