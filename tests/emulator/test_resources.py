"""What counts as left over after a destroy: found by the public APIs alone."""

import functools
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.emulator.support import Authority, distribution_config
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.resources import resources


def code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("index.py", "def handler(event, context): pass")
    return archive.getvalue()


class Account:
    """An AWS of its own (what other tests leave behind would be found here), with each client made once."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.control = aws.control
        self.client: Callable[[str], Any] = functools.cache(aws.client)

    def resources(self) -> dict[str, list[str]]:
        """Return what exists by kind, without empty kinds."""
        return {kind: names for kind, names in resources(self.client).items() if names}


@pytest.fixture(scope="module")
def aws(processes: None) -> Iterator[Account]:
    with EmbeddedAws() as running:
        yield Account(running)


def test_a_new_aws_has_no_resources(aws: Account) -> None:
    assert aws.resources() == {}


def test_a_hosted_zone_and_its_own_records_and_the_cdks_bootstrap_do_not_count(aws: Account) -> None:
    aws.control.create_hosted_zone(id="Z0LEFT", name="left.test")
    aws.client("s3").create_bucket(Bucket="cdk-hnb659fds-assets-000000000000-us-east-1")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.client("iam").create_role(RoleName="cdk-hnb659fds-deploy-role", AssumeRolePolicyDocument=trust)
    version = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "30"}}
    stack = {"StackName": "CDKToolkit", "TemplateBody": json.dumps({"Resources": {"Version": version}})}
    aws.client("cloudformation").create_stack(**stack)
    assert aws.resources() == {}


def test_everything_else_counts_by_its_name(aws: Account, authority: Authority) -> None:
    parts = authority.issue("left.test")
    aws.client("iam").upload_server_certificate(
        ServerCertificateName="left-certificate", CertificateBody=parts.body_pem, PrivateKey=parts.private_key_pem
    )
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.client("iam").create_role(RoleName="left-role", AssumeRolePolicyDocument=trust)
    aws.client("s3").create_bucket(Bucket="left-bucket")
    aws.client("lambda").create_function(
        FunctionName="left-function",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/left-role",
        Handler="index.handler",
        Code={"ZipFile": code()},
    )
    aws.client("logs").create_log_group(logGroupName="/left/group")
    distribution = aws.client("cloudfront").create_distribution(DistributionConfig=distribution_config())
    check = aws.client("route53").create_health_check(
        CallerReference="left", HealthCheckConfig={"Type": "TCP", "IPAddress": "203.0.113.60", "Port": 25}
    )
    result = aws.resources()
    assert result["server certificates"] == ["left-certificate"]
    assert result["roles"] == ["left-role"]
    assert result["buckets"] == ["left-bucket"]
    assert result["functions"] == ["left-function"]
    assert result["log groups"] == ["/left/group"]
    assert result["distributions"] == [distribution["Distribution"]["Id"]]
    assert result["health checks"] == [check["HealthCheck"]["Id"]]


def test_a_record_set_counts_with_its_type_and_set_identifier(aws: Account) -> None:
    aws.control.create_hosted_zone(id="Z0RECORDS", name="records.test")
    records: list[dict[str, Any]] = [
        {"Name": "a.records.test.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.61"}]},
        {
            "Name": "b.records.test.",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "203.0.113.62"}],
            "SetIdentifier": "secondary",
            "Failover": "SECONDARY",
        },
    ]
    aws.client("route53").change_resource_record_sets(
        HostedZoneId="Z0RECORDS",
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]},
    )
    assert aws.resources()["record sets"] == ["a.records.test. A", "b.records.test. A secondary"]
