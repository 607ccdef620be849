import http.client
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.aws_client import Credentials
from understudy_failover.emulator.control import PREFIX

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
PATHS = (
    "/",
    "/2013-04-01/hostedzone",
    "/2015-03-31/functions",
    "/2015-03-31/functions/work/invocations",
    "/2020-05-31/distribution",
    "/v1/ListSubscriptions",
    "/bucket",
    "/bucket/key",
    "/_ministack/health",
    "/_ministack/reset",
    "/_ministack/cfn-response/token",
    "/_aws/execute-api/api/stage",
    "/restapis/api/stage/_user_request_/",
    "/health",
    "/no/such/path",
)
OPERATIONS = ("health-checks", "create-hosted-zone", "route", "plan-fault", "no-such-operation")


def status(aws: EmbeddedAws, method: str, path: str, headers: dict[str, str], query: str = "") -> int:
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc, timeout=20)
    try:
        connection.request(method, f"{path}?{query}" if query else path, "{}", headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def signed(access_key: str) -> dict[str, str]:
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/us-east-1/s3/aws4_request"}


def strangers(aws: EmbeddedAws) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield requests that must be refused: a name, headers and query."""
    key = aws.credentials.access_key
    port = urlsplit(aws.endpoint_url).port
    for origin in ("https://other.example", "null", aws.endpoint_url):
        yield f"Origin {origin}", {**signed(key), "Origin": origin}, ""
    for host in (
        "other.example",
        f"other.example:{port}",
        "127.0.0.1",
        f"localhost:{port}",
        f"bucket.127.0.0.1:{port}",
    ):
        yield f"Host {host}", {**signed(key), "Host": host}, ""
    yield "no key", {}, ""
    for other in ("test", "000000000000", "", key[:-1], key.lower(), f"{key}0", Credentials.random().access_key):
        yield f"key {other!r}", signed(other), ""
        yield f"key {other!r} in an old header", {"Authorization": f"AWS {other}:signature"}, ""
        yield f"key {other!r} in the query", {}, f"X-Amz-Credential={other}/20260101/us-east-1/s3/aws4_request"
        yield f"key {other!r} in an old query", {}, f"AWSAccessKeyId={other}&Signature=x&Expires=99999999999"


def test_every_path_refuses_a_foreign_origin_host_and_key(aws: EmbeddedAws) -> None:
    answered = {
        (what, method, path): result
        for path in (*PATHS, *(PREFIX + name for name in OPERATIONS))
        for method in METHODS
        for what, headers, query in strangers(aws)
        if (result := status(aws, method, path, headers, query)) != 403
    }
    assert not answered


def test_a_refused_operation_is_not_carried_out(aws: EmbeddedAws) -> None:
    body = json.dumps({"identifier": "Z0STRANGER", "name": "stranger.example"})
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc, timeout=20)
    connection.request("POST", f"{PREFIX}create-hosted-zone", body)
    assert connection.getresponse().status == 403
    connection.close()
    zones = aws.client("route53").list_hosted_zones()["HostedZones"]
    assert "Z0STRANGER" not in str(zones)


def test_no_answer_of_an_api_allows_a_web_page_to_read_it(aws: EmbeddedAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="cross-origin")
    headers = s3.put_object(Bucket="cross-origin", Key="key", Body=b"")["ResponseMetadata"]["HTTPHeaders"]
    assert [name for name in headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_a_presigned_address_is_answered(aws: EmbeddedAws, signature: str) -> None:
    s3: Any = boto3.client(
        "s3",
        endpoint_url=aws.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=aws.credentials.access_key,
        aws_secret_access_key=aws.credentials.secret_key,
        config=Config(signature_version=signature),
    )
    s3.create_bucket(Bucket="presigned")
    s3.put_object(Bucket="presigned", Key="key", Body=b"content")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "presigned", "Key": "key"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as response:
        assert response.read() == b"content"


def test_a_role_that_the_run_has_assumed_is_answered(aws: EmbeddedAws) -> None:
    """The CDK deploys with roles of its bootstrap."""
    issued = aws.client("sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/deploy", RoleSessionName="deploy")[
        "Credentials"
    ]
    assert (
        status(
            aws,
            "GET",
            "/2013-04-01/hostedzone",
            {"Authorization": f"AWS4-HMAC-SHA256 Credential={issued['AccessKeyId']}/"},
        )
        == 200
    )


def test_the_credentials_of_two_runs_differ_and_cannot_be_guessed() -> None:
    instance, other = Credentials.random(), Credentials.random()
    assert {instance.access_key, instance.secret_key}.isdisjoint({other.access_key, other.secret_key})
    assert re.fullmatch(r"EMBEDDED[0-9A-F]{32}", instance.access_key)
    assert re.fullmatch(r"[0-9a-f]{32}", instance.secret_key)
