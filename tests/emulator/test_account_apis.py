"""APIs of an account that checks use, and MiniStack lacks: aliases of other accounts, limits, plans, a resolver."""

from collections.abc import Iterator
from typing import Any

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from tests.emulator.support import distribution_config
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.control import ControlError
from understudy_failover.operations.lookups import domain_conflicts

ZONE = "Z0RESOLVER0000000001"


@pytest.fixture
def other(aws: EmbeddedAws) -> Iterator[dict[str, Any]]:
    """A distribution with two aliases."""
    cloudfront = aws.client("cloudfront")
    config = distribution_config(bucket="other")
    config["Aliases"] = {"Quantity": 2, "Items": ["blog.example.org", "*.example.net"]}
    distribution = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    yield distribution
    answer = cloudfront.get_distribution(Id=distribution["Id"])
    config = {**answer["Distribution"]["DistributionConfig"], "Enabled": False}
    cloudfront.update_distribution(Id=distribution["Id"], IfMatch=answer["ETag"], DistributionConfig=config)
    etag = cloudfront.get_distribution(Id=distribution["Id"])["ETag"]
    cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=etag)


@pytest.fixture(autouse=True)
def _restore(aws: EmbeddedAws) -> Iterator[None]:
    yield
    aws.control.start_services()
    aws.control.clear_dns_overrides()
    aws.control.subscribe()


def _conflicts(aws: EmbeddedAws, identifier: str, alias: str) -> list[str]:
    return [conflict["Domain"] for conflict in domain_conflicts(aws.client("cloudfront"), identifier, alias)]


def test_aliases_conflict_that_are_the_same_or_covered(aws: EmbeddedAws, other: dict[str, Any]) -> None:
    assert _conflicts(aws, other["Id"], "blog.example.org") == ["blog.example.org"]
    assert _conflicts(aws, other["Id"], "*.example.org") == ["blog.example.org"]
    assert _conflicts(aws, other["Id"], "shop.example.net") == ["*.example.net"]
    assert _conflicts(aws, other["Id"], "www.example.org") == []


def test_ids_of_conflicting_distributions_are_partly_hidden(aws: EmbeddedAws, other: dict[str, Any]) -> None:
    (result,) = domain_conflicts(aws.client("cloudfront"), other["Id"], "blog.example.org")
    assert result["ResourceId"] != other["Id"]
    assert other["Id"].endswith(result["ResourceId"].lstrip("*"))


def test_a_distribution_is_reported_under_way(aws: EmbeddedAws, other: dict[str, Any]) -> None:
    aws.control.set_distribution_status(id=other["Id"], status="InProgress")
    assert aws.client("cloudfront").get_distribution(Id=other["Id"])["Distribution"]["Status"] == "InProgress"


def test_the_limit_of_health_checks_is_reported_with_their_number(aws: EmbeddedAws) -> None:
    route53 = aws.client("route53")
    answer = route53.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    assert answer["Limit"]["Value"] == 200
    assert answer["Count"] == len(route53.list_health_checks()["HealthChecks"])


def test_plans_are_listed_while_there_are_any(aws: EmbeddedAws) -> None:
    plans = aws.client("pricing-plan-manager")
    assert plans.list_subscriptions()["subscriptionSummaries"] == []
    aws.control.subscribe("arn:aws:cloudfront::000000000000:distribution/E1")
    (plan,) = plans.list_subscriptions()["subscriptionSummaries"]
    assert plan["resourceArns"] == ["arn:aws:cloudfront::000000000000:distribution/E1"]
    assert plan["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("route53", "list_hosted_zones"),
        ("cloudfront", "list_distributions"),
        ("iam", "list_roles"),
        ("cloudformation", "describe_stacks"),
        ("lambda", "list_functions"),
        ("scheduler", "list_schedules"),
        ("cloudwatch", "describe_alarms"),
        ("secretsmanager", "list_secrets"),
        ("pricing-plan-manager", "list_subscriptions"),
    ],
)
def test_a_stop_of_the_control_planes_stops_every_one(aws: EmbeddedAws, service: str, operation: str) -> None:
    client = aws.client(service)
    aws.control.stop_control_planes()
    with pytest.raises(client.exceptions.ClientError, match=r"503|ServiceUnavailable"):
        getattr(client, operation)()
    aws.control.start_services()
    getattr(client, operation)()


def test_data_planes_go_on_meanwhile(aws: EmbeddedAws) -> None:
    aws.control.stop_control_planes()
    aws.client("s3").list_buckets()
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"


def _query(aws: EmbeddedAws, name: str, kind: str) -> dns.message.Message:
    host, port = aws.resolver
    return dns.query.udp(dns.message.make_query(f"{name}.", kind), host, port=port, timeout=5)


def test_the_resolver_knows_the_zones_and_says_that_it_resolves(aws: EmbeddedAws) -> None:
    aws.control.create_hosted_zone(id=ZONE, name="resolver.example")
    reply = _query(aws, "resolver.example", "NS")
    assert reply.answer
    assert reply.flags & dns.flags.RA
    assert not reply.flags & dns.flags.AA


def test_dns_is_overridden_on_request_and_only_then(aws: EmbeddedAws) -> None:
    aws.control.override_dns(name="www.lie.example", type="A", values=["203.0.113.99"])
    (answer,) = _query(aws, "www.lie.example", "A").answer
    assert [record.to_text() for record in answer] == ["203.0.113.99"]
    aws.control.clear_dns_overrides()
    assert _query(aws, "www.lie.example", "A").rcode() == dns.rcode.REFUSED


def test_a_lie_that_is_no_record_is_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(ControlError, match="A nonsense"):
        aws.control.override_dns(name="www.lie.example", type="A", values=["nonsense"])
