"""Quotas as the APIs of Route 53, IAM, Service Quotas and CloudFront return them."""

import pytest

from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.control import ControlError
from understudy_failover.operations.lookups import domain_conflicts

ZONE = "Z0QUOTASEXAMPLE00001"


def test_route_53_shows_limit_and_count_of_health_checks_and_of_a_zones_records(aws: EmbeddedAws) -> None:
    route53 = aws.client("route53")
    aws.control.create_hosted_zone(id=ZONE, name="quotas.example")
    records = route53.get_hosted_zone_limit(Type="MAX_RRSETS_BY_ZONE", HostedZoneId=ZONE)
    assert (records["Limit"]["Value"], records["Count"]) == (10_000, 2)
    before = route53.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    check = {"Type": "TCP", "IPAddress": "203.0.113.99", "Port": 443}
    identifier = route53.create_health_check(CallerReference="quotas", HealthCheckConfig=check)["HealthCheck"]["Id"]
    after = route53.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    route53.delete_health_check(HealthCheckId=identifier)
    assert (after["Limit"]["Value"], after["Count"]) == (200, before["Count"] + 1)


def test_a_quota_can_be_changed_in_service_quotas(aws: EmbeddedAws) -> None:
    def listed_quotas() -> dict[str, float]:
        quotas = aws.client("service-quotas").list_service_quotas(ServiceCode="cloudfront")["Quotas"]
        return {quota["QuotaName"]: quota["Value"] for quota in quotas}

    aws.control.set_quota("Distributions per AWS account", 3)
    changed = listed_quotas()
    aws.control.set_quota("Distributions per AWS account", 500)
    assert changed["Distributions per AWS account"] == 3
    assert listed_quotas()["Distributions per AWS account"] == 500
    with pytest.raises(ControlError, match="no quota cats; there are health checks"):
        aws.control.set_quota("cats", 1)


def test_iam_shows_how_many_server_certificates_there_are_and_may_be(aws: EmbeddedAws) -> None:
    existing = len(aws.client("iam").list_server_certificates()["ServerCertificateMetadataList"])
    summary = aws.client("iam").get_account_summary()["SummaryMap"]
    assert summary == {"ServerCertificates": existing, "ServerCertificatesQuota": 20}


def test_another_accounts_alias_is_listed_as_a_conflict_with_its_ids_half_hidden(aws: EmbeddedAws) -> None:
    def conflicts() -> list[dict[str, str]]:
        return domain_conflicts(aws.client("cloudfront"), "E1", "www.quotas.example")

    assert conflicts() == []
    aws.control.assign_alias("www.quotas.example", account="444455556666")
    (result,) = conflicts()
    aws.control.assign_alias("www.quotas.example", account="")
    assert (result["Domain"], result["AccountId"]) == ("www.quotas.example", "******556666")
