"""Outages of AWS itself on demand, and checks of a distribution by its name, which they are played against."""

import json
from collections.abc import Iterator
from typing import Any

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.emulator.support import distribution_config, fetch, wait_until
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.control import ControlError
from understudy_failover.emulator.network import EDGE_IPV4

BUCKET = "outages"
KEY = "switch/web"


@pytest.fixture(scope="module")
def domain_name(aws: EmbeddedAws) -> Iterator[str]:
    """Of a distribution in front of a bucket."""
    s3, cloudfront = aws.client("s3"), aws.client("cloudfront")
    s3.create_bucket(Bucket=BUCKET)
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "outages",
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
    )["OriginAccessControl"]["Id"]
    config = distribution_config(bucket=BUCKET)
    config["Origins"]["Items"][0]["OriginAccessControlId"] = control
    distribution = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}},
    }
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"")
    yield distribution["DomainName"]
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture(autouse=True)
def _restore(aws: EmbeddedAws) -> Iterator[None]:
    yield
    aws.control.start_services()
    aws.control.restore_edge()


@pytest.fixture
def check(aws: EmbeddedAws, domain_name: str) -> Iterator[str]:
    """A health check of the object, by the distribution's own name."""
    route53 = aws.client("route53")
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": domain_name,
        "Port": 443,
        "ResourcePath": f"/{KEY}",
        "EnableSNI": True,
        "RequestInterval": 10,
        "FailureThreshold": 1,
    }
    identifier = route53.create_health_check(CallerReference=domain_name, HealthCheckConfig=config)["HealthCheck"]["Id"]
    yield identifier
    route53.delete_health_check(HealthCheckId=identifier)


def _status(aws: EmbeddedAws, identifier: str) -> dict[str, Any]:
    return next((entry for entry in aws.control.health_checks() if entry["id"] == identifier), {"healthy": None})


def test_a_distribution_is_checked_by_its_own_name_through_the_edge(aws: EmbeddedAws, check: str) -> None:
    wait_until(lambda: _status(aws, check)["healthy"] is True)
    checkers = _status(aws, check)["checkers"]
    assert len(checkers) == len(CHECKER_REGIONS)
    assert {checker["reason"] for checker in checkers} == {"Success: HTTP Status Code 200, OK"}


