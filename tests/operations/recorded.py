"""Record sets as Route 53 would answer them."""

from typing import Any

from understudy_failover.operations.hosted_zones import POLICIES, SIMPLE, RecordSet


def record(name: str, type_: str, *values: str, **raw: Any) -> RecordSet:
    """One of a name without its last dot; `raw` are further members, such as `AliasTarget`."""
    members: dict[str, Any] = {"Name": f"{name}.", "Type": type_, **raw}
    if values:
        members |= {"TTL": raw.get("TTL", 300), "ResourceRecords": [{"Value": value} for value in values]}
    policy = next((policy for member, policy in POLICIES.items() if member in raw), SIMPLE)
    return RecordSet(name, type_, policy, members)


def alias(name: str, target: str, type_: str = "A", **raw: Any) -> RecordSet:
    """An alias record set."""
    return record(
        name, type_, AliasTarget={"HostedZoneId": "Z1", "DNSName": f"{target}.", "EvaluateTargetHealth": False}, **raw
    )
