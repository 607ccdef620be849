"""Access logs: all that is asked writes them into one private bucket, which forgets; without the table nothing does."""

from typing import Any

import pytest

from tests.stacks.templates import Synthesis, Template, replaced, sample_text, synthesise, with_sample_certificate

BUCKET = "AWS::S3::Bucket"
TABLE = "[access_logs]\nkeep_days = 30              # then S3 deletes them: 1 to 3650\n"


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The sample without [access_logs]."""
    folder = with_sample_certificate(tmp_path_factory.mktemp("silent"))
    (folder / "failover.toml").write_text(replaced(sample_text(), TABLE, ""), encoding="utf-8")
    return synthesise(folder / "failover.toml", folder / "cdk.out").maintenance


def _resource(sample: Synthesis, type_: str) -> dict[str, Any]:
    logical_id, _ = sample.maintenance.only(type_, "AccessLogs")
    resource: dict[str, Any] = sample.maintenance.document["Resources"][logical_id]
    return resource


def test_distribution_and_buckets_log_to_the_one_bucket_each_in_its_own_folder(sample: Synthesis) -> None:
    template = sample.maintenance
    logs, _ = template.only(BUCKET, "AccessLogs")
    _, distribution = template.only("AWS::CloudFront::Distribution")
    assert template.resolved(distribution["DistributionConfig"]["Logging"]) == {
        "Bucket": f"<{logs}.RegionalDomainName>",
        "Prefix": "cloudfront/",
        "IncludeCookies": False,
    }
    for bucket, prefix in (("Site", "s3/page/"), ("Switch", "s3/switch/")):
        _, properties = template.only(BUCKET, bucket)
        assert template.resolved(properties["LoggingConfiguration"]) == {
            "DestinationBucketName": f"<{logs}>",
            "LogFilePrefix": prefix,
        }


def test_the_bucket_is_private_encrypted_and_read_by_tls_alone(sample: Synthesis) -> None:
    properties = _resource(sample, BUCKET)["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    # S3's server access logs go to no bucket with another default.
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    statements = _resource(sample, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
    (deny,) = (statement for statement in statements if statement["Effect"] == "Deny")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert deny["Action"] == "s3:*"


def test_cloudfront_is_let_in_by_the_acl_that_it_writes_itself(sample: Synthesis) -> None:
    (rule,) = _resource(sample, BUCKET)["Properties"]["OwnershipControls"]["Rules"]
    assert rule == {"ObjectOwnership": "BucketOwnerPreferred"}, "with BucketOwnerEnforced the deploy fails"


def test_s3_may_write_what_this_account_s_buckets_log_and_nothing_else_is_allowed(sample: Synthesis) -> None:
    template = sample.maintenance
    logs, _ = template.only(BUCKET, "AccessLogs")
    statements = _resource(sample, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert [template.resolved(statement) for statement in statements if statement["Effect"] == "Allow"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"<{logs}.Arn>/s3/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        }
    ]


def test_logs_are_deleted_after_the_days_of_the_settings(sample: Synthesis) -> None:
    assert sample.settings.access_logs
    (rule,) = _resource(sample, BUCKET)["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == sample.settings.access_logs.keep_days == 30
    assert rule["Status"] == "Enabled"
    assert "Prefix" not in rule


@pytest.mark.parametrize("type_", [BUCKET, "AWS::S3::BucketPolicy"])
def test_the_bucket_outlives_its_stack_with_its_policy_but_not_a_first_deploy_that_fails(
    sample: Synthesis, type_: str
) -> None:
    resource = _resource(sample, type_)
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_without_the_table_nothing_logs_and_there_is_no_bucket_for_it(silent: Template) -> None:
    assert [name for name in silent.document["Resources"] if name.startswith("AccessLogs")] == []
    _, distribution = silent.only("AWS::CloudFront::Distribution")
    assert "Logging" not in distribution["DistributionConfig"]
    assert all("LoggingConfiguration" not in resource for resource in silent.of_type(BUCKET).values())


def test_with_or_without_them_everything_else_is_the_same_resource(sample: Synthesis, silent: Template) -> None:
    with_logs = sample.maintenance.document["Resources"].keys()
    assert {name for name in with_logs if not name.startswith("AccessLogs")} == silent.document["Resources"].keys()
