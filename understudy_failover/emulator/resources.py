"""Everything that exists in an account, by the public APIs: nothing may be left after a destroy."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

BOOTSTRAP = ("CDKToolkit", "cdk-hnb659fds-", "/cdk-bootstrap/")
"""Prefixes of names that `cdk bootstrap` creates, and `cdk destroy` rightly retains."""


def resources(client: Callable[[str], Any]) -> dict[str, list[str]]:
    """Names or ids by kind, sorted; without the CDK's bootstrap and hosted zones' own NS and SOA records.

    `client(service)` answers a boto3 client.
    """
    client = functools.cache(client)
    kinds: dict[str, Callable[[], Iterator[str]]] = {
        "record sets": lambda: _record_sets(client("route53")),
        "health checks": lambda: _each(client("route53"), "list_health_checks", "HealthChecks", "Id"),
        "distributions": lambda: _cloudfront(client, "list_distributions", "DistributionList", "Id"),
        "functions at the edge": lambda: _cloudfront(client, "list_functions", "FunctionList", "Name"),
        "cache policies": lambda: _cache_policies(client),
        "origin access controls": lambda: _cloudfront(
            client, "list_origin_access_controls", "OriginAccessControlList", "Id"
        ),
        "server certificates": lambda: _each(
            client("iam"),
            "list_server_certificates",
            "ServerCertificateMetadataList",
            "ServerCertificateName",
        ),
        "roles": lambda: _each(client("iam"), "list_roles", "Roles", "RoleName"),
        "buckets": lambda: (bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
        "functions": lambda: _each(client("lambda"), "list_functions", "Functions", "FunctionName"),
        "layers": lambda: _each(client("lambda"), "list_layers", "Layers", "LayerName"),
        "log groups": lambda: _each(client("logs"), "describe_log_groups", "logGroups", "logGroupName"),
        "schedules": lambda: _each(client("scheduler"), "list_schedules", "Schedules", "Name"),
        "schedule groups": lambda: (
            name
            for name in _each(client("scheduler"), "list_schedule_groups", "ScheduleGroups", "Name")
            if name != "default"
        ),
        "alarms": lambda: _each(client("cloudwatch"), "describe_alarms", "MetricAlarms", "AlarmName"),
        "composite alarms": lambda: _composite_alarms(client),
        "dashboards": lambda: _each(client("cloudwatch"), "list_dashboards", "DashboardEntries", "DashboardName"),
        "subscriptions": lambda: _each(client("sns"), "list_subscriptions", "Subscriptions", "SubscriptionArn"),
        "topics": lambda: _each(client("sns"), "list_topics", "Topics", "TopicArn"),
        "stacks": lambda: _stacks(client("cloudformation")),
    }
    return {kind: sorted(name for name in names() if not _of_bootstrap(name)) for kind, names in kinds.items()}


def _of_bootstrap(name: str) -> bool:
    return name.startswith(BOOTSTRAP)


def _each(client: Any, operation: str, members: str, name: str) -> Iterator[str]:
    for page in client.get_paginator(operation).paginate():
        yield from (member[name] for member in page[members])


def _cloudfront(client: Callable[[str], Any], operation: str, members: str, name: str) -> Iterator[str]:
    listing = getattr(client("cloudfront"), operation)()[members]
    yield from (item[name] for item in listing.get("Items", []))


def _cache_policies(client: Callable[[str], Any]) -> Iterator[str]:
    listing = client("cloudfront").list_cache_policies(Type="custom")["CachePolicyList"]
    yield from (item["CachePolicy"]["CachePolicyConfig"]["Name"] for item in listing.get("Items", []))


def _composite_alarms(client: Callable[[str], Any]) -> Iterator[str]:
    for page in client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["CompositeAlarm"]):
        yield from (alarm["AlarmName"] for alarm in page["CompositeAlarms"])


def _record_sets(route53: Any) -> Iterator[str]:
    for page in route53.get_paginator("list_hosted_zones").paginate():
        for zone in page["HostedZones"]:
            listing = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone["Id"])
            for records in listing:
                for record in records["ResourceRecordSets"]:
                    if record["Type"] not in {"NS", "SOA"}:
                        yield f"{record['Name']} {record['Type']} {record.get('SetIdentifier', '')}".strip()


def _stacks(cloudformation: Any) -> Iterator[str]:
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        yield from (stack["StackName"] for stack in page["Stacks"] if stack["StackStatus"] != "DELETE_COMPLETE")
