"""Who may do what: every role of the stacks and of the pipelines against what it must not reach, as IAM evaluates."""

import json
from typing import Any

import pytest

from tests.iam import ACCOUNT, may, pipeline_roles, stack_roles
from tests.stacks.templates import Synthesis

APP = "understudy-example"
PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "App": APP,
    "Qualifier": "hnb659fds",
    "PrivateKeySecret": "understudy/example/private-key",
    "HostedZoneArns": "arn:aws:route53:::hostedzone/Z0EXAMPLECOM00000001,arn:aws:route53:::hostedzone/Z0EXAMPLEORG",
}
PIPELINES = {"DiffRole", "DeployRole", "WatchRole", "RenewRole"}

Roles = dict[str, list[dict[str, Any]]]


def named(synthesis: Synthesis, begins: str) -> str:
    """A bucket's name as CloudFormation makes it: stack, logical id and twelve characters."""
    logical_id, properties = synthesis.maintenance.only("AWS::S3::Bucket", begins)
    name = synthesis.maintenance.resolved(properties.get("BucketName", f"{APP}-maintenance-{logical_id}-abcdefghijkl"))
    return str(name).lower()


@pytest.fixture(scope="module")
def buckets(sample: Synthesis) -> dict[str, str]:
    """Names by what begins their logical ids."""
    return {begins: named(sample, begins) for begins in ("Site", "Switch", "AccessLogs")}


@pytest.fixture(scope="module")
def roles(sample: Synthesis, buckets: dict[str, str]) -> Roles:
    """Every role that this product makes, with the sample's settings."""
    names: dict[str, str] = {}
    for begins, name in buckets.items():
        logical_id, _ = sample.maintenance.only("AWS::S3::Bucket", begins)
        names |= {f"<{logical_id}.Arn>": f"arn:aws:s3:::{name}", f"<{logical_id}>": name}
    all_roles = {**stack_roles(sample.maintenance, names), **stack_roles(sample.failover, names)}
    assert all_roles.keys().isdisjoint(PIPELINES)
    return {**all_roles, **pipeline_roles(PARAMETERS)}


def who(roles: Roles, action: str, resource: str, keys: dict[str, Any] | None = None) -> set[str]:
    """Names of the roles that may."""
    return {name for name, statements in roles.items() if may(statements, action, resource, keys)}


def test_every_role_is_looked_at(roles: Roles) -> None:
    assert roles.keys() - PIPELINES == {
        "MonitorRunRole",
        "SchedulesRole",
        "ServerCertificateUploadRole",
        "SiteUploadRole",
        "HandoverChangeRole",
    }
    assert roles.keys() >= PIPELINES


def test_each_bucket_is_read_and_written_by_those_who_need_it_alone(roles: Roles, buckets: dict[str, str]) -> None:
    site, switch, logs = (f"arn:aws:s3:::{buckets[name]}" for name in ("Site", "Switch", "AccessLogs"))
    read = {"MonitorRunRole", "SiteUploadRole", "DeployRole", "WatchRole"}
    assert who(roles, "s3:GetObject", f"{site}/web/en.html") == read
    assert who(roles, "s3:ListBucket", site) == read
    assert who(roles, "s3:PutObject", f"{site}/web/en.html") == {"MonitorRunRole", "SiteUploadRole"}
    assert who(roles, "s3:GetObject", f"{switch}/.understudy/switch/web") == read
    for key in (f"{logs}/cloudfront/E1.gz", f"{logs}/s3/page/a"):
        for action in ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject"):
            assert who(roles, f"s3:{action}", key) == set()
    for action in ("ListBucket", "PutBucketPolicy", "PutBucketAcl", "PutLifecycleConfiguration", "DeleteBucket"):
        assert who(roles, f"s3:{action}", logs) == set(), action


def test_another_app_s_buckets_are_nobody_s_business(roles: Roles) -> None:
    for bucket in ("other-switch-111122223333", "other-maintenance-sitebucket978d4aeb-abcdefghijkl", "backups"):
        for action in ("GetObject", "PutObject", "DeleteObject"):
            assert who(roles, f"s3:{action}", f"arn:aws:s3:::{bucket}/.understudy/switch/web") == set()


