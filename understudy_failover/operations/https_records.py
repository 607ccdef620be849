"""HTTPS and SVCB records (RFC 9460) that lead browsers past A and AAAA records, or that CloudFront does not fulfill.

`preflight`, `verify` and `repair` share these rules.
"""

from collections.abc import Iterable

from understudy_failover.operations.hosted_zones import RecordSet

TYPES = ("HTTPS", "SVCB")
KEPT_PROMISES = {"http/1.1"}
"""Protocols of the page's distribution."""


def leads_elsewhere(record: RecordSet) -> bool:
    """Return whether browsers follow its addresses or its target in place of the A and AAAA records."""
    return record.type in TYPES and (bool(record.alias_target) or values_lead_elsewhere(record.values))


def values_lead_elsewhere(values: Iterable[str]) -> bool:
    """Return the same for values as in a zone file."""
    return any(target(value) != "." or _parameters(value).keys() & {"ipv4hint", "ipv6hint"} for value in values)


def broken_promises(record: RecordSet) -> list[str]:
    """Return the parameters that describe the server and are wrong for CloudFront, such as `alpn=h2`."""
    if record.type not in TYPES:
        return []
    promises: set[str] = set()
    for value in record.values:
        parameters = _parameters(value)
        protocols = parameters.get("alpn", "").split(",")
        promises |= {f"alpn={protocol}" for protocol in protocols if protocol and protocol not in KEPT_PROMISES}
        promises |= {name for name in ("ech", "no-default-alpn", "port") if name in parameters}
    return sorted(promises)


def target(value: str) -> str:
    """Return the target name of a value; `.` is the record's own name."""
    return [*value.split(), "", ""][1]


def _parameters(value: str) -> dict[str, str]:
    pairs = (parameter.partition("=") for parameter in value.split()[2:])
    return {name.lower(): text.strip('"').lower() for name, _, text in pairs}
