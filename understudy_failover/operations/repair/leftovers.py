"""Resources that left a stack and that CloudFormation could not delete: its clean-up fails, and the deploy succeeds.

The stack's events name them by id: a clean-up that fails is an event DELETE_FAILED.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.lookups import members, stack_resources
from understudy_failover.operations.record_import.carry_out import CarryOutError
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.plan import Action, Lost, leftover_key

Client = Callable[[str], Any]
CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
CONSOLE = "delete it in AWS's console"
RECORD_SET = "AWS::Route53::RecordSet"
POLICY = "AWS::IAM::Policy"
PERMISSION = "AWS::Lambda::Permission"
GOES_WITH = {
    "AWS::S3::BucketPolicy": "its bucket",
    "AWS::SNS::TopicPolicy": "its topic",
    "AWS::CDK::Metadata": "its stack: it is no resource",
}
"""Kinds that no deletion of their own can leave behind."""


@dataclass(frozen=True)
class Leftover:
    type: str
    physical_id: str
    properties: Mapping[str, Any]
    reason: str
    """Why CloudFormation could not delete it."""


@dataclass(frozen=True)
class Kind:
    """How to see and to delete a resource by its physical id. `read` answers nothing, or raises, where it is gone."""

    read: Callable[[Client, str], Any]
    delete: Callable[[Client, str], Any]


@dataclass(frozen=True)
class PropertyKind:
    """As Kind, for a resource that only its properties identify."""

    read: Callable[[Client, Leftover], Any]
    delete: Callable[[Client, Leftover], Any]


def leftover_repairs(client: Client, resources: Iterable[Resource]) -> Iterator[Action | Lost]:
    """Needs cloudformation:DescribeStackEvents and ListStackResources; each action the deletion of its kind."""
    stacks = dict.fromkeys(resource.stack for resource in resources)
    for leftover in leftovers(client, stacks):
        text = f"delete this {leftover.type}: it left its stack, and CloudFormation could not ({leftover.reason})"
        key = leftover_key(leftover.physical_id)
        if can_delete(leftover):
            yield Action(key, leftover.physical_id, text, partial(_delete, client, leftover))
        else:
            yield Lost(key, leftover.physical_id, text, CONSOLE)


def leftovers(client: Client, stack_names: Iterable[str]) -> Iterator[Leftover]:
    """Return what is left of every kind; what the caller may not read counts as there."""
    cloudformation = client("cloudformation")
    failed: dict[tuple[str, str], Leftover] = {}
    in_stacks: set[tuple[str, str]] = set()
    for name in stack_names:
        failed |= _failed(cloudformation, name)
        in_stacks |= _in_stack(cloudformation, name)
    for key, leftover in failed.items():
        if key not in in_stacks and _is_there(client, leftover):
            yield leftover


def _failed(cloudformation: Any, name: str) -> dict[tuple[str, str], Leftover]:
    """Return what the newest deletion of a resource could not delete, by type and physical id."""
    by_key: dict[tuple[str, str], Leftover | None] = {}
    for event in members(cloudformation, "describe_stack_events", "StackEvents", StackName=name):  # the newest first
        type_, physical_id = event["ResourceType"], event.get("PhysicalResourceId", "")
        status, key = event["ResourceStatus"], (type_, physical_id)
        if type_.startswith(CUSTOM) or type_ in GOES_WITH or not physical_id or key in by_key:
            continue
        if status == "DELETE_FAILED":
            properties = json.loads(event.get("ResourceProperties") or "{}")
            by_key[key] = Leftover(type_, physical_id, properties, event.get("ResourceStatusReason", "no reason"))
        elif status.endswith(("_COMPLETE", "_SKIPPED")):
            by_key[key] = None
    return {key: leftover for key, leftover in by_key.items() if leftover}


def _in_stack(cloudformation: Any, name: str) -> set[tuple[str, str]]:
    return {
        (summary["ResourceType"], summary.get("PhysicalResourceId", ""))
        for summary in stack_resources(cloudformation, name)
        if summary["ResourceStatus"] != "DELETE_FAILED"
    }


def _is_there(client: Client, leftover: Leftover) -> bool:
    try:
        if kind := BY_PROPERTIES.get(leftover.type):
            return not leftover.properties or bool(kind.read(client, leftover))
        return leftover.type not in KINDS or bool(KINDS[leftover.type].read(client, leftover.physical_id))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if "AccessDenied" in code:
            return True
        if code.startswith("NoSuch") or "NotFound" in code or code == "404":
            return False
        raise


def can_delete(leftover: Leftover) -> bool:
    return bool(leftover.properties) if leftover.type in BY_PROPERTIES else leftover.type in KINDS


def _delete(client: Client, leftover: Leftover) -> None:
    if kind := BY_PROPERTIES.get(leftover.type):
        kind.delete(client, leftover)
    else:
        KINDS[leftover.type].delete(client, leftover.physical_id)


def _record(client: Client, leftover: Leftover) -> Mapping[str, Any] | None:
    """Return the record set as Route 53 has it."""
    wanted, zone_id = _record_key(leftover.properties), leftover.properties["HostedZoneId"]
    records = members(client("route53"), "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id)
    return next((record for record in records if _record_key(record) == wanted), None)


def _record_key(record: Mapping[str, Any]) -> tuple[str, str, str]:
    name = str(record["Name"]).replace("\\052", "*").rstrip(".").lower()
    return name, str(record["Type"]), str(record.get("SetIdentifier", ""))


def _delete_record(client: Client, leftover: Leftover) -> None:
    if record := _record(client, leftover):
        batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
        client("route53").change_resource_record_sets(
            HostedZoneId=leftover.properties["HostedZoneId"], ChangeBatch=batch
        )


def _policy(client: Client, leftover: Leftover) -> Any:
    """Return the role's policy: the role stays with permissions that the template no longer has."""
    (role,) = leftover.properties["Roles"]
    return client("iam").get_role_policy(RoleName=role, PolicyName=leftover.properties["PolicyName"])


