"""Everything that exists in an account, by the public APIs: nothing may be left after a destroy."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

BOOTSTRAP = ("CDKToolkit", "cdk-hnb659fds-", "/cdk-bootstrap/")
"""Prefixes of names that `cdk bootstrap` creates, and `cdk destroy` rightly retains."""


CERTIFICATES = ("iam", "list_server_certificates", "ServerCertificateMetadataList")
LISTINGS: dict[str, tuple[str, str, str, str]] = {
    "health checks": ("route53", "list_health_checks", "HealthChecks", "Id"),
    "server certificates": (*CERTIFICATES, "ServerCertificateName"),
    "roles": ("iam", "list_roles", "Roles", "RoleName"),
    "functions": ("lambda", "list_functions", "Functions", "FunctionName"),
    "layers": ("lambda", "list_layers", "Layers", "LayerName"),
    "log groups": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "schedules": ("scheduler", "list_schedules", "Schedules", "Name"),
    "schedule groups": ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "subscriptions": ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    "topics": ("sns", "list_topics", "Topics", "TopicArn"),
}
"""Kind → service, paginated operation, members of its answer, and their name or id."""
OF_CLOUDFRONT: dict[str, tuple[str, str, str]] = {
    "distributions": ("list_distributions", "DistributionList", "Id"),
    "functions at the edge": ("list_functions", "FunctionList", "Name"),
    "origin access controls": ("list_origin_access_controls", "OriginAccessControlList", "Id"),
}
"""Kind → operation without pagination, list and name or id."""


def resources(client: Callable[[str], Any]) -> dict[str, list[str]]:
    """Return names or ids by kind, sorted; without the CDK's bootstrap and the NS and SOA records of hosted zones.

    `client(service)` returns a boto3 client.
    """
    client = functools.cache(client)
    listings: dict[str, Iterable[str]] = {
        "record sets": _record_sets(client("route53")),
        "cache policies": _cache_policies(client("cloudfront")),
        "buckets": (bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
        "composite alarms": _composite_alarms(client("cloudwatch")),
        "stacks": _stacks(client("cloudformation")),
    }
    for kind, (service, operation, members, name) in LISTINGS.items():
        listings[kind] = _list(client(service), operation, members, name)
    for kind, (operation, members, name) in OF_CLOUDFRONT.items():
        listing = getattr(client("cloudfront"), operation)()[members]
        listings[kind] = [item[name] for item in listing.get("Items", [])]
    listings["schedule groups"] = [name for name in listings["schedule groups"] if name != "default"]
    return {kind: sorted(name for name in names if not name.startswith(BOOTSTRAP)) for kind, names in listings.items()}


def _list(client: Any, operation: str, members: str, name: str, **parameters: Any) -> Iterator[str]:
    for page in client.get_paginator(operation).paginate(**parameters):
        yield from (member[name] for member in page[members])


def _cache_policies(cloudfront: Any) -> Iterator[str]:
    listing = cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]
    yield from (item["CachePolicy"]["CachePolicyConfig"]["Name"] for item in listing.get("Items", []))


def _composite_alarms(cloudwatch: Any) -> Iterator[str]:
    return _list(cloudwatch, "describe_alarms", "CompositeAlarms", "AlarmName", AlarmTypes=["CompositeAlarm"])


def _record_sets(route53: Any) -> Iterator[str]:
    for zone in _list(route53, "list_hosted_zones", "HostedZones", "Id"):
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone):
            for record in page["ResourceRecordSets"]:
                if record["Type"] not in {"NS", "SOA"}:
                    yield f"{record['Name']} {record['Type']} {record.get('SetIdentifier', '')}".strip()


def _stacks(cloudformation: Any) -> Iterator[str]:
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        yield from (stack["StackName"] for stack in page["Stacks"] if stack["StackStatus"] != "DELETE_COMPLETE")
