"""Resources that several questions share: a hosted zone, a distribution with its buckets and functions, health checks.

The hosted zone lies below the user's zone and is not delegated: the questions ask its own name servers. The user's zone
does not change.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID, HEALTHY_SHARE
from understudy_failover.operations.confirm.context import Context
from understudy_failover.operations.confirm.removal import COMMENT, TAG

PRIMARY, SECONDARY = "192.0.2.1", "192.0.2.2"
"""Documentation addresses: the questions ask DNS only, nobody connects."""
TTL_SECONDS = 30
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""A policy of CloudFront's own."""
FIRST_VERSION = "1"
VIEWER_REQUEST = """\
function handler(event) {
    var request = event.request;
    var agent = request.headers['user-agent'];
    if (request.uri === '/agent') {
        return {statusCode: 200, statusDescription: 'OK', body: {encoding: 'text', data: agent ? agent.value : ''}};
    }
    if (request.uri === '/version') {
        return {statusCode: 200, statusDescription: 'OK', headers: {'x-version': {value: 'VERSION'}}};
    }
    if (request.uri === '/rewrite') {
        request.uri = '/rewritten';
    }
    return request;
}
"""
VIEWER_RESPONSE = """\
function handler(event) {
    event.response.headers['x-path'] = {value: event.request.uri};
    return event.response;
}
"""


class Zone:
    """The throwaway hosted zone."""

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
        """Make one batch of changes: actions with record sets."""
        batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        self._context.client("route53").change_resource_record_sets(
            HostedZoneId=self.id, ChangeBatch={"Changes": batch}
        )

    def pair(self, label: str, primary_check: str, secondary_check: str = "") -> None:
        """Create a failover pair."""
        self.change(
            ("CREATE", self.half(label, "PRIMARY", primary_check)),
            ("CREATE", self.half(label, "SECONDARY", secondary_check)),
        )

    def half(self, label: str, role: str, check: str = "") -> dict[str, Any]:
        """Return one half of a failover pair."""
        record = self.record(label, "A", PRIMARY if role == "PRIMARY" else SECONDARY)
        record |= {"SetIdentifier": role.lower(), "Failover": role}
        return record | ({"HealthCheckId": check} if check else {})

    def record(self, label: str, kind: str, value: str) -> dict[str, Any]:
        """Return a simple record set."""
        values = [{"Value": value}]
        return {"Name": self.name(label), "Type": kind, "TTL": TTL_SECONDS, "ResourceRecords": values}

    def alias(self, label: str, domain_name: str) -> dict[str, Any]:
        """Return an alias to a distribution."""
        target = {"DNSName": domain_name, "HostedZoneId": CLOUDFRONT_HOSTED_ZONE_ID, "EvaluateTargetHealth": False}
        return {"Name": self.name(label), "Type": "A", "AliasTarget": target}

    def name(self, label: str) -> str:
        """Return the name of a label in the zone."""
        return f"{label}.{self._context.host}"

    def answer(self, label: str) -> tuple[tuple[str, ...], int]:
        """Return the addresses that a name server answers, and their TTL in seconds."""
        found = self._context.world.records(self.name_servers, self.name(label), "A")
        return found.values, found.ttl_seconds

    def await_answer(self, label: str, address: str, *, minutes: float) -> tuple[bool, float]:
        """Return whether the name server answers this address in time, and after how many seconds."""
        value, seconds = self._context.until(
            lambda: True if self.answer(label)[0] == (address,) else None, minutes=minutes
        )
        return bool(value), seconds


