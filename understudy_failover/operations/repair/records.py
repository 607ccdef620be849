"""Record sets: a name that differs from what was deployed is changed in one batch, which Route 53 makes as a whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from understudy_failover.operations.hosted_zones import RecordSet, record_sets, unescaped
from understudy_failover.operations.https_records import leads_elsewhere
from understudy_failover.operations.record_import.carry_out import apply_changes
from understudy_failover.operations.record_import.plans import Change
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.plan import REBUILD, Action, Lost, name_key

RECORD_SET = "AWS::Route53::RecordSet"
ANSWERS = {"A", "AAAA", "CNAME"}


@dataclass(frozen=True)
class _Zone:
    route53: Any
    id: str
    checks: frozenset[str]
    """Health checks that exist."""


def record_repairs(route53: Any, resources: Iterable[Resource], checks: Collection[str]) -> Iterator[Action | Lost]:
    """One for each name; `checks` are the ids of the health checks that exist.

    Needs route53:ListResourceRecordSets; the action route53:ChangeResourceRecordSets and GetChange.
    """
    wanted: dict[str, dict[str, list[Resource]]] = {}
    for resource in resources:
        if resource.type == RECORD_SET:
            name = unescaped(str(resource.properties["Name"]).rstrip("."))
            zone = wanted.setdefault(str(resource.properties["HostedZoneId"]), {})
            zone.setdefault(name, []).append(resource)
    for zone_id, names in wanted.items():
        existing = record_sets(route53, zone_id)
        zone_of = _Zone(route53, zone_id, frozenset(checks))
        for name, several in names.items():
            # Of a pair that is known by half, the other half would be taken for somebody else's.
            if all(resource.known() for resource in several):
                records = [as_api(resource.properties) for resource in several]
                yield from _of_name(zone_of, name, records, [record for record in existing if record.name == name])


def as_api(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A record set of a template as Route 53's API has it."""
    record: dict[str, Any] = {"Name": properties["Name"], "Type": properties["Type"]}
    record |= {key: properties[key] for key in ("SetIdentifier", "Failover", "HealthCheckId") if key in properties}
    if "TTL" in properties:
        record["TTL"] = int(properties["TTL"])
        record["ResourceRecords"] = [{"Value": value} for value in properties["ResourceRecords"]]
    if "AliasTarget" in properties:
        record["AliasTarget"] = {"EvaluateTargetHealth": False, **properties["AliasTarget"]}
    return record


def _of_name(
    zone: _Zone, name: str, wanted: Sequence[dict[str, Any]], existing: Sequence[RecordSet]
) -> Iterator[Action | Lost]:
    there = [record for record in existing if record.type in ANSWERS or leads_elsewhere(record)]
    right = [_compared(record) for record in wanted]
    going = [record for record in there if _compared(record.raw) not in right]
    coming = [record for record in wanted if _compared(record) not in [_compared(present.raw) for present in there]]
    if not going and not coming:
        return
    missing = sorted({record["HealthCheckId"] for record in wanted if record.get("HealthCheckId")} - zone.checks)
    if missing:
        yield Lost(name_key(name), name, f"needs health check {', '.join(missing)}, which was deleted", REBUILD)
        return
    changes: list[Change] = [
        *({"Action": "DELETE", "ResourceRecordSet": dict(record.raw)} for record in going),
        *({"Action": "CREATE", "ResourceRecordSet": record} for record in coming),
    ]
    text = "; ".join(
        [*(f"delete {_shown(record.raw)}" for record in going), *(f"create {_shown(record)}" for record in coming)]
    )
    yield Action(name_key(name), name, text, partial(apply_changes, zone.route53, zone.id, changes))


def _compared(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two record sets the same: values in any order, names in any case and without their last dot."""
    target = raw.get("AliasTarget", {})
    values = sorted(entry["Value"].rstrip(".").lower() for entry in raw.get("ResourceRecords", ()))
    return (
        str(raw["Type"]),
        *(str(raw.get(key, "")) for key in ("SetIdentifier", "Failover", "HealthCheckId", "TTL")),
        *values,
        str(target.get("DNSName", "")).rstrip(".").lower(),
        str(target.get("HostedZoneId", "")),
    )


def _shown(raw: Mapping[str, Any]) -> str:
    role = raw.get("Failover") or raw.get("SetIdentifier") or "simple"
    return f"{raw['Type']} {role} {RecordSet('', raw['Type'], '', raw)}"