def test_a_check_by_a_name_that_nobody_has_cannot_resolve_it(aws: EmbeddedAws) -> None:
    route53 = aws.client("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "dnone.cloudfront.net", "FailureThreshold": 1}
    identifier = route53.create_health_check(CallerReference="none", HealthCheckConfig=config)["HealthCheck"]["Id"]
    try:
        wait_until(lambda: _status(aws, identifier)["healthy"] is False)
        (reason,) = {checker["reason"] for checker in _status(aws, identifier)["checkers"]}
        assert reason == "Failure: DNS resolution failed: no IPv4 address of dnone.cloudfront.net"
    finally:
        route53.delete_health_check(HealthCheckId=identifier)


def test_the_gateway_finds_a_distribution_by_its_own_name(aws: EmbeddedAws, domain_name: str) -> None:
    assert fetch(aws.gateway, f"http://{domain_name}/{KEY}").status == 200


def test_the_zones_own_name_server_does_not(aws: EmbeddedAws, domain_name: str) -> None:
    host, port = aws.nameserver
    reply = dns.query.udp(dns.message.make_query(f"{domain_name}.", "A"), host, port=port, timeout=5)
    assert reply.rcode() == dns.rcode.REFUSED


def test_a_stopped_service_answers_503_until_it_is_started(aws: EmbeddedAws) -> None:
    route53 = aws.client("route53")
    aws.control.stop_services("route53", "iam")
    with pytest.raises(route53.exceptions.ClientError, match="ServiceUnavailable"):
        route53.list_hosted_zones()
    assert aws.client("s3").list_buckets()["Buckets"], "the others go on"
    aws.control.start_services()
    route53.list_hosted_zones()


def test_a_service_that_does_not_exist_is_named_and_none_is_stopped(aws: EmbeddedAws) -> None:
    with pytest.raises(ControlError, match="no service rute53; there are "):
        aws.control.stop_services("iam", "rute53")
    aws.client("iam").list_roles()


def test_a_stopped_s3_is_stopped_for_cloudfront_too(aws: EmbeddedAws, check: str) -> None:
    wait_until(lambda: _status(aws, check)["healthy"] is True)
    aws.control.stop_services("s3")
    wait_until(lambda: _status(aws, check)["healthy"] is False)
    aws.control.start_services()
    wait_until(lambda: _status(aws, check)["healthy"] is True)


def test_an_edge_that_is_cut_off_answers_nobody(aws: EmbeddedAws, domain_name: str, check: str) -> None:
    wait_until(lambda: _status(aws, check)["healthy"] is True)
    aws.control.cut_edge()
    wait_until(lambda: _status(aws, check)["healthy"] is False)
    assert fetch(aws.gateway, f"http://{EDGE_IPV4[0]}/").status == 504
    aws.control.restore_edge()
    wait_until(lambda: _status(aws, check)["healthy"] is True)


def test_while_server_and_page_are_both_down_the_server_is_answered(aws: EmbeddedAws, domain_name: str) -> None:
    """The page's check is of type TCP and by the distribution's name, like Understudy's."""
    zone, name, server = "Z0BOTHDOWNEXAMPLE001", "www.both-down.example.", "203.0.113.177"
    aws.control.create_hosted_zone(id=zone, name="both-down.example")
    route53 = aws.client("route53")
    common = {"Type": "TCP", "Port": 443, "RequestInterval": 10, "FailureThreshold": 1}
    created_id = {
        asks: route53.create_health_check(CallerReference=asks, HealthCheckConfig={**common, **where})["HealthCheck"]
        for asks, where in {
            "server": {"IPAddress": server},  # nobody is there
            "page": {"FullyQualifiedDomainName": domain_name},
        }.items()
    }
    pair = {
        "PRIMARY": {"TTL": 30, "ResourceRecords": [{"Value": server}], "HealthCheckId": created_id["server"]["Id"]},
        "SECONDARY": {
            "AliasTarget": {
                "DNSName": domain_name,
                "HostedZoneId": CLOUDFRONT_HOSTED_ZONE_ID,
                "EvaluateTargetHealth": False,
            },
            "HealthCheckId": created_id["page"]["Id"],
        },
    }

    def change(action: str) -> None:
        common = {"Name": name, "Type": "A"}
        sets = [{**common, "SetIdentifier": half, "Failover": half, **record} for half, record in pair.items()]
        changes = [{"Action": action, "ResourceRecordSet": record} for record in sets]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def answered() -> set[str]:
        host, port = aws.nameserver
        reply = dns.query.udp(dns.message.make_query(name, "A"), host, port=port, timeout=5)
        return {str(record) for rrset in reply.answer for record in rrset}

    change("CREATE")
    try:
        wait_until(lambda: answered() == set(EDGE_IPV4))
        aws.control.cut_edge()
        wait_until(lambda: answered() == {server})
        aws.control.restore_edge()
        wait_until(lambda: answered() == set(EDGE_IPV4))
    finally:
        change("DELETE")
        for entry in created_id.values():
            route53.delete_health_check(HealthCheckId=entry["Id"])


def test_route_53_shows_no_status_of_a_calculated_check(aws: EmbeddedAws, check: str) -> None:
    route53 = aws.client("route53")
    config = {"Type": "CALCULATED", "ChildHealthChecks": [check], "HealthThreshold": 1}
    identifier = route53.create_health_check(CallerReference="calculated", HealthCheckConfig=config)["HealthCheck"][
        "Id"
    ]
    try:
        for operation in (route53.get_health_check_status, route53.get_health_check_last_failure_reason):
            with pytest.raises(route53.exceptions.InvalidInput):
                operation(HealthCheckId=identifier)
    finally:
        route53.delete_health_check(HealthCheckId=identifier)
