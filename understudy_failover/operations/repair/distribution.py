"""Distributions and their edge functions, where their configuration differs from what was deployed."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.repair.declared import UNKNOWN, Resource
from understudy_failover.operations.repair.plan import Action, Lost, distribution_key, function_key

DISTRIBUTION = "AWS::CloudFront::Distribution"
FUNCTION = "AWS::CloudFront::Function"
RENAMED = {
    "IPV6Enabled": "IsIPV6Enabled",
    "IamCertificateId": "IAMCertificateId",
    "SslSupportMethod": "SSLSupportMethod",
}
"""Members that CloudFormation and CloudFront's API call differently.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
"""
ABSENT: Mapping[str, Any] = {
    "DefaultRootObject": "",
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "CustomErrorResponses": {"Quantity": 0},
    "CacheBehaviors": {"Quantity": 0},
}
"""What the API has where a template says nothing."""
IDENTITIES = ("Id", "PathPattern", "ErrorCode", "EventType")
"""Members that identify a structure in a list."""
GONE = (
    "`cdk destroy --all`, then `cdk deploy --all`: hosts are answered with their server's address meanwhile, and do "
    "not fail over"
)
"""The cure for a deleted distribution, edge function or bucket."""


def distribution_repairs(client: Callable[[str], Any], resources: Iterable[Resource]) -> Iterator[Action | Lost]:
    """Needs cloudfront:GetDistributionConfig, GetFunction; the actions UpdateDistribution, UpdateFunction,
    DescribeFunction and PublishFunction.
    """
    for resource in resources:
        if resource.type == DISTRIBUTION:
            yield from _distribution(client("cloudfront"), resource)
        elif resource.type == FUNCTION and resource.known("Name", "FunctionCode"):
            yield from _function(client("cloudfront"), resource)


def _distribution(cloudfront: Any, resource: Resource) -> Iterator[Action | Lost]:
    identifier = resource.physical_id
    key = distribution_key(identifier)
    try:
        config = cloudfront.get_distribution_config(Id=identifier)["DistributionConfig"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchDistribution":
            raise
        yield Lost(key, f"distribution {identifier}", "was deleted", GONE)
        return
    declared = resource.properties["DistributionConfig"]
    wanted = as_declared(declared, config)
    changed = sorted(name for name in wanted if not _same(wanted[name], config.get(name)))
    if changed:
        yield Action(
            key,
            f"distribution {identifier}",
            f"set {', '.join(changed)} as deployed; CloudFront takes minutes for it",
            partial(_update, cloudfront, identifier, declared),
        )


def as_declared(declared: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """`config` of the API, with everything that the template says in its place."""
    wanted = {**config, **ABSENT}
    for name, value in declared.items():
        member = RENAMED.get(name, name)
        known = UNKNOWN not in json.dumps(value)
        wanted[member] = _merged(name, value, config.get(member)) if known else config.get(member)
    if "Logging" in declared:
        wanted["Logging"] = {**(wanted["Logging"] or {}), "Enabled": True}
    return {name: value for name, value in wanted.items() if value is not None or name in config}


def _merged(name: str, value: Any, current: Any) -> Any:
    if isinstance(value, Mapping):
        merged = {**(current if isinstance(current, Mapping) else {})}
        for member, inner in value.items():
            if member == "CachedMethods":
                continue
            merged[RENAMED.get(member, member)] = _merged(member, inner, merged.get(RENAMED.get(member, member)))
        if name == "ViewerCertificate":
            merged["CloudFrontDefaultCertificate"] = False
            # Older names of the same that the API adds to its answers.
            for older in ("Certificate", "CertificateSource", "ACMCertificateArn"):
                merged.pop(older, None)
        if name in {"DefaultCacheBehavior", "CacheBehaviors"} or "TargetOriginId" in value:
            merged.setdefault("FunctionAssociations", {"Quantity": 0})
        return merged
    if isinstance(value, Sequence) and not isinstance(value, str):
        before: Mapping[str, Any] = current if isinstance(current, Mapping) else {}
        items = [_item(item, before.get("Items", [])) for item in value]
        # AllowedMethods has CachedMethods beside its items.
        return {**before, "Quantity": len(items), "Items": items}
    return value


def _item(item: Any, current: Sequence[Any]) -> Any:
    if not isinstance(item, Mapping):
        return item
    identity = next((name for name in IDENTITIES if name in item), None)
    before: Mapping[str, Any] = next(
        (existing for existing in current if identity and existing.get(identity) == item[identity]), {}
    )
    merged = _merged("", item, before)
    return {name: str(value) if name == "ResponseCode" else value for name, value in merged.items()}


def _update(cloudfront: Any, identifier: str, declared: Mapping[str, Any]) -> None:
    # Read again: its ETag is that of this moment.
    answer = cloudfront.get_distribution_config(Id=identifier)
    config = as_declared(declared, answer["DistributionConfig"])
    cloudfront.update_distribution(Id=identifier, IfMatch=answer["ETag"], DistributionConfig=config)


def _same(wanted: Any, current: Any) -> bool:
    """Whether `found` is what `wanted` says; more members, and lists in another order, make no difference."""
    if _is_empty(wanted):
        return _is_empty(current)
    if isinstance(wanted, Mapping):
        return isinstance(current, Mapping) and all(_same(value, current.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        others = current if isinstance(current, list) else []
        return len(wanted) == len(others) and all(any(_same(item, other) for other in others) for item in wanted)
    return str(wanted).lower() == str(current).lower()


def _is_empty(value: Any) -> bool:
    """Nothing, however the API or a template writes it."""
    if isinstance(value, Mapping):
        return all(map(_is_empty, value.values()))
    return value in (None, "", False, 0, "false") or value == []


def _function(cloudfront: Any, resource: Resource) -> Iterator[Action | Lost]:
    name = str(resource.properties["Name"])
    code = str(resource.properties["FunctionCode"]).encode()
    try:
        running = cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchFunctionExists":
            raise
        yield Lost(function_key(name), f"edge function {name}", "was deleted", GONE)
        return
    if running != code:
        act = partial(_publish, cloudfront, name, code)
        yield Action(function_key(name), f"edge function {name}", "publish the deployed code again", act)


def _publish(cloudfront: Any, name: str, code: bytes) -> None:
    described = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
    config = described["FunctionSummary"]["FunctionConfig"]
    cloudfront.update_function(Name=name, IfMatch=described["ETag"], FunctionConfig=config, FunctionCode=code)
    etag = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
    cloudfront.publish_function(Name=name, IfMatch=etag)
