"""What the account as a whole must allow: quotas, the pricing plan, nobody else's claim on a host name, the clock."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.lookups import domain_conflicts, members
from understudy_failover.operations.verify.deployment import Deployment

NEARLY = 0.8
"""Share of a quota from which on it is said."""
CLOCK_TOLERANCE = timedelta(minutes=2)
"""AWS refuses requests that are five minutes off; certificates and windows are judged by the same clock."""
IN_USE = {"ACTIVE", "PENDING_APPROVAL", "SYNC_IN_PROGRESS"}


def certificate_quota(deployment: Deployment) -> Iterator[Finding]:
    """A renewal has room for one more certificate."""
    used = len(deployment.server_certificates("/"))
    quota = int(deployment.client("iam").get_account_summary()["SummaryMap"]["ServerCertificatesQuota"])
    yield _of_quota(
        "IAM server certificates", used, quota, "delete what nothing uses, or have it raised (Service Quotas)"
    )


def health_check_quota(deployment: Deployment) -> Iterator[Finding]:
    """Another server's health checks have room."""
    answer = deployment.client("route53").get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    used, quota = int(answer["Count"]), int(answer["Limit"]["Value"])
    yield _of_quota("Route 53 health checks", used, quota, "delete what nothing uses, or have it raised")


def pricing_plan(deployment: Deployment) -> Iterator[Finding]:
    """Pay-as-you-go: flat-rate plans exclude IAM certificates.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/flat-rate-pricing-plan.html
    """
    distribution = deployment.distribution()
    client = deployment.client("pricing-plan-manager")
    for plan in members(client, "list_subscriptions", "subscriptionSummaries"):
        name = f"{plan.get('planFamily')} {plan.get('planTier')}"
        if distribution["ARN"] in plan.get("resourceArns", []) and plan.get("status") in IN_USE:
            yield failed(
                "flat-rate-plan",
                deployment.distribution_name(),
                f"is in the flat-rate plan {name}, which takes no IAM certificate",
                "cancel the plan in the CloudFront console: pay-as-you-go",
            )
            return
    yield passed(deployment.distribution_name(), "pay-as-you-go")


def conflicting_aliases(deployment: Deployment) -> Iterator[Finding]:
    """No other distribution of any account has a host name or a more specific name."""
    identifier = str(deployment.distribution()["Id"])
    # Whatever an additional certificate's has beyond its own hosts is named by `aliases`.
    own = [str(part.distribution()["Id"]) for part in deployment.parts]
    for _, host in deployment.hosts:
        others = [
            conflict
            for conflict in domain_conflicts(deployment.client("cloudfront"), identifier, host.name)
            # Ids come partly hidden, as `*******A1B2C3`.
            if not any(known.endswith(conflict["ResourceId"].lstrip("*")) for known in own)
            and _takes(conflict["Domain"], host.name)
        ]
        for conflict in others:
            yield failed(
                "alias-elsewhere",
                host.name,
                f"{conflict['Domain']} belongs to distribution {conflict['ResourceId']} of account "
                f"{conflict['AccountId']}",
                "take it off that distribution, or the host out of failover.toml",
            )
        if not others:
            yield passed(host.name, "nobody else's")


def clock(deployment: Deployment) -> Iterator[Finding]:
    """This machine's clock is right. It decides about certificates and windows."""
    date = deployment.identity()["ResponseMetadata"]["HTTPHeaders"].get("date")
    if not date:
        yield unknown("clock-unknown", "this machine", "AWS's answer has no date")
        return
    off = deployment.now() - parsedate_to_datetime(date).astimezone(UTC)
    seconds = abs(int(off.total_seconds()))
    if timedelta(seconds=seconds) <= CLOCK_TOLERANCE:
        yield passed("this machine", "agrees with AWS's")
    else:
        way = "ahead of" if off > timedelta() else "behind"
        yield failed("clock-off", "this machine", f"is {seconds} s {way} AWS's clock", "set it, best by NTP")


def _takes(alias: str, host: str) -> bool:
    """Whether an alias elsewhere keeps a viewer of `host` from our distribution: the same, or a more specific one."""
    return alias == host or (host.startswith("*.") and alias.endswith(host[1:]))


def _of_quota(subject: str, used: int, quota: int, advice: str) -> Finding:
    text = f"{used} of {quota}"
    return failed("quota-nearly-used", subject, text, advice) if used >= NEARLY * quota else passed(subject, text)