class Site:
    """The throwaway distribution: a bucket through origin access control, two functions, access logs."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.bucket, self.log_bucket = f"{context.token}-site", f"{context.token}-logs"
        self.function = f"{context.token}-request"
        s3 = context.client("s3")
        for name, ownership in ((self.bucket, "BucketOwnerEnforced"), (self.log_bucket, "BucketOwnerPreferred")):
            context.create("bucket", name, partial(s3.create_bucket, Bucket=name))
            rules = {"Rules": [{"ObjectOwnership": ownership}]}
            s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=rules)
            blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
        s3.put_bucket_policy(Bucket=self.log_bucket, Policy=_policy(_tls_only(self.log_bucket, "*")))
        arns = [
            self._publish(self.function, VIEWER_REQUEST.replace("VERSION", FIRST_VERSION)),
            self._publish(f"{context.token}-response", VIEWER_RESPONSE),
        ]
        control = self._origin_access_control()
        distribution = context.create(
            "distribution",
            context.token,
            lambda: context.client("cloudfront").create_distribution_with_tags(
                DistributionConfigWithTags={
                    "DistributionConfig": self._config(control, arns),
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
        s3.put_bucket_policy(Bucket=self.bucket, Policy=_policy(allow, _tls_only(self.bucket, "tls/*")))
        for key in ("index", "rewritten", "tls/index"):
            self.put(key)
        self.await_deployed()

    def put(self, key: str) -> None:
        """Create an object."""
        self._context.client("s3").put_object(Bucket=self.bucket, Key=key, Body=b"confirm", ContentType="text/plain")

    def delete(self, key: str) -> None:
        """Delete an object."""
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
        """Change the distribution's configuration."""
        cloudfront = self._context.client("cloudfront")
        found = cloudfront.get_distribution_config(Id=self.id)
        config = {**found["DistributionConfig"], **changes}
        cloudfront.update_distribution(Id=self.id, IfMatch=found["ETag"], DistributionConfig=config)

    def publish_version(self, version: str) -> None:
        """Publish the function for requests with another version number."""
        cloudfront = self._context.client("cloudfront")
        described = cloudfront.describe_function(Name=self.function, Stage="DEVELOPMENT")
        cloudfront.update_function(
            Name=self.function,
            IfMatch=described["ETag"],
            FunctionConfig=described["FunctionSummary"]["FunctionConfig"],
            FunctionCode=VIEWER_REQUEST.replace("VERSION", version).encode(),
        )
        etag = cloudfront.describe_function(Name=self.function, Stage="DEVELOPMENT")["ETag"]
        cloudfront.publish_function(Name=self.function, IfMatch=etag)

    def _publish(self, name: str, code: str) -> str:
        cloudfront = self._context.client("cloudfront")
        config = {"Comment": COMMENT, "Runtime": "cloudfront-js-2.0"}
        created = self._context.create(
            "edge function",
            name,
            lambda: cloudfront.create_function(Name=name, FunctionConfig=config, FunctionCode=code.encode()),
        )
        cloudfront.publish_function(Name=name, IfMatch=created["ETag"])
        return str(created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def _origin_access_control(self) -> str:
        created = self._context.create(
            "origin access control",
            self._context.token,
            lambda: self._context.client("cloudfront").create_origin_access_control(
                OriginAccessControlConfig={
                    "Name": self._context.token,
                    "SigningProtocol": "sigv4",
                    "SigningBehavior": "always",
                    "OriginAccessControlOriginType": "s3",
                }
            ),
        )
        return str(created["OriginAccessControl"]["Id"])

    def _config(self, control: str, functions: Sequence[str]) -> dict[str, Any]:
        origin = {
            "Id": "site",
            "DomainName": f"{self.bucket}.s3.us-east-1.amazonaws.com",
            "OriginAccessControlId": control,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        associations = [
            {"EventType": event, "FunctionARN": arn}
            for event, arn in zip(("viewer-request", "viewer-response"), functions, strict=True)
        ]
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
                "FunctionAssociations": {"Quantity": 2, "Items": associations},
            },
            "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 403, "ErrorCachingMinTTL": 10}]},
            "Logging": {
                "Enabled": True,
                "IncludeCookies": False,
                "Bucket": f"{self.log_bucket}.s3.amazonaws.com",
                "Prefix": "cloudfront/",
            },
        }


def zone_of(context: Context) -> Zone:
    """Return the hosted zone of the run."""
    return context.once("zone", lambda: Zone(context))


def site_of(context: Context) -> Site:
    """Return the distribution of the run, deployed."""
    return context.once("site", lambda: Site(context))


def create_check(context: Context, label: str, config: Mapping[str, Any]) -> str:
    """Create a health check and return its id."""
    reference = f"{context.token}-{label}"
    created = context.create(
        "health check",
        reference,
        lambda: context.client("route53").create_health_check(CallerReference=reference, HealthCheckConfig=config),
    )
    return str(created["HealthCheck"]["Id"])


def object_check(domain_name: str, key: str, **more: Any) -> dict[str, Any]:
    """Return the configuration of a check of an object through CloudFront, as a maintenance switch has it."""
    return {
        "Type": "HTTP",
        "FullyQualifiedDomainName": domain_name,
        "Port": 80,
        "ResourcePath": f"/{key}",
        "RequestInterval": 10,
        "FailureThreshold": 1,
        **more,
    }


def unhealthy_check() -> dict[str, Any]:
    """Return the configuration of a check that is always unhealthy and asks nobody.

    A disabled check is healthy, and this one is inverted.
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
    """Return what each checker last saw: True for a success."""
    found = context.client("route53").get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    return [checker["StatusReport"]["Status"].startswith("Success") for checker in found]


def is_healthy(context: Context, check: str) -> bool | None:
    """Return the status of a check that is not inverted; None while no checker has reported."""
    seen = observations(context, check)
    return sum(seen) > HEALTHY_SHARE * len(seen) if seen else None


def _tls_only(bucket: str, keys: str) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/{keys}",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
