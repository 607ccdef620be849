"""HTTPS and SVCB records (RFC 9460): which lead browsers past A and AAAA records, and which promise too much.

One judgement for `preflight`, `verify` and `repair`.
"""

from collections.abc import Iterable

from understudy_failover.operations.hosted_zones import RecordSet

TYPES = ("HTTPS", "SVCB")
KEPT_PROMISES = {"http/1.1"}
"""Protocols that the page's distribution speaks."""


def leads_elsewhere(record: RecordSet) -> bool:
    """Whether browsers follow its addresses or its target name in place of the A and AAAA records."""
    return record.type in TYPES and (bool(record.alias_target) or values_lead_elsewhere(record.values))


def values_lead_elsewhere(values: Iterable[str]) -> bool:
    """The same of values as a zone file writes them."""
    return any(target(value) != "." or _parameters(value).keys() & {"ipv4hint", "ipv6hint"} for value in values)


def broken_promises(record: RecordSet) -> list[str]:
    """What it tells browsers of the server that does not hold for CloudFront, such as `alpn=h2`; empty for most."""
    if record.type not in TYPES:
        return []
    found: set[str] = set()
    for value in record.values:
        parameters = _parameters(value)
        protocols = parameters.get("alpn", "").split(",")
        found |= {f"alpn={one}" for one in protocols if one and one not in KEPT_PROMISES}
        found |= {name for name in ("ech", "no-default-alpn", "port") if name in parameters}
    return sorted(found)


def target(value: str) -> str:
    """The target name of one value; `.` is the record's own name."""
    return [*value.split(), "", ""][1]


def _parameters(value: str) -> dict[str, str]:
    pairs = (parameter.partition("=") for parameter in value.split()[2:])
    return {name.lower(): text.strip('"').lower() for name, _, text in pairs}