def test_the_private_key_is_read_by_one_role_and_written_by_one(roles: Roles) -> None:
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:understudy/example/private-key"
    assert who(roles, "secretsmanager:GetSecretValue", f"{secret}-AbCdEf") == {"ServerCertificateUploadRole"}
    assert who(roles, "secretsmanager:PutSecretValue", f"{secret}-AbCdEf") == {"RenewRole"}
    for action in ("GetSecretValue", "PutSecretValue", "DeleteSecret"):
        for other in ("-of-another-app-AbCdEf", "/other-AbCdEf"):
            assert who(roles, f"secretsmanager:{action}", secret + other) == set()


def test_certificates_of_other_apps_are_deleted_by_nobody(roles: Roles) -> None:
    certificates = f"arn:aws:iam::{ACCOUNT}:server-certificate/"
    own = f"cloudfront/{APP}/{APP}-0123456789abcdef"
    assert who(roles, "iam:DeleteServerCertificate", certificates + own) == {"ServerCertificateUploadRole"}
    for other in (
        f"{APP}-production-2026-",
        f"other/{APP}-0123456789abcdef",
        f"cloudfront/other/{APP}-0123456789abcdef",
    ):
        for action in ("Delete", "Tag", "Upload", "Update"):
            assert who(roles, f"iam:{action}ServerCertificate", certificates + other) == set(), other


ZONE = "arn:aws:route53:::hostedzone/Z0EXAMPLECOM00000001"


def _change(**keys: list[str]) -> dict[str, Any]:
    return {f"route53:ChangeResourceRecordSets{name}": values for name, values in keys.items()}


@pytest.mark.parametrize(
    ("keys", "allowed"),
    [
        ({"NormalizedRecordNames": ["www.example.com"], "RecordTypes": ["A"], "Actions": ["CREATE"]}, True),
        ({"NormalizedRecordNames": ["\\052.example.org"], "RecordTypes": ["AAAA"], "Actions": ["DELETE"]}, True),
        (
            {
                "NormalizedRecordNames": ["www.example.com", "mail.example.com"],
                "RecordTypes": ["A"],
                "Actions": ["CREATE"],
            },
            False,
        ),
        ({"NormalizedRecordNames": ["mail.example.com"], "RecordTypes": ["A"], "Actions": ["CREATE"]}, False),
        ({"NormalizedRecordNames": ["*.example.org"], "RecordTypes": ["A"], "Actions": ["CREATE"]}, False),
        ({"NormalizedRecordNames": ["www.example.com"], "RecordTypes": ["MX"], "Actions": ["CREATE"]}, False),
        ({"NormalizedRecordNames": ["www.example.com"], "RecordTypes": ["A"], "Actions": ["UPSERT"]}, False),
        ({"RecordTypes": ["A"], "Actions": ["CREATE"]}, False),
        ({"NormalizedRecordNames": ["www.example.com"], "Actions": ["CREATE"]}, False),
        ({}, False),
    ],
    ids=str,
)
def test_records_of_hosts_alone_are_changed_by_the_deploy(
    roles: Roles, keys: dict[str, list[str]], allowed: bool
) -> None:
    callers = who(roles, "route53:ChangeResourceRecordSets", ZONE, _change(**keys))
    assert callers == ({"HandoverChangeRole"} if allowed else set())


def test_the_renewal_changes_challenges_alone(roles: Roles) -> None:
    challenge = {"NormalizedRecordNames": ["_acme-challenge.www.example.com"], "RecordTypes": ["TXT"]}
    asked = ("route53:ChangeResourceRecordSets", ZONE)
    assert who(roles, *asked, _change(**challenge, Actions=["UPSERT"])) == {"RenewRole"}
    for other in ({"RecordTypes": ["TXT"]}, challenge | {"NormalizedRecordNames": ["example.com"]}, {}):
        assert who(roles, *asked, _change(**other)) == set()