def _delete_policy(client: Client, leftover: Leftover) -> None:
    (role,) = leftover.properties["Roles"]
    client("iam").delete_role_policy(RoleName=role, PolicyName=leftover.properties["PolicyName"])


def _permission(client: Client, leftover: Leftover) -> bool:
    policy = json.loads(client("lambda").get_policy(FunctionName=leftover.properties["FunctionName"])["Policy"])
    return any(statement["Sid"] == _sid(leftover) for statement in policy["Statement"])


def _delete_permission(client: Client, leftover: Leftover) -> None:
    client("lambda").remove_permission(FunctionName=leftover.properties["FunctionName"], StatementId=_sid(leftover))


def _sid(leftover: Leftover) -> str:
    return leftover.physical_id.rpartition("|")[2]


def _delete_bucket(client: Client, name: str) -> None:
    s3 = client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=name, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=name)


def _delete_distribution(client: Client, identifier: str) -> None:
    cloudfront = client("cloudfront")
    answer = cloudfront.get_distribution_config(Id=identifier)
    if answer["DistributionConfig"]["Enabled"]:
        config = {**answer["DistributionConfig"], "Enabled": False}
        answer = cloudfront.update_distribution(Id=identifier, IfMatch=answer["ETag"], DistributionConfig=config)
    if cloudfront.get_distribution(Id=identifier)["Distribution"]["Status"] != "Deployed":
        raise CarryOutError("CloudFront disables it, which takes some minutes: then `understudy repair --apply` again")
    cloudfront.delete_distribution(Id=identifier, IfMatch=answer["ETag"])


def _delete_role(client: Client, name: str) -> None:
    iam = client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def _delete_rule(client: Client, name: str) -> None:
    events = client("events")
    if targets := [target["Id"] for target in events.list_targets_by_rule(Rule=name)["Targets"]]:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def _delete_function(client: Client, arn: str) -> None:
    cloudfront, name = client("cloudfront"), arn.rpartition("/")[2]
    etag = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
    cloudfront.delete_function(Name=name, IfMatch=etag)


def _alarm(client: Client, name: str) -> Any:
    alarms = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return alarms["MetricAlarms"] or alarms["CompositeAlarms"]


def _key_is_enabled(client: Client, identifier: str) -> bool:
    state = client("kms").describe_key(KeyId=identifier)["KeyMetadata"]["KeyState"]
    return state not in {"PendingDeletion", "PendingReplicaDeletion"}


