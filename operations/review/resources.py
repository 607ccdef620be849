"""What a deploy would do to everything but host names, one kind of resource at a time."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from operations.review.change import Change, Mark, listed, properties
from operations.review.records import RECORD_SET
from operations.review.templates import Resource, Resources

HEALTH_CHECK = "AWS::Route53::HealthCheck"
CERTIFICATE = "Custom::ServerCertificate"
DISTRIBUTION = "AWS::CloudFront::Distribution"
BUCKET = "AWS::S3::Bucket"
EDGE_FUNCTION = "AWS::CloudFront::Function"
SITE = "Custom::CDKBucketDeployment"

REPLACED_BY = {
    HEALTH_CHECK: ("HealthCheckConfig.Type", "HealthCheckConfig.RequestInterval", "HealthCheckConfig.MeasureLatency"),
    BUCKET: ("BucketName",),
}
"""Properties whose change makes CloudFormation put a new resource in the place of the old one.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-healthcheck.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

NAMES = {
    HEALTH_CHECK: "health check",
    CERTIFICATE: "server certificate",
    DISTRIBUTION: "distribution",
    BUCKET: "bucket",
}
"""Of what serves people: to remove or replace one of these is destructive."""

Describe = Callable[[str, dict[str, Any], dict[str, Any]], Iterator[Change]]
"""Name of the resource, old and new properties."""


def resource_changes(old: Resources, new: Resources) -> Iterator[Change]:
    """Health checks, certificate, distribution, page; the rest by type and logical id."""
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        kind = str((after or before or {})["Type"])
        if kind == RECORD_SET or _plain(before) == _plain(after):
            continue
        named = NAMES.get(kind)
        name = _name(key, kind, after or before)
        if before is None:
            yield Change(Mark.ADDED, f"{named or kind} added: {name}")
        elif after is None:
            yield Change(Mark.REMOVED, f"{named or kind} removed: {name}", destructive=named is not None)
        else:
            yield from _changed(kind, name, before, after)


def _changed(kind: str, name: str, before: Resource, after: Resource) -> list[Change]:
    old, new = properties(before), properties(after)
    found = [*_replacements(kind, name, old, new), *DESCRIBED.get(kind, _nothing)(name, old, new)]
    if found:
        return found
    keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    what = listed(keys) if keys else "dependencies or policies"
    return [Change(Mark.CHANGED, f"{NAMES.get(kind, kind)} {name}: {what}")]


def _replacements(kind: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for path in REPLACED_BY.get(kind, ()):
        was, becomes = _value(old, path), _value(new, path)
        if was != becomes:
            text = f"{NAMES[kind]} {name} is replaced: {path.rpartition('.')[2]} {was} → {becomes}"
            yield Change(Mark.CHANGED, text, destructive=True)


def _health_check(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = old.get("HealthCheckConfig", {}), new.get("HealthCheckConfig", {})
    replacing = {path.rpartition(".")[2] for path in REPLACED_BY[HEALTH_CHECK]}
    for key in sorted((before.keys() | after.keys()) - replacing):
        was, becomes = before.get(key), after.get(key)
        if was != becomes:
            yield Change(
                Mark.CHANGED, f"health check {name}: {key} {_shown(was)} → {_shown(becomes)}{_sense(key, was, becomes)}"
            )


def _sense(key: str, was: Any, becomes: Any) -> str:
    if key == "FailureThreshold" and isinstance(was, int) and isinstance(becomes, int):
        return " (tightened: fails over sooner)" if becomes < was else " (loosened: fails over later)"
    if key == "SearchString":
        return " (tightened)" if was is None else " (loosened)" if becomes is None else ""
    return ""


def _certificate(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    if old.get("Fingerprint") != new.get("Fingerprint"):
        text = (
            f"certificate renewed: {_short(old.get('Fingerprint'))} (until {old.get('NotAfter')}) → "
            f"{_short(new.get('Fingerprint'))} (until {new.get('NotAfter')})"
        )
        yield Change(Mark.CHANGED, text)
    before, after = set(old.get("Names", ())), set(new.get("Names", ()))
    if gained := sorted(after - before):
        yield Change(Mark.CHANGED, f"certificate also covers {listed(gained)}")
    if lost := sorted(before - after):
        yield Change(Mark.CHANGED, f"certificate no longer covers {listed(lost)}")
    for key, meaning in (("KeyType", "key type"), ("Issuer", "issuer"), ("PrivateKeySecretId", "secret of the key")):
        if old.get(key) != new.get(key):
            yield Change(Mark.CHANGED, f"certificate: {meaning} {old.get(key)} → {new.get(key)}")


def _distribution(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = old.get("DistributionConfig", {}), new.get("DistributionConfig", {})
    aliases = set(before.get("Aliases", ())), set(after.get("Aliases", ()))
    if gained := sorted(aliases[1] - aliases[0]):
        yield Change(Mark.CHANGED, f"distribution answers also for {listed(gained)}")
    if lost := sorted(aliases[0] - aliases[1]):
        yield Change(Mark.CHANGED, f"distribution answers no longer for {listed(lost)}", destructive=True)
    others = sorted(key for key in (before.keys() | after.keys()) - {"Aliases"} if before.get(key) != after.get(key))
    if others:
        yield Change(Mark.CHANGED, f"distribution: {listed(others)}")


def _edge_function(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    yield Change(Mark.CHANGED, f"edge function {new.get('Name', name)} changed")


def _site(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    if old.get("SourceObjectKeys") != new.get("SourceObjectKeys"):
        yield Change(Mark.CHANGED, "maintenance page changed")


def _nothing(*_: object) -> Iterator[Change]:
    yield from ()


DESCRIBED: Mapping[str, Describe] = {
    HEALTH_CHECK: _health_check,
    CERTIFICATE: _certificate,
    DISTRIBUTION: _distribution,
    EDGE_FUNCTION: _edge_function,
    SITE: _site,
}


def _name(key: str, kind: str, resource: Resource | None) -> str:
    if kind == HEALTH_CHECK:
        tags = properties(resource).get("HealthCheckTags", ())
        return next((str(tag["Value"]) for tag in tags if tag["Key"] == "Name"), key)
    return key


def _plain(resource: Resource | None) -> object:
    """Without Metadata: where a resource stands in the CDK's tree is nothing that CloudFormation acts on."""
    return {name: value for name, value in resource.items() if name != "Metadata"} if resource else None


def _value(values: Mapping[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    found = values.get(first)
    return _value(found or {}, rest) if rest else found


def _shown(value: Any) -> str:
    return "none" if value is None else repr(value) if isinstance(value, str) else str(value)


def _short(fingerprint: Any) -> str:
    """The first eight bytes: enough to compare by eye; all of it stands in `cdk diff` below."""
    return f"{str(fingerprint)[:23]}…"