def test_hosts_that_leave_are_still_changed_in_the_deploy_that_takes_them_out(
    sample: Synthesis, extended: Synthesis
) -> None:
    """CloudFormation makes a policy with another logical id before the cutover, and deletes the old one after it."""
    ids = []
    for synthesis in (sample, extended):
        logical_id, policy = synthesis.failover.only("AWS::IAM::Policy")
        ids.append((logical_id, policy["PolicyName"]))
        cutover, _ = synthesis.failover.only("Custom::RecordCutover")
        assert logical_id in synthesis.failover.document["Resources"][cutover]["DependsOn"]
    assert ids[0][0] != ids[1][0]
    assert ids[0][1] != ids[1][1], "a name that stays would be deleted with the old one"


def test_cloudwatch_publishes_alarms_of_this_account_alone(equipped: Synthesis) -> None:
    template = equipped.failover
    expected = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"},
    }
    _, topic = template.only("AWS::SNS::TopicPolicy")
    _, key = template.only("AWS::KMS::Key")
    for document in (topic["PolicyDocument"], key["KeyPolicy"]):
        statements = [
            statement
            for statement in template.resolved(document)["Statement"]
            if "cloudwatch" in json.dumps(statement["Principal"])
        ]
        assert [statement["Condition"] for statement in statements] == [expected]


OF_OTHERS = {
    "s3:GetObject": ("arn:aws:s3:::backups/a", "arn:aws:s3:::other-switch-111122223333/.understudy/switch/web"),
    "s3:PutObject": ("arn:aws:s3:::backups/a", "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1/a"),
    "s3:DeleteObject": ("arn:aws:s3:::backups/a",),
    "s3:PutBucketPolicy": ("arn:aws:s3:::backups", f"arn:aws:s3:::{APP}-switch-{ACCOUNT}"),
    "secretsmanager:GetSecretValue": (f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:other-AbCdEf",),
    "secretsmanager:PutSecretValue": (f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:other-AbCdEf",),
    "iam:DeleteServerCertificate": (f"arn:aws:iam::{ACCOUNT}:server-certificate/cloudfront/other/other-0",),
    "iam:PutRolePolicy": (f"arn:aws:iam::{ACCOUNT}:role/{APP}-switch", f"arn:aws:iam::{ACCOUNT}:role/other"),
    "iam:CreateUser": (f"arn:aws:iam::{ACCOUNT}:user/other",),
    "iam:PassRole": (f"arn:aws:iam::{ACCOUNT}:role/{APP}-switch", f"arn:aws:iam::{ACCOUNT}:role/other"),
    "sts:AssumeRole": (
        f"arn:aws:iam::{ACCOUNT}:role/other",
        "arn:aws:iam::222233334444:role/cdk-hnb659fds-deploy-role",
    ),
    "lambda:UpdateFunctionCode": (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{APP}-monitor",),
    "lambda:InvokeFunction": (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:other",),
    "cloudfront:UpdateDistribution": (f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",),
    "cloudfront:UpdateFunction": (f"arn:aws:cloudfront::{ACCOUNT}:function/{APP}-viewer-request",),
    "route53:ChangeResourceRecordSets": (ZONE, "arn:aws:route53:::hostedzone/Z0OTHER"),
    "scheduler:CreateSchedule": (f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/{APP}/a",),
    "cloudformation:UpdateStack": (f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{APP}-failover/0",),
    "kms:Decrypt": (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0",),
    "dynamodb:GetItem": (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/other",),
}
"""What no statement of ours allows, whichever policy it is in."""


def test_no_statement_by_itself_allows_what_is_of_others(
    sample: Synthesis, extended: Synthesis, equipped: Synthesis
) -> None:
    roles = [
        *pipeline_roles(PARAMETERS).values(),
        *(
            statements
            for synthesis in (sample, extended, equipped)
            for template in (synthesis.maintenance, synthesis.failover)
            for statements in stack_roles(template, {}).values()
        ),
    ]
    statements = [statement for role in roles for statement in role if statement["Effect"] == "Allow"]
    allowed = [
        (action, resource, statement)
        for statement in statements
        for action, resources in OF_OTHERS.items()
        for resource in resources
        if may([statement], action, resource)
    ]
    print(f"{len(statements)} statements, {len(statements) * sum(map(len, OF_OTHERS.values()))} questions")
    assert allowed == []
    assert len(statements) >= 100
