"""What `adopt` and `release` would do to each host name: the changes of one atomic batch, and what they mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Any, Literal

from understudy_failover.contract.set_identifiers import KEPT
from understudy_failover.operations.adoption.journal import Journal
from understudy_failover.operations.adoption.states import Name, State
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.operations.zone_rules import RefusalId

Change = dict[str, Any]
"""As Route 53 takes it: `{"Action": …, "ResourceRecordSet": …}`."""
LONG_TTL_SECONDS = 300
"""From which on an old TTL is worth a word."""


_Own = Literal[
    "answer-changes-now",
    "answer-changes-with-deploy",
    "beside-cname",
    "ipv6-bypass",
    "long-ttl",
    "name-unanswered",
    "no-failover-until-deploy",
    "not-of-understudy",
    "routing-policy-in-the-way",
    "secondary-answers-no-more",
    "still-fails-over",
]
NoticeId = _Own | RefusalId
"""Names a refusal or a warning, whatever its words are. Every one is played by a test, with its advice."""


@dataclass(frozen=True)
class Notice:
    """Why a step is refused, or what is to be known of it."""

    id: NoticeId
    text: str


@dataclass(frozen=True)
class Step:
    """One host name's part."""

    name: Name
    changes: tuple[Change, ...] = ()
    """To be made together. Empty where nothing is to be done."""
    text: str = ""
    warnings: tuple[Notice, ...] = field(default=())
    refusal: Notice | None = None
    """Why it cannot be done, and what to do instead."""

    @property
    def undo(self) -> tuple[Change, ...]:
        """The changes that take it back."""
        opposite = {"CREATE": "DELETE", "DELETE": "CREATE"}
        return tuple({**one, "Action": opposite[one["Action"]]} for one in reversed(self.changes))


def adoption(name: Name, ttl_seconds: int) -> Step:
    """From simple records to a placeholder with the TTL of the pair, which the deploy can make a pair of."""
    warnings = tuple(_warnings(name))
    if name.blocking:
        types = ", ".join(sorted({one.type for one in name.blocking}))
        return Step(
            name,
            refusal=Notice(
                "beside-cname",
                f"has a record of type {types}, beside which DNS allows no CNAME: delete it, or leave out cname at "
                f"{name.server.name} in failover.toml",
            ),
        )
    if name.state is State.FOREIGN:
        strange = next(one for one in name.records if one.policy not in {SIMPLE, "failover"})
        policy = f"{strange.policy} {strange.failover} {strange.set_identifier}".replace("  ", " ")
        return Step(
            name,
            refusal=Notice(
                "routing-policy-in-the-way",
                f"{strange.type} has a record of another routing policy ({policy}); replace it by a simple one "
                "first, or leave the host out",
            ),
        )
    going = [one for one in name.records if _goes(name, one)]
    if not going:
        return Step(name, text=TOLD[name.state], warnings=warnings)
    # By type: A and AAAA records that a CNAME takes the place of have one successor.
    # Of a failover pair the PRIMARY's, which is what is answered in quiet times.
    ordered = sorted(going, key=lambda one: one.failover == "PRIMARY")
    kept = list({record["Type"]: record for one in ordered for record in _kept(name, one, ttl_seconds)}.values())
    return Step(
        name,
        (*(_delete(one.raw) for one in going), *(_create(record) for record in kept)),
        "; ".join(f"{one.type}{role(one)} {one} → placeholder" for one in going),
        warnings,
    )


def _goes(name: Name, one: RecordSet) -> bool:
    """Simple ones, and kept ones beside which Route 53 takes none of the pair's: no CNAME beside another type.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
    """
    if one.policy == SIMPLE or name.state is State.FAILOVER:
        return True
    # Beside simple ones, too: an AAAA record that stayed beside a pair of A. Never one of a pair that serves.
    unpaired = all(other.policy == SIMPLE or other.set_identifier == KEPT for other in name.records)
    return unpaired and one.type not in name.types and "CNAME" in {one.type, *name.types}


def role(one: RecordSet) -> str:
    """` PRIMARY` or ` SECONDARY`; nothing of a simple one."""
    return f" {one.failover}" if one.failover else ""


TOLD = {
    State.ABSENT: "has no record; the deploy makes its pair",
    State.KEPT: "is adopted already; the deploy makes its pair",
    State.PAIR: "fails over already",
}


