"""Record sets of a hosted zone as Route 53 has them, in the words of the console: simple, failover, weighted, …"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    """One record set; `raw` is what Route 53 said, which is also what it wants back for a deletion."""

    name: str
    """Without the last dot, and `*` as itself."""
    type: str
    policy: str
    raw: Mapping[str, Any]

    @property
    def set_identifier(self) -> str:
        """Empty for a simple one."""
        return str(self.raw.get("SetIdentifier", ""))

    @property
    def failover(self) -> str:
        """`PRIMARY`, `SECONDARY` or nothing."""
        return str(self.raw.get("Failover", ""))

    @property
    def values(self) -> tuple[str, ...]:
        """Of an alias none."""
        return tuple(record["Value"] for record in self.raw.get("ResourceRecords", ()))

    @property
    def ttl_seconds(self) -> int | None:
        """None for an alias."""
        found: int | None = self.raw.get("TTL")
        return found

    @property
    def alias_target(self) -> str:
        """Name that an alias stands for; else empty."""
        return str(self.raw.get("AliasTarget", {}).get("DNSName", "")).rstrip(".")

    def __str__(self) -> str:
        content = f"alias to {self.alias_target}" if self.alias_target else ", ".join(self.values)
        ttl = f", TTL {self.ttl_seconds}" if self.ttl_seconds is not None else ""
        return f"{content}{ttl}"


def record_sets(route53: Any, zone_id: str) -> list[RecordSet]:
    """All of a zone; needs route53:ListResourceRecordSets.

    Raises:
        ClientError, BotoCoreError: AWS refuses, or does not answer.
    """
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
    return [
        RecordSet(unescaped(raw["Name"]).rstrip("."), raw["Type"], _policy(raw), raw)
        for page in pages
        for raw in page["ResourceRecordSets"]
    ]


def unescaped(name: str) -> str:
    r"""A name as people write it: Route 53 answers `\\052` for `*`.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    return re.sub(r"\\([0-3][0-7]{2})", lambda found: chr(int(found[1], 8)), name).lower()


def _policy(raw: Mapping[str, Any]) -> str:
    return next((policy for member, policy in POLICIES.items() if member in raw), SIMPLE)
