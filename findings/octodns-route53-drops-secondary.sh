#!/usr/bin/env bash
# octodns-dump of a Route 53 failover pair writes one address and drops the other without a warning
#
# Versions: octodns 1.22.0, octodns-route53 1.3.1, moto 5.2.5, boto3 1.44.8.
# Question: what does octoDNS read from a PRIMARY/SECONDARY pair of A records that it did not create?
# Usual guess: an error or a warning, as the provider gives for traffic policy records.
# Seen (2026-11-29): the dump has one plain A record with the address of the record that comes first in the listing
#   (moto lists in the order of creation). The other address, Failover, SetIdentifier and the health check are lost.
#   No warning names the record. A plan from this dump reports 0 changes. When the SECONDARY comes first, the dump has
#   the standby address alone.
# Source: https://github.com/octodns/octodns-route53 (octodns_route53/provider.py, populate);
#   https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html (Failover, SetIdentifier).
# For DNS failover: do not migrate or back up a failover zone with octodns-dump, and do not trust its "0 changes".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  octodns==1.22.0 octodns-route53==1.3.1 'moto[route53]==5.2.5' boto3==1.44.8

cat > dump.py <<'PYTHON'
import logging
import os
import pathlib
import sys

os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

import boto3
import yaml
from moto import mock_aws
from octodns.manager import Manager

PRIMARY, STANDBY = "192.0.2.1", "192.0.2.9"


class Collector(logging.Handler):
    """The handler that keeps the messages of level WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages = []

    def emit(self, record) -> None:
        self.messages.append(record.getMessage())


def dump(folder: pathlib.Path, first: str) -> tuple[object, list[str], int]:
    """Return the dumped data of www, the warnings that name it, and the number of changes of a plan from the dump."""
    (folder / "zones").mkdir(parents=True)
    configuration = folder / "octodns.yaml"
    configuration.write_text(f"""
providers:
  files: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/zones, enforce_order: false}}
  route53: {{class: octodns_route53.Route53Provider, access_key_id: test, secret_access_key: test}}
zones:
  example.com.: {{sources: [files], targets: [route53]}}
""")
    collector = Collector()
    logging.getLogger().addHandler(collector)
    with mock_aws():
        route53 = boto3.client("route53")
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="zone")["HostedZone"]["Id"]
        check = route53.create_health_check(
            CallerReference="check",
            HealthCheckConfig={"Type": "HTTPS", "Port": 443, "FullyQualifiedDomainName": "www.example.com"},
        )["HealthCheck"]["Id"]
        record = {"Name": "www.example.com.", "Type": "A", "TTL": 30}
        pair = [
            record | {"Failover": "PRIMARY", "ResourceRecords": [{"Value": PRIMARY}], "HealthCheckId": check},
            record | {"Failover": "SECONDARY", "ResourceRecords": [{"Value": STANDBY}]},
        ]
        pair.sort(key=lambda record_set: record_set["Failover"] != first)
        changes = [
            {"Action": "CREATE", "ResourceRecordSet": record_set | {"SetIdentifier": record_set["Failover"].lower()}}
            for record_set in pair
        ]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
        zones = str(folder / "zones")
        Manager(str(configuration)).dump("example.com.", zones, lenient=False, split=False, sources=["route53"])
        planned = Manager(str(configuration)).sync(dry_run=True)
    logging.getLogger().removeHandler(collector)
    data = yaml.safe_load((folder / "zones" / "example.com.yaml").read_text())["www"]
    return data, [message for message in collector.messages if "www" in message], planned


work = pathlib.Path.cwd()
status = 0
for first, kept in (("PRIMARY", PRIMARY), ("SECONDARY", STANDBY)):
    data, warnings, planned = dump(work / first, first)
    print(f"{first} listed first: dump {data}, warnings {warnings}, planned changes {planned}")
    if (data, warnings, planned) != ({"ttl": 30, "type": "A", "value": kept}, [], 0):
        print(f"CHANGED: expected the address {kept} alone, no warning and 0 planned changes", file=sys.stderr)
        status = 1
sys.exit(status)
PYTHON
venv/bin/python dump.py
echo "As recorded: one address of the pair is dropped without a warning."
