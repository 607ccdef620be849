"""Faults on demand, as boto3 meets them."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.emulator.support import Authority, Issued
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.aws_client import REGION
from understudy_failover.emulator.control import ControlError


@pytest.fixture
def parts(authority: Authority) -> Issued:
    return authority.issue("www.example.com")


@pytest.fixture(autouse=True)
def _no_fault_survives(aws: EmbeddedAws) -> Iterator[None]:
    yield
    aws.control.clear_faults()


def client(aws: EmbeddedAws, service: str, **config: Any) -> Any:
    """Without retries, which would hide what is looked at."""
    settings = Config(retries={"total_max_attempts": 1}, **config)
    key, secret = aws.credentials.access_key, aws.credentials.secret_key
    account = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": REGION}
    return boto3.client(service, endpoint_url=aws.endpoint_url, config=settings, **account)


def code(call: Any, **parameters: Any) -> str:
    """Of the error that is answered; empty for success."""
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("throttled", "Throttling"),
        ("server-error", "InternalFailure"),
        ("access-denied", "AccessDenied"),
        ("stale-read", "NoSuchEntity"),
    ],
)
@pytest.mark.parametrize(
    ("service", "call", "operation"),
    [
        ("iam", "list_server_certificates", "ListServerCertificates"),
        ("secretsmanager", "list_secrets", "ListSecrets"),
        ("s3", "list_buckets", "GET /"),
    ],
)
def test_a_planned_fault_meets_the_next_call_alone(  # noqa: PLR0917 (its parameters)
    aws: EmbeddedAws, kind: str, expected: str, service: str, call: str, operation: str
) -> None:
    queries = getattr(client(aws, service), call)
    aws.control.plan_fault(operation=operation, kind=kind)
    assert [code(queries), code(queries)] == [expected, ""]


def test_other_operations_do_not_meet_it(aws: EmbeddedAws) -> None:
    aws.control.plan_fault(operation="ListServerCertificates", kind="access-denied")
    assert code(client(aws, "iam").list_roles) == ""
    assert code(client(aws, "iam").list_server_certificates) == "AccessDenied"


def test_a_fault_can_wait_and_last(aws: EmbeddedAws) -> None:
    queries = client(aws, "iam").list_server_certificates
    aws.control.plan_fault(operation="ListServerCertificates", kind="throttled", skip=1, times=2)
    assert [code(queries) for _ in range(4)] == ["", "Throttling", "Throttling", ""]


@pytest.mark.parametrize(("kind", "happened"), [("no-answer", False), ("lost-answer", True)])
def test_a_call_without_an_answer_has_happened_or_not(
    aws: EmbeddedAws, parts: Issued, kind: str, happened: bool
) -> None:
    iam = client(aws, "iam", read_timeout=1)
    aws.control.plan_fault(operation="UploadServerCertificate", kind=kind)
    with pytest.raises(ReadTimeoutError):
        iam.upload_server_certificate(
            ServerCertificateName="unanswered",
            Path="/cloudfront/faults/",
            CertificateBody=parts.body_pem,
            CertificateChain=parts.chain_pem,
            PrivateKey=parts.private_key_pem,
        )
    assert code(iam.delete_server_certificate, ServerCertificateName="unanswered") == (
        "" if happened else "NoSuchEntity"
    )


def test_a_fault_that_nobody_knows_is_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(ControlError, match="sabotage is no fault; known are throttled, server-error"):
        aws.control.plan_fault(operation="ListRoles", kind="sabotage")


def test_every_call_is_logged_by_name_and_without_its_parameters(aws: EmbeddedAws, parts: Issued) -> None:
    iam = client(aws, "iam")
    iam.upload_server_certificate(
        ServerCertificateName="logged", CertificateBody=parts.body_pem, PrivateKey=parts.private_key_pem
    )
    iam.delete_server_certificate(ServerCertificateName="logged")
    for _ in range(50):
        if "DeleteServerCertificate -> 200" in aws.log():
            break
        time.sleep(0.1)
    assert "POST / UploadServerCertificate -> 200" in aws.log()
    assert not [line for line in parts.private_key_pem.splitlines() if line and line in aws.log()]
