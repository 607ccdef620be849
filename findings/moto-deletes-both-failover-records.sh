#!/usr/bin/env bash
# moto deletes both records of a failover pair for one DELETE without SetIdentifier
#
# Versions: moto 5.2.5, boto3 1.44.8.
# Question: what does moto's Route 53 answer to a DELETE that gives name, type, TTL and address of the PRIMARY, but
#   neither SetIdentifier nor Failover?
# Usual guess: InvalidChangeBatch, and the pair stays, as no record set has exactly these values.
# Seen (2026-11-29): the call succeeds and removes PRIMARY and SECONDARY. A DELETE with a SetIdentifier that no record
#   set has also succeeds and removes nothing.
# Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html, section "Deleting
#   Resource Record Sets" (a deletion has to give all values of the creation).
# For DNS failover: a clean-up tool that passes its tests on moto can be refused by Route 53. Assert the request, too.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'moto[route53]==5.2.5' boto3==1.44.8

venv/bin/python - <<'PYTHON'
import os
import sys

os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

SIMPLE = {"Name": "www.example.com.", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "192.0.2.1"}]}
PRIMARY = SIMPLE | {"SetIdentifier": "server", "Failover": "PRIMARY"}
SECONDARY = SIMPLE | {"SetIdentifier": "standby", "Failover": "SECONDARY", "ResourceRecords": [{"Value": "192.0.2.9"}]}


def delete(record_set: dict) -> tuple[str, list[str]]:
    """Return the outcome of the DELETE on a fresh pair, and the SetIdentifiers that are left."""
    with mock_aws():
        route53 = boto3.client("route53")
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="zone")["HostedZone"]["Id"]

        def change(action: str, *record_sets: dict) -> None:
            changes = [{"Action": action, "ResourceRecordSet": each} for each in record_sets]
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

        change("CREATE", PRIMARY, SECONDARY)
        try:
            change("DELETE", record_set)
            outcome = "success"
        except ClientError as error:
            outcome = error.response["Error"]["Code"]
        listed = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return outcome, sorted(each["SetIdentifier"] for each in listed if each["Type"] == "A")


seen = {
    "exact PRIMARY": delete(PRIMARY),
    "without SetIdentifier": delete(SIMPLE),
    "unknown SetIdentifier": delete(PRIMARY | {"SetIdentifier": "other"}),
}
expected = {
    "exact PRIMARY": ("success", ["standby"]),
    "without SetIdentifier": ("success", []),
    "unknown SetIdentifier": ("success", ["server", "standby"]),
}
for name, (outcome, left) in seen.items():
    print(f"DELETE {name}: {outcome}, left: {left}")
if seen != expected:
    sys.exit(f"CHANGED: expected {expected}")
PYTHON
echo "As recorded: one DELETE without SetIdentifier removes the whole pair."
