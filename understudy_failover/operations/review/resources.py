"""Changes of all other resources: counted, unless they serve visitors."""

import json
from collections import Counter
from collections.abc import Iterator

from understudy_failover.operations.review.change import (
    BUCKET_POLICY,
    CERTIFICATE,
    DISTRIBUTION,
    EDGE_FUNCTION,
    EDGE_TEST,
    HEADERS,
    HEALTH_CHECK,
    NAMES,
    RECORD_SET,
    SITE,
    Change,
    Event,
    Mark,
    differing,
    grouped,
    listed,
    properties,
    replacement,
)
from understudy_failover.operations.review.checks import GATE
from understudy_failover.operations.review.templates import Resource, Resources

ROLE_POLICY = "AWS::IAM::Policy"
FUNCTION = "AWS::Lambda::Function"
SUBSCRIPTION = "AWS::SNS::Subscription"
CUTOVER = "Custom::RecordCutover"
OLD_CUTOVER = "Custom::Handover"
"""Of release 0.1.0: one for each host."""
NOUNS = {
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::CloudWatch::CompositeAlarm": "alarm",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::Events::Rule": "rule",
    ROLE_POLICY: "policy",
    "AWS::IAM::Role": "role",
    "AWS::Lambda::LayerVersion": "layer",
    "AWS::Lambda::Permission": "permission",
    "AWS::Logs::LogGroup": "log group",
    "AWS::Scheduler::ScheduleGroup": "group of schedules",
    FUNCTION: "function",
    HEADERS: "response headers policy",
    EDGE_TEST: "test of the edge functions",
    GATE: "deploy gate",
    CUTOVER: "record cutover",
    OLD_CUTOVER: "record cutover of a host",
}
"""Resources that serve visitors only through others; anything else is called by its type."""
DESCRIBED_ELSEWHERE = {RECORD_SET, HEALTH_CHECK}
DESCRIBED_WHEN_ADDED = {*DESCRIBED_ELSEWHERE, CERTIFICATE}
DESCRIBED_WHEN_CHANGED = {CERTIFICATE, DISTRIBUTION, EDGE_FUNCTION, EDGE_TEST, HEADERS, SITE}
COUNTED_WHEN_CHANGED = {BUCKET_POLICY}
"""The names in these follow from changes of servers and switches, which have lines of their own."""


def resource_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Yield what serves visitors and is removed or replaced, new code, recipients of alarms, and counts of the rest."""
    rest = _Rest()
    new = _with_names_of_policies(old, new)
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if _plain(before) == _plain(after):
            continue
        if before and after and before["Type"] != after["Type"]:
            yield from rest.remove(key, before)
            before = None
        if before and after:
            yield from rest.change(key, before, after)
        elif before:
            yield from rest.remove(key, before)
        elif after:
            rest.add(after)
    yield from rest.changes()


class _Rest:
    """The collected changes that are shown together."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._counts: dict[Mark, Counter[str]] = {mark: Counter() for mark in Mark}

    def add(self, after: Resource) -> None:
        kind = str(after["Type"])
        if kind == SUBSCRIPTION:
            self._events.append(Event(Mark.ADDED, "alarm recipient added: ", _endpoint(after)))
        elif kind not in DESCRIBED_WHEN_ADDED:
            self._counts[Mark.ADDED][_noun(kind)] += 1

    def remove(self, key: str, before: Resource) -> Iterator[Change]:
        kind = str(before["Type"])
        if kind == SUBSCRIPTION:
            self._events.append(Event(Mark.REMOVED, "alarm recipient removed: ", _endpoint(before)))
        elif str(before.get("DeletionPolicy", "")).startswith("Retain"):
            yield Change(Mark.REMOVED, f"{_noun(kind)} kept, but no longer managed: {key}")
        elif kind in NAMES:
            if kind not in DESCRIBED_ELSEWHERE:
                yield Change(Mark.REMOVED, f"{NAMES[kind]} removed: {key}", destructive=True)
        else:
            self._counts[Mark.REMOVED][_noun(kind)] += 1

    def change(self, key: str, before: Resource, after: Resource) -> Iterator[Change]:
        kind = str(after["Type"])
        differences = differing(properties(before), properties(after))
        if differences and kind in DESCRIBED_ELSEWHERE:
            return
        replaced = list(replacement(kind, key, before, after))
        yield from replaced
        if replaced or (differences and kind in DESCRIBED_WHEN_CHANGED):
            return
        if kind in NAMES and kind not in COUNTED_WHEN_CHANGED:
            yield Change(
                Mark.CHANGED,
                f"{NAMES[kind]} {key}: {listed(differences) if differences else 'dependencies or policies'}",
            )
        elif kind == FUNCTION and "Code" in differences:
            description = str(properties(after).get("Description", key))
            self._events.append(Event(Mark.CHANGED, "function updated: ", description))
        elif kind == GATE and differences:
            server = str(properties(after).get("Server"))
            self._events.append(
                Event(Mark.CHANGED, "deploy waits until the health checks of ", server, " have reported")
            )
        else:
            self._counts[Mark.CHANGED][_noun(kind)] += 1

    def changes(self) -> Iterator[Change]:
        yield from grouped(self._events)
        for mark, word in ((Mark.ADDED, "added"), (Mark.CHANGED, "changed"), (Mark.REMOVED, "removed")):
            if self._counts[mark]:
                numbers = listed(_counted(number, noun) for noun, number in sorted(self._counts[mark].items()))
                yield Change(mark, f"supporting resources {word}: {numbers}")


def _with_names_of_policies(old: Resources, new: Resources) -> Resources:
    """Return `new` with each replaced policy under the key of the policy with the same roles.

    The new policy has another id because CloudFormation creates it before it deletes the old one.
    """
    removed = {_roles(key, old[key]): key for key in old.keys() - new.keys() if old[key]["Type"] == ROLE_POLICY}
    added = {key for key in new.keys() - old.keys() if new[key]["Type"] == ROLE_POLICY}
    return {removed.pop(_roles(key, resource), key) if key in added else key: resource for key, resource in new.items()}


def _roles(key: str, policy: Resource) -> tuple[str, str]:
    return key.partition("/")[0], json.dumps(properties(policy).get("Roles"), sort_keys=True)


def _endpoint(subscription: Resource) -> str:
    return str(properties(subscription).get("Endpoint"))


def _plain(resource: Resource | None) -> object:
    """Return the resource without Metadata, which CloudFormation does not act on."""
    return {name: value for name, value in resource.items() if name != "Metadata"} if resource else None


def _noun(kind: str) -> str:
    return NOUNS.get(kind) or NAMES.get(kind) or kind


def _counted(number: int, noun: str) -> str:
    if number == 1 or "::" in noun:
        return f"{number} {noun}"
    head, of, rest = noun.partition(" of ")
    return f"{number} {head.removesuffix('y') + 'ies' if head.endswith('y') else head + 's'}{of}{rest}"
