"""What a deploy would do to certificates and their maintenance pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.operations.review.change import Change, Mark, differing, listed, properties
from understudy_failover.operations.review.replacement import (
    CERTIFICATE,
    DISTRIBUTION,
    EDGE_FUNCTION,
    EDGE_TEST,
    HEADERS,
    RECORD_SET,
    SITE,
)
from understudy_failover.operations.review.templates import Resource, Resources

RENEWED = {"Fingerprint", "NotAfter", "Names", "Summary", "ServerCertificateName", "ContentSha256", "PublicHalf"}
"""Properties that go with another certificate."""
TERMS = {
    "Issuer": "issuer",
    "KeyType": "key type",
    "PrivateKeySecretId": "private_key_secret",
    "PrivateKeyVersionId": "private_key_version",
}
EDGES = "its edge functions"
PARTS = {SITE: "its files", EDGE_FUNCTION: EDGES, EDGE_TEST: EDGES, HEADERS: "its response headers"}
"""What a change of each resource of a page is called. Response headers, the last, follow from the others."""
FURTHER = "-maintenance-"
"""Before the name of a further certificate in its stack's."""


def page_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Certificates, distributions' names, pages."""
    for key in _keys(old, new, CERTIFICATE):
        yield from _certificate(whose(key, "certificate"), old.get(key), new.get(key))
    come_and_gone = _host_names(old) ^ _host_names(new)
    for key in _keys(old, new, DISTRIBUTION):
        yield from _distribution(whose(key, "distribution"), old.get(key), new.get(key), come_and_gone)
    pages: dict[str, list[str]] = {}
    for kind, what in PARTS.items():
        for key in _keys(old, new, kind):
            whats = pages.setdefault(whose(key, "maintenance page"), [])
            if key not in old or key not in new or properties(old[key]) == properties(new[key]):
                continue
            if what not in whats and not (kind == HEADERS and whats):
                whats.append(what)
    for page, whats in pages.items():
        if whats:
            yield Change(Mark.CHANGED, f"{page} changes: {' and '.join(whats)}")


def _certificate(name: str, before: Resource | None, after: Resource | None) -> Iterator[Change]:
    old, new = properties(before), properties(after)
    if after is None or old == new:
        return
    if before is None:
        names = listed(new.get("Names", ()))
        yield Change(Mark.ADDED, f"{name} added: {_short(new.get('Fingerprint'))} ({_until(new)}) for {names}")
        return
    whats = [
        f"{term} {old.get(key) or 'none'} → {new.get(key) or 'none'}"
        for key, term in TERMS.items()
        if old.get(key) != new.get(key)
    ]
    found = set(differing(old, new)) - TERMS.keys() - {"ServiceToken"}
    if old.get("Fingerprint") != new.get("Fingerprint"):
        renewal = f"{_short(old.get('Fingerprint'))} ({_until(old)}) → {_short(new.get('Fingerprint'))} ({_until(new)})"
        yield Change(Mark.CHANGED, "; ".join((f"{name} renewed: {renewal}", *whats)))
    else:
        if old.get("ContentSha256") != new.get("ContentSha256"):
            whats.append("its chain changes")
        if whats:
            yield Change(Mark.CHANGED, f"{name}: {'; '.join(whats)}")
    before_names, after_names = set(old.get("Names", ())), set(new.get("Names", ()))
    if gained := sorted(after_names - before_names):
        yield Change(Mark.CHANGED, f"{name} also covers {listed(gained)}")
    if lost := sorted(before_names - after_names):
        yield Change(Mark.CHANGED, f"{name} no longer covers {listed(lost)}")
    if others := sorted(found - RENEWED):
        yield Change(Mark.CHANGED, f"{name}: {listed(others)}")


def _distribution(
    name: str, before: Resource | None, after: Resource | None, come_and_gone: set[str]
) -> Iterator[Change]:
    """Without the names of hosts that come or go: that is told of the hosts."""
    if before is None or after is None:
        return
    old, new = properties(before), properties(after)
    was, becomes = old.get("DistributionConfig", {}), new.get("DistributionConfig", {})
    aliases = set(was.get("Aliases", ())), set(becomes.get("Aliases", ()))
    if gained := sorted(aliases[1] - aliases[0] - come_and_gone):
        yield Change(Mark.CHANGED, f"{name} answers also for {listed(gained)}")
    if lost := sorted(aliases[0] - aliases[1] - come_and_gone):
        yield Change(Mark.CHANGED, f"{name} answers no longer for {listed(lost)}", destructive=True)
    others = [key for key in differing(was, becomes) if key != "Aliases"]
    others += [key for key in differing(old, new) if key != "DistributionConfig"]
    if others:
        yield Change(Mark.CHANGED, f"{name}: {listed(others)}")


def whose(key: str, what: str) -> str:
    """`certificate`, or `certificate shops` in the stack of a further one."""
    return " ".join((what, key.partition("/")[0].partition(FURTHER)[2])).rstrip()


def _keys(old: Resources, new: Resources, kind: str) -> list[str]:
    return sorted(key for key in old.keys() | new.keys() if (new.get(key) or old[key])["Type"] == kind)


def _host_names(resources: Resources) -> set[str]:
    return {str(properties(one)["Name"]).rstrip(".") for one in resources.values() if one["Type"] == RECORD_SET}


def _until(certificate: Mapping[str, Any]) -> str:
    return f"until {str(certificate.get('NotAfter'))[:10]}"


def _short(fingerprint: Any) -> str:
    """The first eight bytes: enough to compare by eye; all of it stands in `cdk diff` below."""
    return f"{str(fingerprint)[:23]}…"