def _log_group(client: Client, name: str) -> bool:
    groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in groups)


def _layer(arn: str) -> dict[str, Any]:
    name, number = arn.split(":")[-2:]
    return {"LayerName": name, "VersionNumber": int(number)}


def _simple(service: str, read: str, delete: str, argument: str) -> Kind:
    """A kind that two calls with the physical id read and delete."""

    def call(operation: str, client: Client, physical_id: str) -> Any:
        return getattr(client(service), operation)(**{argument: physical_id})

    return Kind(partial(call, read), partial(call, delete))


def _versioned(name: str) -> Kind:
    """A kind of CloudFront whose deletion names the version."""

    def read(client: Client, physical_id: str) -> Any:
        return getattr(client("cloudfront"), f"get_{name}")(Id=physical_id)

    def delete(client: Client, physical_id: str) -> Any:
        etag = read(client, physical_id)["ETag"]
        return getattr(client("cloudfront"), f"delete_{name}")(Id=physical_id, IfMatch=etag)

    return Kind(read, delete)


KINDS: Mapping[str, Kind] = {
    "AWS::CloudFront::CachePolicy": _versioned("cache_policy"),
    "AWS::CloudFront::Distribution": Kind(
        lambda client, identifier: client("cloudfront").get_distribution(Id=identifier), _delete_distribution
    ),
    "AWS::CloudFront::Function": Kind(
        lambda client, arn: client("cloudfront").describe_function(Name=arn.rpartition("/")[2], Stage="DEVELOPMENT"),
        _delete_function,
    ),
    "AWS::CloudFront::OriginAccessControl": _versioned("origin_access_control"),
    "AWS::CloudFront::ResponseHeadersPolicy": _versioned("response_headers_policy"),
    "AWS::CloudWatch::Alarm": Kind(_alarm, lambda client, name: client("cloudwatch").delete_alarms(AlarmNames=[name])),
    "AWS::CloudWatch::CompositeAlarm": Kind(
        _alarm, lambda client, name: client("cloudwatch").delete_alarms(AlarmNames=[name])
    ),
    "AWS::CloudWatch::Dashboard": Kind(
        lambda client, name: client("cloudwatch").get_dashboard(DashboardName=name),
        lambda client, name: client("cloudwatch").delete_dashboards(DashboardNames=[name]),
    ),
    "AWS::Events::Rule": Kind(lambda client, name: client("events").describe_rule(Name=name), _delete_rule),
    "AWS::IAM::Role": Kind(lambda client, name: client("iam").get_role(RoleName=name), _delete_role),
    "AWS::KMS::Key": Kind(
        _key_is_enabled, lambda client, identifier: client("kms").schedule_key_deletion(KeyId=identifier)
    ),
    "AWS::Lambda::Function": _simple("lambda", "get_function_configuration", "delete_function", "FunctionName"),
    "AWS::Lambda::LayerVersion": Kind(
        lambda client, arn: client("lambda").get_layer_version(**_layer(arn)),
        lambda client, arn: client("lambda").delete_layer_version(**_layer(arn)),
    ),
    "AWS::Logs::LogGroup": Kind(_log_group, lambda client, name: client("logs").delete_log_group(logGroupName=name)),
    "AWS::Route53::HealthCheck": _simple("route53", "get_health_check", "delete_health_check", "HealthCheckId"),
    "AWS::S3::Bucket": Kind(lambda client, name: client("s3").head_bucket(Bucket=name), _delete_bucket),
    "AWS::SNS::Subscription": _simple("sns", "get_subscription_attributes", "unsubscribe", "SubscriptionArn"),
    "AWS::SNS::Topic": _simple("sns", "get_topic_attributes", "delete_topic", "TopicArn"),
    "AWS::Scheduler::ScheduleGroup": _simple("scheduler", "get_schedule_group", "delete_schedule_group", "Name"),
}
"""By the type of CloudFormation."""
BY_PROPERTIES: Mapping[str, PropertyKind] = {
    PERMISSION: PropertyKind(_permission, _delete_permission),
    POLICY: PropertyKind(_policy, _delete_policy),
    RECORD_SET: PropertyKind(_record, _delete_record),
}
