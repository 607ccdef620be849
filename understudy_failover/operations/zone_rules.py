"""Rules of a hosted zone that refuse changes: Change Guardrails, record set protections, accelerated recovery.

Each refuses a whole batch of changes, also from CloudFormation, and leaves the records as they were.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-change-guardrails.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrset-protection.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from understudy_failover.operations.hosted_zones import RecordSet, unescaped

ACTIVE_RECORD = "ACTIVE_RECORD_CHECK"
ALIAS_TARGET = "ALIAS_TARGET_CHECK"
GUARDRAILS = (
    "NS_FORMAT_CHECK",
    "NS_DELEGATION_AUTHORITY_CHECK",
    "NS_OCCLUSION_CHECK",
    ALIAS_TARGET,
    ACTIVE_RECORD,
    "ACTIVE_DELEGATION_CHECK",
)
IN_TRANSITION = {"ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED"}
"""Of AcceleratedRecoveryStatus. A zone "is marked disabled for mutation" then (github.com/go-to-k/cdkd, issue 1467)."""
OLD_BOTO3 = "this boto3 does not know them"


@dataclass(frozen=True)
class ZoneRules:
    """The rules of a hosted zone; None where one could not be read, and `unknown` says why."""

    zone_id: str
    recovery: str = ""
    """AcceleratedRecoveryStatus; empty where Route 53 gives none."""
    tier: str = ""
    guardrails: frozenset[str] | None = None
    protections: Mapping[tuple[str, str], str] | None = None
    """Comments by name, without the last dot, and type."""
    unknown: tuple[str, ...] = ()


RefusalId = Literal["zone-locked", "record-protected", "alias-target-guardrail", "active-record-guardrail"]


@dataclass(frozen=True)
class Refusal:
    id: RefusalId
    certain: bool
    """False: it refuses only while resolvers still ask, which only Route 53 knows."""
    text: str
    advice: str


def zone_rules(route53: Any, zone_id: str, hosted_zone: Mapping[str, Any] | None = None) -> ZoneRules:
    """Return the rules of a zone; `hosted_zone` is the answer of GetHostedZone, if known.

    Needs route53:GetHostedZone and ListResourceRecordSetProtections; without the latter the protections are unknown.
    Raise ClientError, BotoCoreError: GetHostedZone was refused, or AWS does not answer.
    """
    zone = hosted_zone or route53.get_hosted_zone(Id=zone_id)["HostedZone"]
    features, unknown = zone.get("Features", {}), []
    # "Route 53 always returns this value": where it is missing, boto3 has dropped it and the guardrails.
    tier = zone.get("Config", {}).get("HostedZoneTier", "")
    guardrails = None
    if tier:
        listed = features.get("ChangeGuardrails", ())
        guardrails = frozenset(guardrail["Name"] for guardrail in listed if guardrail["Status"] == "ENABLED")
    else:
        unknown.append(f"tier and Change Guardrails: {OLD_BOTO3}")
    protections = None
    if not hasattr(route53, "list_resource_record_set_protections"):
        unknown.append(f"record set protections: {OLD_BOTO3}")
    else:
        try:
            protections = dict(_protections(route53, zone_id))
        except ClientError as error:
            unknown.append(f"record set protections: {error.operation_name}: {error.response['Error']['Code']}")
    return ZoneRules(
        zone_id, features.get("AcceleratedRecoveryStatus", ""), tier, guardrails, protections, tuple(unknown)
    )


def _protections(route53: Any, zone_id: str) -> Iterator[tuple[tuple[str, str], str]]:
    token: dict[str, str] = {}
    while True:
        page = route53.list_resource_record_set_protections(HostedZoneId=zone_id, **token)
        for protection in page["ResourceRecordSetProtections"]:
            yield (
                (unescaped(protection["RecordName"]).rstrip("."), protection["RecordType"]),
                protection.get("Comment", ""),
            )
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def locked(rules: ZoneRules) -> Refusal | None:
    """Return the rule that refuses every change of the zone, if any."""
    if rules.recovery not in IN_TRANSITION:
        return None
    return Refusal(
        "zone-locked",
        True,
        f"accelerated recovery of hosted zone {rules.zone_id} is {rules.recovery}: until that has ended, Route 53 "
        "refuses every change",
        f"wait some minutes: `aws route53 get-hosted-zone --id {rules.zone_id}` shows AcceleratedRecoveryStatus",
    )


def refusals(rules: ZoneRules, changes: Sequence[Mapping[str, Any]], records: Sequence[RecordSet]) -> Iterator[Refusal]:
    """Yield the rules that refuse a batch of changes for ChangeResourceRecordSets, given a zone's record sets."""
    if changes and (transition := locked(rules)):
        yield transition
    keys = [_key(change["ResourceRecordSet"]) for change in changes]
    for name, type_ in dict.fromkeys(keys):
        if rules.protections is not None and (name, type_) in rules.protections:
            comment = rules.protections[name, type_]
            yield Refusal(
                "record-protected",
                True,
                f"a record set protection locks {name} {type_}" + (f" ({comment})" if comment else ""),
                "delete it: `aws route53 delete-resource-record-set-protections --hosted-zone-id "
                f"{rules.zone_id} --protections RecordName={name},RecordType={type_}`",
            )
    for name, type_ in _removed_names(changes, records):
        on = rules.guardrails or frozenset()
        aliases = sorted(
            record.name for record in records if (record.alias_target.lower(), record.type) == (name, type_)
        )
        if ALIAS_TARGET in on and aliases:
            yield Refusal(
                "alias-target-guardrail",
                True,
                f"{ALIAS_TARGET} refuses to delete {name} {type_}, to which {', '.join(aliases)} is an alias",
                "change the alias first, or " + _turn_off(rules.zone_id, ALIAS_TARGET),
            )
        if ACTIVE_RECORD in on:
            yield Refusal(
                "active-record-guardrail",
                False,
                f"{ACTIVE_RECORD} refuses to delete the last {type_} record of {name} while resolvers still ask for it",
                _turn_off(rules.zone_id, ACTIVE_RECORD),
            )


def refused(route53: Any, zone_id: str, error: ClientError) -> str:
    """Return one clear text for a batch that Route 53 refused by such a rule; empty for another error."""
    if error.response["Error"].get("Code") == "InvalidChangeBatch":
        message = error.response["Error"].get("Message", "")
        guardrail = next((name for name in GUARDRAILS if name in message), "")
        advice = _turn_off(zone_id, guardrail) if guardrail else "see `understudy preflight`"
        return f"Route 53 refused the whole batch: {message}. To go on, {advice}"
    try:
        transition = locked(zone_rules(route53, zone_id))
    except ClientError:
        return ""
    return f"{transition.text}; {transition.advice}" if transition else ""


def _turn_off(zone_id: str, guardrail: str) -> str:
    return (
        "turn the guardrail off for the change: `aws route53 update-hosted-zone-features --hosted-zone-id "
        f"{zone_id} --change-guardrails Name={guardrail},Status=DISABLED`"
    )


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    return unescaped(record["Name"]).rstrip("."), record["Type"]


def _removed_names(changes: Sequence[Mapping[str, Any]], records: Sequence[RecordSet]) -> list[tuple[str, str]]:
    """Return names and types of which a batch leaves no record set."""
    left = Counter((record.name, record.type) for record in records)
    for change in changes:
        left[_key(change["ResourceRecordSet"])] += {"CREATE": 1, "DELETE": -1}[change["Action"]]
    return sorted(key for key, count in left.items() if count <= 0)
