"""The changes of `import` and `detach` for each host name, as one atomic batch, with their effects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.operations.record_import.journal import Journal
from understudy_failover.operations.record_import.states import Name, State

Change = dict[str, Any]
"""A change for ChangeResourceRecordSets: `{"Action": …, "ResourceRecordSet": …}`."""
LONG_TTL_SECONDS = 300
"""A longer TTL is warned of."""


@dataclass(frozen=True)
class Notice:
    id: str
    text: str


@dataclass(frozen=True)
class Step:
    name: Name
    changes: tuple[Change, ...] = ()
    """Made together. Empty where there is nothing to do."""
    text: str = ""
    warnings: tuple[Notice, ...] = field(default=())
    refusal: Notice | None = None

    @property
    def undo(self) -> tuple[Change, ...]:
        opposite = {"CREATE": "DELETE", "DELETE": "CREATE"}
        return tuple({**change, "Action": opposite[change["Action"]]} for change in reversed(self.changes))


def record_import(name: Name, ttl_seconds: int) -> Step:
    """Return the step from simple records to a placeholder with the TTL of the pair."""
    warnings = tuple(_warnings(name))
    if name.blocking:
        types = ", ".join(sorted({record.type for record in name.blocking}))
        return Step(
            name,
            refusal=Notice(
                "beside-cname",
                f"has a record of type {types}, beside which DNS allows no CNAME: delete it, or leave out cname at "
                f"{name.server.name} in failover.toml",
            ),
        )
    if name.state is State.FOREIGN:
        foreign = next(record for record in name.records if record.policy not in {SIMPLE, "failover"})
        described = f"{foreign.policy} {foreign.failover} {foreign.set_identifier}".replace("  ", " ")
        return Step(
            name,
            refusal=Notice(
                "routing-policy-in-the-way",
                f"{foreign.type} has a record of another routing policy ({described}); replace it by a simple one "
                "first, or leave the host out",
            ),
        )
    replaced = [record for record in name.records if _goes(name, record)]
    if not replaced:
        return Step(name, text=DESCRIPTIONS[name.state], warnings=warnings)
    # By type: one CNAME replaces both A and AAAA records.
    # Of a failover pair the PRIMARY's values, which are answered while the server is healthy.
    ordered = sorted(replaced, key=lambda record: record.failover == "PRIMARY")
    placeholders = list(
        {record["Type"]: record for old in ordered for record in _placeholders(name, old, ttl_seconds)}.values()
    )
    return Step(
        name,
        (*(_delete(record.raw) for record in replaced), *(_create(record) for record in placeholders)),
        "; ".join(f"{record.type}{role(record)} {record} → placeholder" for record in replaced),
        warnings,
    )


def _goes(name: Name, record: RecordSet) -> bool:
    """Return whether a record set is replaced: a simple record, or a placeholder that excludes the pair's CNAME.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
    """
    if record.policy == SIMPLE or name.state is State.FAILOVER:
        return True
    # Also beside simple records, such as an AAAA record beside a pair of type A. Never a record of a serving pair.
    unpaired = all(other.policy == SIMPLE or other.set_identifier == PLACEHOLDER for other in name.records)
    return unpaired and record.type not in name.types and "CNAME" in {record.type, *name.types}


def role(record: RecordSet) -> str:
    """Return ` PRIMARY` or ` SECONDARY`; nothing for a simple record."""
    return f" {record.failover}" if record.failover else ""


DESCRIPTIONS = {
    State.ABSENT: "has no record; the deploy creates its pair",
    State.PLACEHOLDER: "is already adopted; the deploy creates its pair",
    State.PAIR: "already fails over",
}


def release(name: Name, journal: Journal, *, remove: bool) -> Step:
    """Return the step from a placeholder to the former records, or to a simple one; with `remove` to none."""
    if name.state is State.PAIR:
        return Step(
            name,
            refusal=Notice(
                "still-fails-over",
                "still fails over: remove it from failover.toml and deploy, or run `understudy destroy`; then repeat",
            ),
        )
    if name.state in {State.FOREIGN, State.FAILOVER}:
        return Step(name, refusal=Notice("not-of-understudy", "has records that Understudy did not create"))
    if name.state is not State.PLACEHOLDER:
        return Step(name, text=name.state)
    if remove:
        return Step(
            name,
            tuple(_delete(record.raw) for record in name.records),
            "; ".join(f"{record.type} {record} → nothing" for record in name.records),
            (
                Notice(
                    "name-unanswered",
                    "the name will not resolve; resolvers cache that for the TTL of the zone's SOA record",
                ),
            ),
        )
    new = _former(name, journal)
    return Step(
        name,
        (*(_delete(record.raw) for record in name.records), *(_create(record) for record in new)),
        "; ".join(f"{record['Type']} {_described(record)}" for record in new),
    )


def _former(name: Name, journal: Journal) -> Sequence[Mapping[str, Any]]:
    """Return the former records, or a simple record where the server's address has changed since."""
    former: dict[str, list[Mapping[str, Any]]] = {}
    for adopted in journal.records(name.host.zone.id, name.host.name):
        former.setdefault(adopted["Type"], []).append(adopted)
    if "CNAME" in former:
        return former["CNAME"]
    records: list[Mapping[str, Any]] = []
    for record in name.records:
        same_type = former.get(record.type, [])
        # Of a failover pair the PRIMARY counts: its values are those of the placeholder.
        old = next((adopted for adopted in same_type if adopted.get("Failover") != "SECONDARY"), None)
        values = {value["Value"] for value in old.get("ResourceRecords", ())} if old else set()
        records += [_simple(record.raw)] if old is None or (values and values != set(record.values)) else same_type
    return records


