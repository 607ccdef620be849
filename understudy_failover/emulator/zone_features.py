"""Tier, Change Guardrails, record set protections and accelerated recovery of hosted zones; MiniStack has none.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-change-guardrails.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSetProtection.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneFeatures.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from understudy_failover.emulator.aws_calls import ROUTE53, Answer, Call, ServiceHandler, intercept, xml
from understudy_failover.emulator.model import HostedZone, RecordSet

IN_TRANSITION = {"ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED"}
"""States in which every change is refused (github.com/go-to-k/cdkd, issue 1467, live)."""
INCLUDED = ("NS_FORMAT_CHECK", "NS_DELEGATION_AUTHORITY_CHECK")
"""Always on. They refuse nothing here, like the other NS checks: a failover has no NS record set."""


@dataclass(frozen=True)
class Features:
    tier: str = "STANDARD"
    guardrails: Sequence[str] = ()
    """Enabled in addition to `INCLUDED`."""
    protections: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Comment by absolute name and type."""
    recovery: str = "DISABLED"


class ZoneFeatures:
    """The features of every zone, and what they refuse."""

    def __init__(self, zones: Callable[[], Sequence[HostedZone]]) -> None:
        self._zones = zones
        self._features: dict[str, Features] = {}

    def set(
        self,
        zone_id: str,
        tier: str,
        guardrails: Sequence[str],
        protections: Sequence[Mapping[str, str]],
        recovery: str,
    ) -> None:
        """Give a zone these features, and no others."""
        comments = {(entry["name"], entry["type"]): entry["comment"] for entry in protections}
        self._features[zone_id] = Features(tier, guardrails, comments, recovery)

    def refusal(self, zone_id: str, before: Sequence[RecordSet], after: Sequence[RecordSet]) -> str | None:
        """Return Route 53's message for a change of record sets from `before` to `after`; None where it is allowed.

        Every name counts as still queried.
        """
        features = self._features.get(zone_id, Features())
        if features.recovery in IN_TRANSITION:
            return f"HostedZone {zone_id} is marked disabled for mutation"
        changed = {(record.name, record.type) for record in {*before} ^ {*after}}
        for name, type_ in sorted(changed & {*features.protections}):
            comment = features.protections[name, type_]
            return (
                f"RRSet with DNS name {name}, type {type_} is protected by a resource record set protection {comment}"
            )
        removed = changed - {(record.name, record.type) for record in after}
        for name, type_ in sorted(removed):
            # Not documented: whether it also refuses while another record set of name and type remains.
            if "ALIAS_TARGET_CHECK" in features.guardrails and self._is_aliased(zone_id, name, type_):
                return f"ALIAS_TARGET_CHECK: RRSet with DNS name {name}, type {type_} is the target of an alias"
            if "ACTIVE_RECORD_CHECK" in features.guardrails:
                return f"ACTIVE_RECORD_CHECK: RRSet with DNS name {name}, type {type_} still receives queries"
        return None

    def add_to(self, route53: ServiceHandler) -> ServiceHandler:
        """Return Route 53's API whose GetHostedZone includes the features, and which lists protections."""

        async def answer(call: Call) -> Answer:
            protections = call.match["protections"] or ""
            status, fields, content = await call.forward(route53, call.path.removesuffix(protections))
            if status != 200:
                return status, fields, content
            features = self._features.get(call.match["zone"], Features())
            if protections:
                return _protections(features)
            text = content.decode()
            text = text.replace("</Config>", f"<HostedZoneTier>{features.tier}</HostedZoneTier></Config>", 1)
            text = text.replace("</HostedZone>", f"{_features(features)}</HostedZone>", 1)
            return 200, {**fields, "Content-Length": str(len(text.encode()))}, text.encode()

        path = "/2013-04-01/hostedzone/(?P<zone>[^/]+)(?P<protections>/rrsetprotection)?/?"
        return intercept(route53, "GET", path, answer)

    def _is_aliased(self, zone_id: str, name: str, type_: str) -> bool:
        return any(
            record.type == type_ and record.alias_target and record.alias_target.dns_name == name
            for zone in self._zones()
            if zone.id == zone_id
            for record in zone.record_sets
        )


def _features(features: Features) -> str:
    guardrails = "".join(
        f"<ChangeGuardrail><Name>{escape(name)}</Name><Status>ENABLED</Status></ChangeGuardrail>"
        for name in (*INCLUDED, *features.guardrails)
    )
    return (
        f"<Features><AcceleratedRecoveryStatus>{features.recovery}</AcceleratedRecoveryStatus>"
        f"<ChangeGuardrails>{guardrails}</ChangeGuardrails></Features>"
    )


def _protections(features: Features) -> Answer:
    items = "".join(
        f"<ResourceRecordSetProtection><RecordName>{escape(name)}</RecordName><RecordType>{type_}</RecordType>"
        f"<Comment>{escape(comment)}</Comment></ResourceRecordSetProtection>"
        for (name, type_), comment in features.protections.items()
    )
    content = f"<ResourceRecordSetProtections>{items}</ResourceRecordSetProtections>"
    return xml(ROUTE53, "ListResourceRecordSetProtectionsResponse", content)
