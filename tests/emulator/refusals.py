"""Calls that AWS refuses, by boto3, to any emulator: `python -m tests.emulator.refusals ENDPOINT`.

docs/emulators.md has what moto and MiniStack answer; tests/emulator/test_rules_page.py what this project's answers.
"""

import datetime
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.emulator.support import Authority, distribution_config, issued

Client = Callable[[str], Any]
CERTIFICATE, DAY = "rules", datetime.timedelta(days=1)
NAME = "www.rules.test"


def _upload(client: Client, name: str = CERTIFICATE, **parts: str) -> str:
    good = Authority().issue(NAME)
    body = {"CertificateBody": good.body_pem, "CertificateChain": good.chain_pem, "PrivateKey": good.private_key_pem}
    uploaded = client("iam").upload_server_certificate(
        ServerCertificateName=name, Path="/cloudfront/rules/", **(body | parts)
    )
    return str(uploaded["ServerCertificateMetadata"]["ServerCertificateId"])


def foreign_key(client: Client) -> None:
    _upload(client, PrivateKey=Authority().issue(NAME).private_key_pem)


def expired(client: Client) -> None:
    now = datetime.datetime.now(datetime.UTC)
    old = issued(Authority().intermediate.issue_cert(NAME, not_before=now - 9 * DAY, not_after=now - DAY))
    _upload(client, CertificateBody=old.body_pem, CertificateChain=old.chain_pem, PrivateKey=old.private_key_pem)


def chain_out_of_order(client: Client) -> None:
    _upload(client, CertificateChain=Authority().issue(NAME).chain_pem)


def no_certificate(client: Client) -> None:
    _upload(client, CertificateBody="no PEM")


def same_name(client: Client) -> None:
    for _ in range(2):
        _upload(client)


def one_too_many(client: Client) -> None:
    for number in range(21):
        _upload(client, f"{CERTIFICATE}-{number}")


def certificate_in_use(client: Client) -> None:
    config = distribution_config("used.rules.test", certificate_id=_upload(client))
    client("cloudfront").create_distribution(DistributionConfig=config)
    client("iam").delete_server_certificate(ServerCertificateName=CERTIFICATE)


def _records(client: Client, *records: dict[str, Any]) -> None:
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="rules.test", CallerReference=str(datetime.datetime.now(datetime.UTC)))
    for record in records:
        values = record.get("ResourceRecords", [{"Value": "192.0.2.1"}])
        full = {"Name": NAME, "Type": "A", "TTL": 60, **record, "ResourceRecords": values}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": full}]}
        route53.change_resource_record_sets(HostedZoneId=zone["HostedZone"]["Id"], ChangeBatch=batch)


def _half(role: str, identifier: str) -> dict[str, Any]:
    return {"SetIdentifier": identifier, "Failover": role}


def simple_beside_failover(client: Client) -> None:
    _records(client, {}, _half("SECONDARY", "two"))


def two_secondaries(client: Client) -> None:
    _records(client, _half("SECONDARY", "one"), _half("SECONDARY", "two"))


def primary_without_check(client: Client) -> None:
    _records(client, _half("PRIMARY", "one"))


def cname_beside_others(client: Client) -> None:
    _records(client, {}, {"Type": "CNAME", "ResourceRecords": [{"Value": "elsewhere.test"}]})


REFUSALS: dict[str, Callable[[Client], None]] = {
    "a private key of another certificate": foreign_key,
    "an expired certificate": expired,
    "a chain that does not begin with the issuer": chain_out_of_order,
    "a certificate that is no PEM": no_certificate,
    "a second certificate of the same name": same_name,
    "more than 20 certificates": one_too_many,
    "deleting a certificate that a distribution uses": certificate_in_use,
    "a simple record beside a failover record": simple_beside_failover,
    "two records of one failover role": two_secondaries,
    "a non-alias PRIMARY without a health check": primary_without_check,
    "a CNAME beside other records": cname_beside_others,
}
"""By what docs/emulators.md calls it."""


def answer(client: Client, call: Callable[[Client], None]) -> str:
    """Return the code of the refusal; empty where the call is accepted. Removes what it made."""
    try:
        call(client)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    finally:
        for clean in (_clean_cloudfront, _clean_iam, _clean_route53):
            with suppress(ClientError):  # an emulator without the call
                clean(client)
    return ""


def _clean_cloudfront(client: Client) -> None:
    cloudfront = client("cloudfront")
    for distribution in cloudfront.list_distributions()["DistributionList"].get("Items", []):
        result = cloudfront.get_distribution_config(Id=distribution["Id"])
        if result["DistributionConfig"].get("Aliases", {}).get("Items", []) != ["used.rules.test"]:
            continue
        config = {**result["DistributionConfig"], "Enabled": False}
        etag = cloudfront.update_distribution(Id=distribution["Id"], IfMatch=result["ETag"], DistributionConfig=config)[
            "ETag"
        ]
        cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=etag)


def _clean_iam(client: Client) -> None:
    iam = client("iam")
    for certificate in iam.list_server_certificates()["ServerCertificateMetadataList"]:
        if certificate["ServerCertificateName"].startswith(CERTIFICATE):
            iam.delete_server_certificate(ServerCertificateName=certificate["ServerCertificateName"])


def _clean_route53(client: Client) -> None:
    route53 = client("route53")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        if zone["Name"] != "rules.test.":
            continue
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            if record["Type"] not in {"NS", "SOA"}:
                batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
                route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch=batch)
        route53.delete_hosted_zone(Id=zone["Id"])


def main(endpoint_url: str) -> None:
    """Print a line for each call."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    for name, call in REFUSALS.items():
        print(f"{name}: {answer(client, call) or 'accepted'}")


if __name__ == "__main__":
    main(sys.argv[1])
