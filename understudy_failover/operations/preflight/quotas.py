"""Quotas of the account: what the templates need in all, beside what the account may have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.lookups import members
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.review.change import properties
from understudy_failover.operations.review.templates import Resources

HEALTH_CHECK = "AWS::Route53::HealthCheck"
CERTIFICATE = "Custom::ServerCertificate"
DISTRIBUTION = "AWS::CloudFront::Distribution"
RECORD_SET = "AWS::Route53::RecordSet"
RESOURCES_PER_STACK = 500
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


@dataclass(frozen=True)
class Quota:
    """One that can be raised, with what every account has at least."""

    name: str
    default: int
    source: str
    """Where it is documented, and who raises it."""


HEALTH_CHECKS = Quota("health checks", 200, "Service Quotas, Route 53 (us-east-1): quota L-ACB674F3")
RECORDS = Quota("record sets", 10_000, "Service Quotas, Route 53 (us-east-1): quota L-E209CC9F")
CERTIFICATES = Quota("server certificates", 20, "Service Quotas, IAM (us-east-1): quota L-BF35879D")
DISTRIBUTIONS = Quota("distributions", 500, "Service Quotas, CloudFront (us-east-1): quota L-24B04930")
ALIASES = Quota("alternate domain names", 100, "Service Quotas, CloudFront (us-east-1): alternate domain names")
IN_SERVICE_QUOTAS = {
    DISTRIBUTIONS: ("QuotaCode", "L-24B04930"),
    # Its code is published nowhere: the guide below links a support case.
    ALIASES: ("QuotaName", "Alternate domain names (CNAMEs) per distribution"),
}
"""By what an answer of ListServiceQuotas is known. By code where there is one: "multi-tenant distributions per AWS
account" is another quota. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

LimitRequest = Callable[[], tuple[int | None, int]]
"""Returns the account's limit, None where AWS does not return it, and how many there are."""


def quotas(subject: Subject) -> Iterator[Finding]:
    """Needs route53:GetAccountLimit, GetHostedZoneLimit, iam:GetAccountSummary, servicequotas:ListServiceQuotas."""
    planned, deployed = subject.planned, subject.deployed
    route53 = subject.client("route53")

    def more(kind: str) -> int:
        return _count(planned, kind) - _count(deployed, kind)

    yield _compared(HEALTH_CHECKS, "account", more(HEALTH_CHECK), lambda: _health_checks(route53))
    # A rotation uploads the new certificates before it deletes the old ones.
    rotating = _count(planned, CERTIFICATE) if _count(deployed, CERTIFICATE) else 0
    yield _compared(CERTIFICATES, "account", more(CERTIFICATE) + rotating, lambda: _certificates(subject.client("iam")))
    yield _compared(
        DISTRIBUTIONS,
        "account",
        more(DISTRIBUTION),
        lambda: (_cloudfront(subject, DISTRIBUTIONS), len(subject.distributions)),
    )
    for name, aliases in _aliases(planned).items():
        yield _compared(ALIASES, name, aliases, lambda: (_cloudfront(subject, ALIASES), 0))
    for zone in subject.settings.zones:
        needed = _records(planned, zone.id) - _records(deployed, zone.id)
        yield _compared(RECORDS, zone.name, needed, partial(_in_zone, route53, zone.id))
    yield from _stacks(planned)


def _compared(quota: Quota, subject: str, more: int, ask: LimitRequest) -> Finding:
    """`more` of them than there are; where the account's limit is unknown, the default of every account."""
    try:
        limit, there = ask()
    except (ClientError, BotoCoreError) as error:
        text = f"needs {more} {quota.name} more; what the account has and may have could not be read ({_short(error)})"
        return unknown("quota-unread", subject, text, f"compare with {quota.source} (at least {quota.default})")
    needed = there + more
    text = f"{needed} of {quota.default if limit is None else limit} {quota.name}"
    if there and more:
        text += f" ({there} today)"
    if limit is None and needed > quota.default:
        text += ", which every account may have; whether this one may have more could not be read"
        return unknown("quota-maybe-exceeded", subject, text, f"compare with {quota.source}")
    if limit is not None and needed > limit:
        return failed("quota-exceeded", subject, text, f"ask for {needed} or more: {quota.source}")
    return passed(subject, text)


def _short(error: Exception) -> str:
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error']['Code']}"
    return str(error)


def _health_checks(route53: Any) -> tuple[int, int]:
    answer = route53.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    return int(answer["Limit"]["Value"]), int(answer["Count"])


def _in_zone(route53: Any, zone_id: str) -> tuple[int, int]:
    answer = route53.get_hosted_zone_limit(Type="MAX_RRSETS_BY_ZONE", HostedZoneId=zone_id)
    return int(answer["Limit"]["Value"]), int(answer["Count"])


def _certificates(iam: Any) -> tuple[int, int]:
    summary: Mapping[str, int] = iam.get_account_summary()["SummaryMap"]
    return summary["ServerCertificatesQuota"], summary["ServerCertificates"]


def _cloudfront(subject: Subject, quota: Quota) -> int | None:
    """The account's value; None where Service Quotas does not return it."""
    client = subject.client("service-quotas")
    try:
        listed = [*members(client, "list_service_quotas", "Quotas", ServiceCode="cloudfront")]
    except (ClientError, BotoCoreError):
        return None
    key, value = IN_SERVICE_QUOTAS[quota]
    return next((int(entry["Value"]) for entry in listed if entry.get(key) == value), None)


def _count(resources: Resources, kind: str) -> int:
    return sum(resource["Type"] == kind for resource in resources.values())


def _aliases(resources: Resources) -> dict[str, int]:
    """Alternate domain names by the distribution's logical id."""
    return {
        key: len(properties(resource).get("DistributionConfig", {}).get("Aliases", ()))
        for key, resource in resources.items()
        if resource["Type"] == DISTRIBUTION
    }


def _records(resources: Resources, zone_id: str) -> int:
    return sum(
        resource["Type"] == RECORD_SET and properties(resource)["HostedZoneId"] == zone_id
        for resource in resources.values()
    )


def _stacks(resources: Resources) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    for key in resources:
        name = key.partition("/")[0]
        counts[name] = counts.get(name, 0) + 1
    for name, count in counts.items():
        text = f"{count} of {RESOURCES_PER_STACK} resources"
        if count > RESOURCES_PER_STACK:
            yield failed("stack-too-large", name, text, "nobody can raise this one: make two files of failover.toml")
        else:
            yield passed(name, text)
