"""Resources that several questions share: a hosted zone, a distribution with its bucket, health checks.

The hosted zone lies below the user's zone and is not delegated: the questions ask its own name servers. The user's zone
does not change.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID, HEALTHY_SHARE
from understudy_failover.operations.confirm.context import Context
from understudy_failover.operations.confirm.removal import TAG

PRIMARY, SECONDARY = "192.0.2.1", "192.0.2.2"
"""Documentation addresses: the questions ask DNS only and open no connection."""
TTL_SECONDS = 30
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""A managed policy of CloudFront."""
VERSION, FIRST, SECOND = "/version", 202, 203
"""The path at which the edge function answers with its version, an HTTP status; two versions."""
FUNCTION = """\
function handler(event) {
    return event.request.uri === '%s' ? {statusCode: %d} : event.request;
}
"""


class Zone:
    def __init__(self, context: Context) -> None:
        self._context = context
        created = context.create(
            "hosted zone",
            context.token,
            lambda: context.client("route53").create_hosted_zone(Name=context.host, CallerReference=context.token),
        )
        self.id = created["HostedZone"]["Id"].removeprefix("/hostedzone/")
        self.name_servers: Sequence[str] = created["DelegationSet"]["NameServers"]

    def change(self, *changes: tuple[str, Mapping[str, Any]]) -> None:
        batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        self._context.client("route53").change_resource_record_sets(
            HostedZoneId=self.id, ChangeBatch={"Changes": batch}
        )

    def create_pair(self, label: str, primary_check: str, secondary_check: str = "") -> None:
        self.change(
            ("CREATE", self.half(label, "PRIMARY", primary_check)),
            ("CREATE", self.half(label, "SECONDARY", secondary_check)),
        )

    def half(self, label: str, role: str, check: str = "") -> dict[str, Any]:
        record = self.record(label, "A", PRIMARY if role == "PRIMARY" else SECONDARY)
        record |= {"SetIdentifier": role.lower(), "Failover": role}
        return record | ({"HealthCheckId": check} if check else {})

    def record(self, label: str, kind: str, value: str) -> dict[str, Any]:
        values = [{"Value": value}]
        return {"Name": self.name(label), "Type": kind, "TTL": TTL_SECONDS, "ResourceRecords": values}

    def alias(self, label: str, domain_name: str) -> dict[str, Any]:
        target = {"DNSName": domain_name, "HostedZoneId": CLOUDFRONT_HOSTED_ZONE_ID, "EvaluateTargetHealth": False}
        return {"Name": self.name(label), "Type": "A", "AliasTarget": target}

    def name(self, label: str) -> str:
        return f"{label}.{self._context.host}"

    def answer(self, label: str) -> tuple[str, ...]:
        """Return the addresses that a name server answers."""
        return self._context.internet.records(self.name_servers, self.name(label)).values

    def ttl_seconds(self, label: str) -> int:
        return self._context.internet.records(self.name_servers, self.name(label)).ttl_seconds

    def await_answer(self, label: str, address: str, *, minutes: float) -> tuple[bool, float]:
        """Return whether the name server answers this address in time, and after how many seconds."""
        value, seconds = self._context.until(lambda: self.answer(label) == (address,) or None, minutes=minutes)
        return bool(value), seconds


