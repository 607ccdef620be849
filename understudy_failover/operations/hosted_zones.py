"""Record sets of a hosted zone, with the routing policies of the console: simple, failover, weighted, …"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy_failover.operations.lookups import members

POLICIES = {
    "Failover": "failover",
    "Weight": "weighted",
    "Region": "latency",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "MultiValueAnswer": "multivalue",
    "CidrRoutingConfig": "IP-based",
}
"""Routing policies by the member that only they have.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
"""
SIMPLE = "simple"


@dataclass(frozen=True)
class RecordSet:
    """A record set; `raw` is the answer of Route 53, which a deletion needs unchanged."""

    name: str
    """Without the last dot, and `*` as itself."""
    type: str
    policy: str
    raw: Mapping[str, Any]

    @property
    def set_identifier(self) -> str:
        return str(self.raw.get("SetIdentifier", ""))

    @property
    def failover(self) -> str:
        return str(self.raw.get("Failover", ""))

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(record["Value"] for record in self.raw.get("ResourceRecords", ()))

    @property
    def ttl_seconds(self) -> int | None:
        ttl: int | None = self.raw.get("TTL")
        return ttl

    @property
    def alias_target(self) -> str:
        return str(self.raw.get("AliasTarget", {}).get("DNSName", "")).rstrip(".")

    def __str__(self) -> str:
        content = f"alias to {self.alias_target}" if self.alias_target else ", ".join(self.values)
        ttl = f", TTL {self.ttl_seconds}" if self.ttl_seconds is not None else ""
        return f"{content}{ttl}"


def record_sets(route53: Any, zone_id: str) -> list[RecordSet]:
    """Return all record sets of a zone; needs route53:ListResourceRecordSets. Raise ClientError or BotoCoreError."""
    return [
        RecordSet(unescaped(raw["Name"]).rstrip("."), raw["Type"], _policy(raw), raw)
        for raw in members(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id)
    ]


def unescaped(name: str) -> str:
    r"""A name as people write it: Route 53 answers `\\052` for `*`.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    return re.sub(r"\\([0-3][0-7]{2})", lambda code: chr(int(code[1], 8)), name).lower()


def _policy(raw: Mapping[str, Any]) -> str:
    return next((policy for member, policy in POLICIES.items() if member in raw), SIMPLE)