def release(name: Name, journal: Journal, *, remove: bool) -> Step:
    """From a kept record to what there was, or to a simple one; with `remove` to nothing."""
    if name.state is State.PAIR:
        return Step(
            name,
            refusal=Notice(
                "still-fails-over",
                "still fails over: take it out of failover.toml and deploy, or `understudy destroy`; both leave it "
                "with its server, and then it can be released",
            ),
        )
    if name.state in {State.FOREIGN, State.FAILOVER}:
        return Step(name, refusal=Notice("not-of-understudy", "has records that Understudy did not make"))
    if name.state is not State.KEPT:
        return Step(name, text=name.state)
    if remove:
        return Step(
            name,
            tuple(_delete(one.raw) for one in name.records),
            "; ".join(f"{one.type} {one} → nothing" for one in name.records),
            (
                Notice(
                    "name-unanswered",
                    "nobody will find it, and resolvers keep that for the TTL of the zone's SOA record; a smaller "
                    "minimum in that record does not shorten it",
                ),
            ),
        )
    new = _former(name, journal)
    return Step(
        name,
        (*(_delete(one.raw) for one in name.records), *(_create(one) for one in new)),
        "; ".join(f"{one['Type']} {_described(one)}" for one in new),
    )


def _former(name: Name, journal: Journal) -> Sequence[Mapping[str, Any]]:
    """What was adopted, and a simple record of what was not; of what the server has another address for since, too."""
    former: dict[str, list[Mapping[str, Any]]] = {}
    for record in journal.records(name.host.zone.id, name.host.name):
        former.setdefault(record["Type"], []).append(record)
    if "CNAME" in former:
        return former["CNAME"]
    found: list[Mapping[str, Any]] = []
    for one in name.records:
        several = former.get(one.type, [])
        # Of a failover pair the PRIMARY counts: it is what the placeholder was made of.
        old = next((record for record in several if record.get("Failover") != "SECONDARY"), None)
        values = {value["Value"] for value in old.get("ResourceRecords", ())} if old else set()
        found += [_simple(one.raw)] if old is None or (values and values != set(one.values)) else several
    return found


def _warnings(name: Name) -> Iterator[Notice]:
    for one in name.bypassing:
        yield Notice(
            "ipv6-bypass",
            f"AAAA {one} stays, and leads clients with IPv6 past the failover: give the server its ipv6, or delete it",
        )
    for one in name.records:
        if not _goes(name, one):
            continue
        if warning := ttl_warning(one):
            yield Notice("long-ttl", warning)
        if name.state is State.FAILOVER and one.failover:
            if one.failover == "PRIMARY":
                yield Notice(
                    "no-failover-until-deploy",
                    f"{one.type} PRIMARY {one}: does not fail over from now until the deploy",
                )
            else:
                yield Notice(
                    "secondary-answers-no-more",
                    f"{one.type} SECONDARY {one}: answers no more; from the deploy on the maintenance page does",
                )
        if one.failover == "SECONDARY":
            continue
        if one.alias_target or one.type not in name.types:
            values = [value for type_ in _types(name, one) for value in name.values(type_)]
            yield Notice(
                "answer-changes-now", f"{one.type} {one}: from now on the server's own answers, {', '.join(values)}"
            )
        elif set(one.values) != set(name.values(one.type)):
            yield Notice(
                "answer-changes-with-deploy",
                f"{one.type} {one}: from the deploy on {', '.join(name.values(one.type))} answers",
            )


def ttl_warning(one: RecordSet) -> str:
    """How long an old answer outlives the change; empty where that is not worth a word."""
    if one.ttl_seconds is None or one.ttl_seconds <= LONG_TTL_SECONDS:
        return ""
    minutes = -(-one.ttl_seconds // 60)
    span = f"{-(-minutes // 60)} h" if minutes > 120 else f"{minutes} min"
    return (
        f"{one.type} has TTL {one.ttl_seconds} s: resolvers keep the old answer for up to {span} after `adopt`, and "
        "the bounds of a failover hold from then on; run `adopt` that long before the deploy"
    )


def adopt_command(host: str) -> str:
    """As it can be typed."""
    return f"`understudy adopt {quote(host)} --apply`"


def _types(name: Name, one: RecordSet) -> tuple[str, ...]:
    """Of the record sets that take the place of one: its own, or where the pair has none of that all of the pair's."""
    return (one.type,) if one.type in name.types else name.types


def _kept(name: Name, one: RecordSet, ttl_seconds: int) -> Iterator[Change]:
    """What answers in place of a simple record: the same, where that is addresses."""
    for type_ in _types(name, one):
        same = one.type == type_ and not one.alias_target
        values = one.values if same else name.values(type_)
        yield {
            "Name": f"{name.host.name}.",
            "Type": type_,
            "SetIdentifier": KEPT,
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