class Site:
    def __init__(self, context: Context) -> None:
        self._context = context
        self.bucket = f"{context.token}-site"
        s3 = context.client("s3")
        context.create("bucket", self.bucket, lambda: s3.create_bucket(Bucket=self.bucket))
        control, function = self._create_origin_access_control(), self._create_function()
        distribution = context.create(
            "distribution",
            context.token,
            lambda: context.client("cloudfront").create_distribution_with_tags(
                DistributionConfigWithTags={
                    "DistributionConfig": self._config(control, function),
                    "Tags": {"Items": [{"Key": TAG, "Value": context.token}]},
                }
            ),
        )["Distribution"]
        self.id, self.domain_name = distribution["Id"], distribution["DomainName"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{self.bucket}/*",
            "Condition": {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}},
        }
        policy = {"Version": "2012-10-17", "Statement": [allow]}
        s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))
        self.put("index")
        self.await_deployed()

    def put(self, key: str) -> None:
        self._context.client("s3").put_object(Bucket=self.bucket, Key=key, Body=b"confirm", ContentType="text/plain")

    def delete(self, key: str) -> None:
        self._context.client("s3").delete_object(Bucket=self.bucket, Key=key)

    def await_deployed(self) -> float:
        """Wait until CloudFront says that the distribution is deployed; return the seconds."""
        cloudfront = self._context.client("cloudfront")
        return self._context.until(
            lambda: cloudfront.get_distribution(Id=self.id)["Distribution"]["Status"] == "Deployed" or None,
            minutes=30,
            every=5,
        )[1]

    def change(self, changes: Mapping[str, Any]) -> None:
        cloudfront = self._context.client("cloudfront")
        current = cloudfront.get_distribution_config(Id=self.id)
        config = {**current["DistributionConfig"], **changes}
        cloudfront.update_distribution(Id=self.id, IfMatch=current["ETag"], DistributionConfig=config)

    def publish(self, version: int) -> None:
        """Publish the edge function with another version."""
        cloudfront, name = self._context.client("cloudfront"), self._context.token
        current = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
        cloudfront.update_function(
            Name=name,
            IfMatch=current["ETag"],
            FunctionConfig=current["FunctionSummary"]["FunctionConfig"],
            FunctionCode=(FUNCTION % (VERSION, version)).encode(),
        )
        # MiniStack's answer to the update has no ETag.
        etag = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
        cloudfront.publish_function(Name=name, IfMatch=etag)

    def _create_function(self) -> str:
        cloudfront, name = self._context.client("cloudfront"), self._context.token
        created = self._context.create(
            "edge function",
            name,
            lambda: cloudfront.create_function(
                Name=name,
                FunctionConfig={"Comment": "understudy confirm", "Runtime": "cloudfront-js-2.0"},
                FunctionCode=(FUNCTION % (VERSION, FIRST)).encode(),
            ),
        )
        cloudfront.publish_function(Name=name, IfMatch=created["ETag"])
        return str(created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def _create_origin_access_control(self) -> str:
        config = {
            "Name": self._context.token,
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
        cloudfront = self._context.client("cloudfront")
        created = self._context.create(
            "origin access control",
            self._context.token,
            lambda: cloudfront.create_origin_access_control(OriginAccessControlConfig=config),
        )
        return str(created["OriginAccessControl"]["Id"])

    def _config(self, control: str, function: str) -> dict[str, Any]:
        origin = {
            "Id": "site",
            "DomainName": f"{self.bucket}.s3.us-east-1.amazonaws.com",
            "OriginAccessControlId": control,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        return {
            "CallerReference": self._context.token,
            "Comment": "understudy confirm",
            "Enabled": True,
            # As the product's own distribution: docs/decisions/0005-maintenance-response.md
            "HttpVersion": "http1.1",
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "site",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": CACHING_DISABLED,
                "FunctionAssociations": {
                    "Quantity": 1,
                    "Items": [{"EventType": "viewer-request", "FunctionARN": function}],
                },
            },
            "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 403, "ErrorCachingMinTTL": 10}]},
        }


def zone_of(context: Context) -> Zone:
    """Return the hosted zone of the run; the first call creates it."""
    return context.once("zone", lambda: Zone(context))


def site_of(context: Context) -> Site:
    """Return the distribution of the run; the first call creates it and waits until it is deployed."""
    return context.once("site", lambda: Site(context))


def create_check(context: Context, label: str, config: Mapping[str, Any]) -> str:
    reference = f"{context.token}-{label}"
    created = context.create(
        "health check",
        reference,
        lambda: context.client("route53").create_health_check(CallerReference=reference, HealthCheckConfig=config),
    )
    return str(created["HealthCheck"]["Id"])


def object_check(domain_name: str, key: str, **options: Any) -> dict[str, Any]:
    """Return the configuration of a check of an object through CloudFront, as a maintenance switch has it."""
    return {
        "Type": "HTTP",
        "FullyQualifiedDomainName": domain_name,
        "Port": 80,
        "ResourcePath": f"/{key}",
        "RequestInterval": 10,
        "FailureThreshold": 1,
        **options,
    }


def unhealthy_check() -> dict[str, Any]:
    """Return the configuration of a check that is always unhealthy and sends no request.

    A disabled check is healthy, and this check is inverted.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
    """
    return {
        "Type": "TCP",
        "IPAddress": PRIMARY,
        "Port": 443,
        "RequestInterval": 30,
        "FailureThreshold": 1,
        "Disabled": True,
        "Inverted": True,
    }


def observations(context: Context, check: str) -> list[bool]:
    """Return what each checker last observed: True for a success."""
    status = context.client("route53").get_health_check_status(HealthCheckId=check)
    reports = [checker["StatusReport"]["Status"] for checker in status["HealthCheckObservations"]]
    return [report.startswith("Success") for report in reports]


def is_healthy(context: Context, check: str) -> bool | None:
    """Return the status of a check that is not inverted; None while no checker has reported."""
    successes = observations(context, check)
    return sum(successes) > HEALTHY_SHARE * len(successes) if successes else None
