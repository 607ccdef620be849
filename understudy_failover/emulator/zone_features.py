"""Tier, Change Guardrails, record set protections and accelerated recovery of hosted zones; MiniStack has none.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-change-guardrails.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSetProtection.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneFeatures.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from understudy_failover.emulator.ministack import Answer, ServiceHandler
from understudy_failover.emulator.model import HostedZone, RecordSet

NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
ZONE = re.compile(r"/2013-04-01/hostedzone/(?P<zone>[^/]+)(?P<protections>/rrsetprotection)?/?")
IN_TRANSITION = {"ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED"}
"""States in which every change is refused (github.com/go-to-k/cdkd, issue 1467, live)."""
INCLUDED = ("NS_FORMAT_CHECK", "NS_DELEGATION_AUTHORITY_CHECK")
"""Always on. Like the other NS checks they refuse nothing here: no record set of a failover is of type NS."""


@dataclass(frozen=True)
class Features:
    """Of one hosted zone."""

    tier: str = "STANDARD"
    guardrails: Sequence[str] = ()
    """Those that are on beside the included ones."""
    protections: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Comments by absolute name and type."""
    recovery: str = "DISABLED"


class ZoneFeatures:
    """The features of every zone, and what they refuse."""

    def __init__(self, zones: Callable[[], Sequence[HostedZone]]) -> None:
        self._zones = zones
        self._features: dict[str, Features] = {}

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Gives the zone `id` these features, and no others: `tier`, `guardrails`, `protections`, `recovery`."""
        self._features[wanted["id"]] = Features(
            wanted["tier"],
            wanted["guardrails"],
            {(one["name"], one["type"]): one["comment"] for one in wanted["protections"]},
            wanted["recovery"],
        )

    def refusal(self, zone_id: str, before: Sequence[RecordSet], after: Sequence[RecordSet]) -> str | None:
        """What Route 53 says of a change from `before` to `after`, record sets of some names or all; None: nothing.

        Every name counts as still asked for.
        """
        features = self._features.get(zone_id, Features())
        if features.recovery in IN_TRANSITION:
            return f"HostedZone {zone_id} is marked disabled for mutation"
        changed = {(one.name, one.type) for one in {*before} ^ {*after}}
        for name, type_ in sorted(changed & {*features.protections}):
            comment = features.protections[name, type_]
            return (
                f"RRSet with DNS name {name}, type {type_} is protected by a resource record set protection {comment}"
            )
        gone = changed - {(one.name, one.type) for one in after}
        for name, type_ in sorted(gone):
            # Whether it refuses, too, while another record set of name and type remains is published nowhere.
            if "ALIAS_TARGET_CHECK" in features.guardrails and self._is_aliased(zone_id, name, type_):
                return f"ALIAS_TARGET_CHECK: RRSet with DNS name {name}, type {type_} is the target of an alias"
            if "ACTIVE_RECORD_CHECK" in features.guardrails:
                return f"ACTIVE_RECORD_CHECK: RRSet with DNS name {name}, type {type_} still receives queries"
        return None

    def served(self, route53: ServiceHandler) -> ServiceHandler:
        """Route 53's API whose GetHostedZone tells them, and which lists protections."""

        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
        ) -> Answer:
            wanted = ZONE.fullmatch(path) if method == "GET" else None
            if wanted is None:
                return await route53(method, path, headers, body, query)
            zone_path = path.removesuffix(wanted["protections"] or "")
            status, fields, content = await route53(method, zone_path, headers, body, query)
            if status != 200:
                return status, fields, content
            features = self._features.get(wanted["zone"], Features())
            if wanted["protections"]:
                return 200, {"Content-Type": "text/xml"}, _protections(features).encode()
            told = content.decode()
            told = told.replace("</Config>", f"<HostedZoneTier>{features.tier}</HostedZoneTier></Config>", 1)
            told = told.replace("</HostedZone>", f"{_features(features)}</HostedZone>", 1)
            return 200, {**fields, "Content-Length": str(len(told.encode()))}, told.encode()

        return handle

    def _is_aliased(self, zone_id: str, name: str, type_: str) -> bool:
        return any(
            one.type == type_ and one.alias_target and one.alias_target.dns_name == name
            for zone in self._zones()
            if zone.id == zone_id
            for one in zone.record_sets
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


def _protections(features: Features) -> str:
    items = "".join(
        f"<ResourceRecordSetProtection><RecordName>{escape(name)}</RecordName><RecordType>{type_}</RecordType>"
        f"<Comment>{escape(comment)}</Comment></ResourceRecordSetProtection>"
        for (name, type_), comment in features.protections.items()
    )
    return (
        f'<ListResourceRecordSetProtectionsResponse xmlns="{NAMESPACE}"><ResourceRecordSetProtections>{items}'
        "</ResourceRecordSetProtections></ListResourceRecordSetProtectionsResponse>"
    )
