"""The permissions of each command: the source of docs/permissions.md, and of the simulations of `preflight`.

Tests compare them with the calls that the commands make.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """An IAM action. `resource` may hold `{account}`, `{app}`, `{zone}`, `{switch}`, `{secret}` and `{qualifier}`."""

    action: str
    resource: str
    changes: bool = False
    """Whether only `--apply` needs it."""
    why_any: str = ""
    """Why the resource is not limited to one thing, where its ARN does not show it."""
    condition: tuple[str, str, str] | None = None
    """Operator, key and value of the condition of the grant."""

    @property
    def reason(self) -> str:
        """Return why the resource holds `*`; empty where it does not."""
        if not {"*", "?"} & set(self.resource):
            return ""
        return self.why_any or next(why for part, why in WIDE.items() if part in self.resource)


WIDE = {
    ":stack/{app}-": "the stacks of this installation, with the id that CloudFormation adds",
    ":secret:{secret}": "Secrets Manager adds six characters to the name",
    "/.understudy/switch/": "one object for each server",
    ":schedule/{app}/": "names contain the times of the windows; the group belongs to the installation",
    "/cloudfront/{app}*": "the name of an additional certificate may follow, and names end with the fingerprint",
    ":server-certificate/": "names end with the certificate's fingerprint",
    ":distribution/": "the id is not known before the first deploy",
    ":::change/": "the id of the change just made",
    ":role/": "the role of the caller",
    "-maintenance-": "CloudFormation adds random characters to the bucket's name",
    ":healthcheck/": "ids are assigned at creation, and change with a replacement",
    ":function/": "the edge functions of every certificate",
    ":sns:us-east-1:": "CloudFormation adds random characters to the topic's name",
    ":iam::{account}:*": "the caller, a user or a role",
}
"""Why an ARN holds `*`, by a part of the ARN."""
LISTS = "IAM has no resource type for lists"
STACKS = "arn:aws:cloudformation:us-east-1:{account}:stack/{app}-*"
BOOTSTRAP = "arn:aws:ssm:us-east-1:{account}:parameter/cdk-bootstrap/{qualifier}/version"
ZONE = "arn:aws:route53:::hostedzone/{zone}"
KEY = "arn:aws:secretsmanager:us-east-1:{account}:secret:{secret}-??????"
SWITCH_BUCKET = "arn:aws:s3:::{app}-switch-{account}"
SWITCHES = f"{SWITCH_BUCKET}/.understudy/switch/*"
SWITCH = SWITCH_BUCKET + "/.understudy/switch/{switch}"
"""For writing: any other object there would be served under every host name."""
SCHEDULES = "arn:aws:scheduler:us-east-1:{account}:schedule/{app}/*"
CERTIFICATES = "arn:aws:iam::{account}:server-certificate/cloudfront/{app}*"
DISTRIBUTIONS = "arn:aws:cloudfront::{account}:distribution/*"
HEALTH_CHECKS = "arn:aws:route53:::healthcheck/*"
STACK_BUCKETS = "arn:aws:s3:::{app}-maintenance-*"
"""Buckets of pages and of access logs: only their settings are read, not the objects."""
PAGE_BUCKET = "arn:aws:s3:::{app}-maintenance-*sitebucket978d4aeb-*"
"""CloudFormation derives the name from the stack and the logical id, which a test pins."""
ASSETS = "arn:aws:s3:::cdk-{qualifier}-assets-{account}-us-east-1/*"
DEPLOYED_FILES = "the page's files, as the deploy read them"
FUNCTIONS = "arn:aws:cloudfront::{account}:function/{app}*"
TOPIC = "arn:aws:sns:us-east-1:{account}:{app}-failover-*"
TO_SCHEDULER = ("StringEquals", "iam:PassedToService", "scheduler.amazonaws.com")
IDENTITY = Need("sts:GetCallerIdentity", "*", why_any="allowed with any policy")

REPAIR: tuple[Need, ...] = (
    IDENTITY,
    Need("cloudformation:DescribeStackEvents", STACKS),
    Need("cloudformation:DescribeStacks", STACKS),
    Need("cloudformation:GetTemplate", STACKS),
    Need("cloudformation:ListStackResources", STACKS),
    Need("cloudfront:GetDistributionConfig", DISTRIBUTIONS),
    Need("cloudfront:GetFunction", FUNCTIONS),
    Need("cloudfront:DescribeFunction", FUNCTIONS, changes=True),
    Need("cloudfront:PublishFunction", FUNCTIONS, changes=True),
    Need("cloudfront:UpdateDistribution", DISTRIBUTIONS, changes=True),
    Need("cloudfront:UpdateFunction", FUNCTIONS, changes=True),
    Need("route53:ListHealthChecks", "*", why_any=LISTS),
    Need("route53:ListResourceRecordSets", ZONE),
    Need("route53:ChangeResourceRecordSets", ZONE, changes=True),
    Need("route53:GetChange", "arn:aws:route53:::change/*", changes=True),
    Need("route53:UpdateHealthCheck", HEALTH_CHECKS, changes=True),
    Need("s3:GetBucketLogging", STACK_BUCKETS),
    Need("s3:GetBucketLogging", SWITCH_BUCKET),
    Need("s3:GetBucketPolicy", STACK_BUCKETS),
    Need("s3:GetBucketPolicy", SWITCH_BUCKET),
    Need("s3:GetLifecycleConfiguration", STACK_BUCKETS),
    Need("s3:GetObject", f"{PAGE_BUCKET}/*"),
    Need("s3:GetObject", ASSETS, why_any=DEPLOYED_FILES),
    Need("s3:GetObject", SWITCHES),
    Need("s3:ListBucket", PAGE_BUCKET),
    Need("s3:ListBucket", SWITCH_BUCKET),
    Need("s3:PutBucketLogging", STACK_BUCKETS, changes=True),
    Need("s3:PutBucketPolicy", STACK_BUCKETS, changes=True),
    Need("s3:PutLifecycleConfiguration", STACK_BUCKETS, changes=True),
    Need("s3:PutObject", f"{PAGE_BUCKET}/*", changes=True),
    Need("sns:ListSubscriptionsByTopic", TOPIC),
    Need("sns:Subscribe", TOPIC, changes=True),
)
RECORDS: tuple[Need, ...] = (
    Need("route53:ListResourceRecordSets", ZONE),
    Need("route53:ListResourceRecordSetProtections", ZONE),
    Need("route53:GetHostedZone", ZONE),
    Need("route53:ChangeResourceRecordSets", ZONE, changes=True),
    Need("route53:GetChange", "arn:aws:route53:::change/*", changes=True),
)
COMMANDS: Mapping[str, tuple[Need, ...]] = {
    # A command without calls to AWS has ().
    "import": RECORDS,
    "detach": RECORDS,
    "certificate push": (
        Need("secretsmanager:DescribeSecret", KEY),
        Need("secretsmanager:CreateSecret", KEY, changes=True),
        Need("secretsmanager:PutSecretValue", KEY, changes=True),
        Need("secretsmanager:UpdateSecretVersionStage", KEY, changes=True),
    ),
    "certificate show": (
        Need("cloudformation:DescribeStacks", STACKS),
        Need("cloudfront:GetDistributionConfig", DISTRIBUTIONS),
        Need("iam:ListServerCertificates", "*", why_any=LISTS),
        Need("iam:GetServerCertificate", CERTIFICATES),
    ),
    "maintenance on, off": (
        IDENTITY,
        Need("cloudformation:GetTemplate", STACKS),
        Need("s3:ListBucket", SWITCH_BUCKET),
        Need("s3:GetObject", SWITCHES),
        Need("s3:PutObject", SWITCH, changes=True),
        Need("s3:DeleteObject", SWITCH, changes=True),
    ),
    "maintenance status": (
        IDENTITY,
        Need("s3:ListBucket", SWITCH_BUCKET),
        Need("s3:GetObject", SWITCHES),
    ),
    "maintenance schedule, windows, cancel": (
        IDENTITY,
        Need("scheduler:ListSchedules", "*", why_any=LISTS),
        Need("scheduler:CreateSchedule", SCHEDULES, changes=True),
        Need("scheduler:DeleteSchedule", SCHEDULES, changes=True),
        Need("iam:PassRole", "arn:aws:iam::{account}:role/{app}-switch", changes=True, condition=TO_SCHEDULER),
        Need("s3:PutObject", SWITCH, changes=True),
        Need("s3:DeleteObject", SWITCH, changes=True),
    ),
    "preflight": (
        IDENTITY,
        Need("route53:GetHostedZone", ZONE),
        Need("route53:ListResourceRecordSets", ZONE),
        Need("route53:ListResourceRecordSetProtections", ZONE),
        Need("route53:GetHostedZoneLimit", ZONE),
        Need("route53:GetAccountLimit", "*", why_any="it covers the whole account"),
        Need("cloudformation:DescribeStacks", STACKS),
        Need("cloudformation:ListStacks", "*", why_any=LISTS),
        Need("ssm:GetParameter", BOOTSTRAP),
        Need("cloudformation:GetTemplate", STACKS),
        Need("cloudfront:ListDistributions", "*", why_any=LISTS),
        Need("cloudfront:ListDomainConflicts", DISTRIBUTIONS),
        Need("secretsmanager:DescribeSecret", KEY),
        Need("iam:GetAccountSummary", "*", why_any="it covers the whole account"),
        Need("iam:GetRole", "arn:aws:iam::{account}:role/*"),
        Need("iam:SimulatePrincipalPolicy", "arn:aws:iam::{account}:*"),
        Need("servicequotas:ListServiceQuotas", "*", why_any=LISTS),
    ),
    # After a failed check, verify tests whether `repair` would fix it.
    "verify": (
        *(need for need in REPAIR if not need.changes and need.resource != ASSETS),
        Need("cloudformation:ListStacks", "*", why_any=LISTS),
        Need("cloudfront:GetDistribution", DISTRIBUTIONS),
        Need("cloudfront:ListDomainConflicts", DISTRIBUTIONS),
        Need("cloudfront:ListDistributions", "*", why_any=LISTS),
        Need("cloudwatch:GetMetricStatistics", "*", why_any="IAM knows no resource for metrics"),
        Need("iam:GetAccountSummary", "*", why_any="it covers the whole account"),
        Need("iam:GetServerCertificate", CERTIFICATES),
        Need("iam:ListServerCertificates", "*", why_any=LISTS),
        Need("pricingplanmanager:ListSubscriptions", "*", why_any=LISTS),
        Need("route53:GetAccountLimit", "*", why_any="it covers the whole account"),
        Need("route53:GetHealthCheckStatus", HEALTH_CHECKS),
        Need("route53:GetHostedZone", ZONE),
        Need("scheduler:GetSchedule", SCHEDULES),
        Need("scheduler:ListSchedules", "*", why_any=LISTS),
    ),
    "repair": REPAIR,
    "status": (
        IDENTITY,
        Need("cloudformation:DescribeStacks", STACKS),
        Need("cloudfront:GetDistribution", DISTRIBUTIONS),
        Need("cloudfront:ListDistributions", "*", why_any=LISTS),
        Need("cloudwatch:GetMetricStatistics", "*", why_any="IAM knows no resource for metrics"),
        Need("iam:GetServerCertificate", CERTIFICATES),
        Need("iam:ListServerCertificates", "*", why_any=LISTS),
        Need("route53:GetHealthCheckStatus", HEALTH_CHECKS),
        Need("route53:GetHostedZone", ZONE),
        Need("route53:ListHealthChecks", "*", why_any=LISTS),
        Need("route53:ListResourceRecordSets", ZONE),
        Need("s3:GetObject", SWITCHES),
        Need("s3:ListBucket", SWITCH_BUCKET),
        Need("scheduler:ListSchedules", "*", why_any=LISTS),
    ),
    "drill": (
        IDENTITY,
        Need("cloudformation:GetTemplate", STACKS),
        Need("route53:ListResourceRecordSets", ZONE),
        Need("s3:GetObject", SWITCHES),
        Need("s3:ListBucket", SWITCH_BUCKET),
        Need("scheduler:ListSchedules", "*", why_any=LISTS),
        Need("s3:PutObject", SWITCH, changes=True),
        Need("s3:DeleteObject", SWITCH, changes=True),
    ),
    "estimate": (),
    "origin": (),
    "completion": (),
    "init, requirements, roles, rehearse, up, preview, page, docs": (),
    "diff, gate, destroy": (
        Need("cloudformation:GetTemplate", STACKS),
        Need("cloudformation:ListStacks", "*", why_any=LISTS),
    ),
}

DEPLOY_ROLES = (
    "arn:aws:iam::{account}:role/cdk-{qualifier}-deploy-role-{account}-us-east-1",
    "arn:aws:iam::{account}:role/cdk-{qualifier}-file-publishing-role-{account}-us-east-1",
    "arn:aws:iam::{account}:role/cdk-{qualifier}-lookup-role-{account}-us-east-1",
)
"""The roles of `cdk bootstrap`, which every deploy assumes.

https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
"""
DEPLOY: tuple[Need, ...] = tuple(Need("sts:AssumeRole", role, changes=True) for role in DEPLOY_ROLES)
