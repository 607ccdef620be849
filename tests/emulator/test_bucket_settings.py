"""AWS::S3::Bucket through CloudFormation: access logs and lifecycle rules follow the template."""

from typing import Any

import pytest

from tests.emulator.support import Stack
from understudy_failover.emulator import EmbeddedAws


def _bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def _expiring(days: int, **more: Any) -> dict[str, Any]:
    return _bucket(LifecycleConfiguration={"Rules": [{"Status": "Enabled", "ExpirationInDays": days, **more}]})


@pytest.fixture
def stack(aws: EmbeddedAws) -> Stack:
    return Stack(aws.client("cloudformation"))


def test_a_bucket_logs_where_the_template_says_until_it_says_so_no_more(aws: EmbeddedAws, stack: Stack) -> None:
    s3 = aws.client("s3")
    logging = {"DestinationBucketName": {"Ref": "Logs"}, "LogFilePrefix": "s3/page/"}
    assert stack.deploy(Logs=_bucket(), Site=_bucket(LoggingConfiguration=logging)) == "CREATE_COMPLETE"
    site, logs = stack.physical_id("Site"), stack.physical_id("Logs")
    enabled = s3.get_bucket_logging(Bucket=site)["LoggingEnabled"]
    assert (enabled["TargetBucket"], enabled["TargetPrefix"]) == (logs, "s3/page/")
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=logs)
    assert stack.deploy(Logs=_bucket(), Site=_bucket()) == "UPDATE_COMPLETE"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=site)
    assert stack.delete() == "DELETE_COMPLETE"


def test_objects_expire_after_the_days_of_the_template(aws: EmbeddedAws, stack: Stack) -> None:
    s3 = aws.client("s3")
    unfinished = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    assert stack.deploy(Logs=_expiring(30, **unfinished)) == "CREATE_COMPLETE"
    bucket = stack.physical_id("Logs")
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert (rule["Status"], rule["Expiration"]) == ("Enabled", {"Days": 30})
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert stack.deploy(Logs=_expiring(7)) == "UPDATE_COMPLETE"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"] == {"Days": 7}
    assert stack.deploy(Logs=_bucket()) == "UPDATE_COMPLETE"
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_rule_that_is_not_emulated_is_refused(stack: Stack) -> None:
    assert stack.deploy(Logs=_expiring(30, Prefix="one/")) in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
    assert "does not do Prefix of a lifecycle rule" in stack.reasons()
    stack.delete()


def test_a_bucket_that_is_retained_outlives_its_stack(aws: EmbeddedAws, stack: Stack) -> None:
    s3 = aws.client("s3")
    entry = {**_expiring(30), "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    assert stack.deploy(Logs=entry) == "CREATE_COMPLETE"
    bucket = stack.physical_id("Logs")
    assert stack.delete() == "DELETE_COMPLETE"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"] == {"Days": 30}
    s3.delete_bucket(Bucket=bucket)