def _warnings(name: Name) -> Iterator[Notice]:
    for record in name.bypassing:
        yield Notice(
            "ipv6-bypass",
            f"AAAA {record} stays: clients with IPv6 bypass the failover. Give the server its ipv6, or delete it",
        )
    for record in name.records:
        if not _goes(name, record):
            continue
        if warning := ttl_warning(record):
            yield Notice("long-ttl", warning)
        if name.state is State.FAILOVER and record.failover:
            if record.failover == "PRIMARY":
                yield Notice(
                    "no-failover-until-deploy",
                    f"{record.type} PRIMARY {record}: no failover until the deploy",
                )
            else:
                yield Notice(
                    "secondary-answers-no-more",
                    f"{record.type} SECONDARY {record}: is deleted; the deploy replaces it with the maintenance page",
                )
        if record.failover == "SECONDARY":
            continue
        if record.alias_target or record.type not in name.types:
            values = [value for type_ in _types(name, record) for value in name.values(type_)]
            yield Notice(
                "answer-changes-now",
                f"{record.type} {record}: changes now to the server's values: {', '.join(values)}",
            )
        elif set(record.values) != set(name.values(record.type)):
            yield Notice(
                "answer-changes-with-deploy",
                f"{record.type} {record}: from the deploy on {', '.join(name.values(record.type))} answers",
            )


def ttl_warning(record: RecordSet) -> str:
    """Return how long resolvers keep an old answer; nothing for a short TTL."""
    if record.ttl_seconds is None or record.ttl_seconds <= LONG_TTL_SECONDS:
        return ""
    minutes = -(-record.ttl_seconds // 60)
    span = f"{-(-minutes // 60)} h" if minutes > 120 else f"{minutes} min"
    return (
        f"{record.type} has TTL {record.ttl_seconds} s: resolvers keep the old answer for up to {span} after `import`. "
        "Run `import` that long before the deploy: the bounds of a failover hold from then on"
    )


def adopt_command(host: str) -> str:
    return f"`understudy import {quote(host)} --apply`"


def _types(name: Name, record: RecordSet) -> tuple[str, ...]:
    """Return the types of the records that replace one: its own, or all of the pair's where the pair lacks it."""
    return (record.type,) if record.type in name.types else name.types


def _placeholders(name: Name, old: RecordSet, ttl_seconds: int) -> Iterator[Change]:
    """Yield the placeholder records that replace a record, with its own addresses where it has some."""
    for type_ in _types(name, old):
        same = old.type == type_ and not old.alias_target
        values = old.values if same else name.values(type_)
        yield {
            "Name": f"{name.host.name}.",
            "Type": type_,
            "SetIdentifier": PLACEHOLDER,
            "Failover": "SECONDARY",
            "TTL": ttl_seconds,
            "ResourceRecords": [{"Value": value} for value in values],
        }


def _simple(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in raw.items() if key not in {"SetIdentifier", "Failover"}}


def _described(raw: Mapping[str, Any]) -> str:
    return str(RecordSet("", raw["Type"], SIMPLE, raw))


def _create(record: Mapping[str, Any]) -> Change:
    return {"Action": "CREATE", "ResourceRecordSet": dict(record)}


def _delete(record: Mapping[str, Any]) -> Change:
    return {"Action": "DELETE", "ResourceRecordSet": dict(record)}
