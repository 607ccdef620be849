"""Changes of certificates and their maintenance pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.operations.review.change import (
    CERTIFICATE,
    DISTRIBUTION,
    EDGE_FUNCTION,
    EDGE_TEST,
    HEADERS,
    RECORD_SET,
    SITE,
    Change,
    Mark,
    differing,
    listed,
    properties,
)
from understudy_failover.operations.review.templates import Resource, Resources

RENEWED = {"Fingerprint", "NotAfter", "Names", "Summary", "ServerCertificateName", "ContentSha256", "PublicHalf"}
"""Properties that change with every renewal."""
TERMS = {
    "Issuer": "issuer",
    "KeyType": "key type",
    "PrivateKeySecretId": "private_key_secret",
    "PrivateKeyVersionId": "private_key_version",
}
EDGES = "its edge functions"
PARTS = {SITE: "its files", EDGE_FUNCTION: EDGES, EDGE_TEST: EDGES, HEADERS: "its response headers"}
"""The words for a change of each resource of a page. Response headers, the last, follow from the others."""
ADDITIONAL = "-maintenance-"
"""Precedes the name of an additional certificate in its stack's name."""


def page_changes(old: Resources, new: Resources) -> Iterator[Change]:
    for key in _keys(old, new, CERTIFICATE):
        yield from _certificate(whose(key, "certificate"), old.get(key), new.get(key))
    moving = _host_names(old) ^ _host_names(new)
    for key in _keys(old, new, DISTRIBUTION):
        yield from _distribution(whose(key, "distribution"), old.get(key), new.get(key), moving)
    pages: dict[str, list[str]] = {}
    for kind, part in PARTS.items():
        for key in _keys(old, new, kind):
            parts = pages.setdefault(whose(key, "maintenance page"), [])
            if key not in old or key not in new or properties(old[key]) == properties(new[key]):
                continue
            if part not in parts and not (kind == HEADERS and parts):
                parts.append(part)
    for page, parts in pages.items():
        if parts:
            yield Change(Mark.CHANGED, f"{page} changes: {' and '.join(parts)}")


def _certificate(name: str, before: Resource | None, after: Resource | None) -> Iterator[Change]:
    old, new = properties(before), properties(after)
    if after is None or old == new:
        return
    if before is None:
        names = listed(new.get("Names", ()))
        yield Change(Mark.ADDED, f"{name} added: {_short(new.get('Fingerprint'))} ({_until(new)}) for {names}")
        return
    differences = [
        f"{term} {old.get(key) or 'none'} → {new.get(key) or 'none'}"
        for key, term in TERMS.items()
        if old.get(key) != new.get(key)
    ]
    if old.get("Fingerprint") != new.get("Fingerprint"):
        renewal = f"{_short(old.get('Fingerprint'))} ({_until(old)}) → {_short(new.get('Fingerprint'))} ({_until(new)})"
        yield Change(Mark.CHANGED, "; ".join((f"{name} renewed: {renewal}", *differences)))
    else:
        if old.get("ContentSha256") != new.get("ContentSha256"):
            differences.append("its chain changes")
        if differences:
            yield Change(Mark.CHANGED, f"{name}: {'; '.join(differences)}")
    before_names, after_names = set(old.get("Names", ())), set(new.get("Names", ()))
    if gained := sorted(after_names - before_names):
        yield Change(Mark.CHANGED, f"{name} also covers {listed(gained)}")
    if lost := sorted(before_names - after_names):
        yield Change(Mark.CHANGED, f"{name} no longer covers {listed(lost)}")
    if others := sorted(set(differing(old, new)) - {*TERMS, *RENEWED, "ServiceToken"}):
        yield Change(Mark.CHANGED, f"{name}: {listed(others)}")


def _distribution(name: str, before: Resource | None, after: Resource | None, moving: set[str]) -> Iterator[Change]:
    """Yield the changes of a distribution, without the names of added and removed hosts."""
    if before is None or after is None:
        return
    old, new = properties(before), properties(after)
    old_config, new_config = old.get("DistributionConfig", {}), new.get("DistributionConfig", {})
    aliases = set(old_config.get("Aliases", ())), set(new_config.get("Aliases", ()))
    if gained := sorted(aliases[1] - aliases[0] - moving):
        yield Change(Mark.CHANGED, f"{name} answers also for {listed(gained)}")
    if lost := sorted(aliases[0] - aliases[1] - moving):
        yield Change(Mark.CHANGED, f"{name} answers no longer for {listed(lost)}", destructive=True)
    others = [key for key in differing(old_config, new_config) if key != "Aliases"]
    others += [key for key in differing(old, new) if key != "DistributionConfig"]
    if others:
        yield Change(Mark.CHANGED, f"{name}: {listed(others)}")


def whose(key: str, what: str) -> str:
    """Return `certificate`, or `certificate shops` in the stack of an additional certificate."""
    return " ".join((what, key.partition("/")[0].partition(ADDITIONAL)[2])).rstrip()


def _keys(old: Resources, new: Resources, kind: str) -> list[str]:
    return sorted(key for key in old.keys() | new.keys() if (new.get(key) or old[key])["Type"] == kind)


def _host_names(resources: Resources) -> set[str]:
    return {
        str(properties(resource)["Name"]).rstrip(".")
        for resource in resources.values()
        if resource["Type"] == RECORD_SET
    }


def _until(certificate: Mapping[str, Any]) -> str:
    return f"until {str(certificate.get('NotAfter'))[:10]}"


def _short(fingerprint: Any) -> str:
    """Return the first eight bytes: enough to compare by eye; `cdk diff` shows all."""
    return f"{str(fingerprint)[:23]}…"
