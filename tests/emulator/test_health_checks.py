"""AWS::Route53::HealthCheck through CloudFormation, and the API of a health check's status."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.emulator.support import Stack, closed_port, wait_until
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.health_checkers import Observation
from understudy_failover.emulator.health_checks import add_status

CONFIG = {
    "Type": "HTTPS",
    "IPAddress": "203.0.113.10",
    "Port": 8443,
    "FullyQualifiedDomainName": "origin.example.com",
    "ResourcePath": "/health",
    "RequestInterval": 10,
    "FailureThreshold": 1,
    "EnableSNI": True,
}


@pytest.fixture(scope="module")
def route53(aws: EmbeddedAws) -> Any:
    return aws.client("route53")


@pytest.fixture(scope="module")
def cloudformation(aws: EmbeddedAws) -> Any:
    return aws.client("cloudformation")


@pytest.fixture
def stack(cloudformation: Any) -> Iterator[Stack]:
    instance = Stack(cloudformation)
    yield instance
    instance.delete()


def resource(tags: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a template's health check; a change to None takes a member away."""
    config = {name: value for name, value in {**CONFIG, **changes}.items() if value is not None}
    properties: dict[str, Any] = {"HealthCheckConfig": config}
    if tags:
        properties["HealthCheckTags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"Type": "AWS::Route53::HealthCheck", "Properties": properties}


@contextmanager
def refusing(aws: EmbeddedAws, address: str) -> Iterator[None]:
    """A host at `address` that refuses connections to the port of CONFIG."""
    with closed_port() as target:
        aws.control.route(address=address, port=8443, to=target)
        try:
            yield
        finally:
            aws.control.unroute(address=address, port=8443)


def exists(route53: Any, identifier: str) -> bool:
    return identifier in {check["Id"] for check in route53.list_health_checks()["HealthChecks"]}


def tags_of(route53: Any, identifier: str) -> dict[str, str]:
    result = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=identifier)
    return {tag["Key"]: tag["Value"] for tag in result["ResourceTagSet"]["Tags"]}


def test_a_created_health_check_has_the_configuration_and_tags_of_the_template(stack: Stack, route53: Any) -> None:
    assert stack.deploy(Check=resource({"Name": "understudy web"})) == "CREATE_COMPLETE"
    identifier = stack.physical_id("Check")
    check = route53.get_health_check(HealthCheckId=identifier)["HealthCheck"]
    assert check["HealthCheckConfig"] == CONFIG
    assert tags_of(route53, identifier) == {"Name": "understudy web"}


@pytest.mark.parametrize(
    "config",
    [
        {"Type": "CALCULATED", "ChildHealthChecks": ["one", "two"], "HealthThreshold": 2, "Inverted": True},
        {"Type": "TCP", "IPAddress": "203.0.113.10", "Port": 25, "Regions": ["us-east-1", "eu-west-1", "sa-east-1"]},
        {"Type": "HTTPS_STR_MATCH", "IPAddress": "203.0.113.10", "SearchString": "healthy", "Inverted": False},
    ],
    ids=lambda config: config["Type"],
)
def test_a_configuration_of_another_kind_comes_back_as_it_was_given(
    stack: Stack, route53: Any, config: dict[str, Any]
) -> None:
    stack.deploy(Check={"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}})
    check = route53.get_health_check(HealthCheckId=stack.physical_id("Check"))["HealthCheck"]
    assert check["HealthCheckConfig"] == config


@pytest.mark.parametrize("reference", [{"Ref": "Check"}, {"Fn::GetAtt": ["Check", "HealthCheckId"]}], ids=str)
def test_ref_and_get_att_are_the_health_checks_id(stack: Stack, route53: Any, reference: dict[str, Any]) -> None:
    config = {"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [reference]}
    parent = {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}}
    stack.deploy(Check=resource(), Parent=parent)
    check = route53.get_health_check(HealthCheckId=stack.physical_id("Parent"))["HealthCheck"]
    assert check["HealthCheckConfig"]["ChildHealthChecks"] == [stack.physical_id("Check")]


@pytest.mark.parametrize(
    "change",
    [
        {"ResourcePath": "/other"},
        {"IPAddress": "203.0.113.99"},
        {"FailureThreshold": 3},
        {"FullyQualifiedDomainName": "other.example.com"},
        {"Inverted": True},
        {"Port": 443},
    ],
    ids=lambda change: next(iter(change)),
)
def test_most_changes_update_the_health_check_in_place(stack: Stack, route53: Any, change: dict[str, Any]) -> None:
    stack.deploy(Check=resource())
    identifier = stack.physical_id("Check")
    before = route53.get_health_check(HealthCheckId=identifier)["HealthCheck"]
    assert stack.deploy(Check=resource(**change)) == "UPDATE_COMPLETE"
    assert stack.physical_id("Check") == identifier
    after = route53.get_health_check(HealthCheckId=identifier)["HealthCheck"]
    assert after["HealthCheckConfig"] == {**CONFIG, **change}
    assert after["HealthCheckVersion"] == before["HealthCheckVersion"] + 1
    assert after["CallerReference"] == before["CallerReference"]


def test_tags_are_updated_in_place(stack: Stack, route53: Any) -> None:
    stack.deploy(Check=resource({"Name": "web", "stage": "test"}))
    identifier = stack.physical_id("Check")
    stack.deploy(Check=resource({"Name": "renamed"}))
    assert stack.physical_id("Check") == identifier
    assert tags_of(route53, identifier) == {"Name": "renamed"}


@pytest.mark.parametrize(
    "change",
    [{"Type": "HTTP"}, {"RequestInterval": 30}, {"MeasureLatency": True}],
    ids=lambda change: next(iter(change)),
)
def test_a_change_that_route_53_cannot_make_replaces_the_health_check(
    stack: Stack, route53: Any, change: dict[str, Any]
) -> None:
    stack.deploy(Check=resource({"Name": "web"}))
    old = stack.physical_id("Check")
    assert stack.deploy(Check=resource({"Name": "web"}, **change)) == "UPDATE_COMPLETE"
    new = stack.physical_id("Check")
    assert new != old
    assert route53.get_health_check(HealthCheckId=new)["HealthCheck"]["HealthCheckConfig"] == {**CONFIG, **change}
    assert tags_of(route53, new) == {"Name": "web"}
    assert not exists(route53, old), "the clean-up phase has deleted it"


def test_an_update_that_fails_elsewhere_leaves_the_health_check_as_it_was(stack: Stack, route53: Any) -> None:
    stack.deploy(Check=resource())
    identifier = stack.physical_id("Check")
    refused = {
        "Type": "AWS::CloudFront::Distribution",
        "DependsOn": "Check",
        "Properties": {"DistributionConfig": {"Enabled": True, "Aliases": ["www.example.com"]}},
    }
    assert stack.deploy(Check=resource(ResourcePath="/other"), Distribution=refused) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id("Check") == identifier
    assert route53.get_health_check(HealthCheckId=identifier)["HealthCheck"]["HealthCheckConfig"] == CONFIG


def test_a_health_check_is_deleted_with_its_stack(stack: Stack, route53: Any) -> None:
    stack.deploy(Check=resource())
    identifier = stack.physical_id("Check")
    assert exists(route53, identifier)
    assert stack.delete() == "DELETE_COMPLETE"
    assert not exists(route53, identifier)


def test_the_deployed_configuration_is_what_the_checkers_ask(stack: Stack, aws: EmbeddedAws) -> None:
    with refusing(aws, "203.0.113.10"):
        stack.deploy(Check=resource())
        wanted = (stack.physical_id("Check"), False)

        def unhealthy() -> list[dict[str, Any]]:
            return [check for check in aws.control.health_checks() if (check["id"], check["healthy"]) == wanted]

        (result,) = wait_until(unhealthy)
        assert [checker["region"] for checker in result["checkers"]] == list(CHECKER_REGIONS)


# --- GetHealthCheckStatus and GetHealthCheckLastFailureReason


def test_the_status_is_what_each_regions_checker_saw(stack: Stack, route53: Any, aws: EmbeddedAws) -> None:
    with refusing(aws, "203.0.113.11"):
        stack.deploy(Check=resource(IPAddress="203.0.113.11"))
        identifier = stack.physical_id("Check")

        def observations() -> list[dict[str, Any]]:
            answer = route53.get_health_check_status(HealthCheckId=identifier)
            result: list[dict[str, Any]] = answer["HealthCheckObservations"]
            return result if len(result) == len(CHECKER_REGIONS) else []

        match = wait_until(observations)
        assert [checker["Region"] for checker in match] == list(CHECKER_REGIONS)
        assert all(checker["StatusReport"]["Status"].startswith("Failure: ") for checker in match)
        assert all(
            abs(checker["StatusReport"]["CheckedTime"].timestamp() - aws.clock.now()) < 3_600 for checker in match
        )
        reasons = route53.get_health_check_last_failure_reason(HealthCheckId=identifier)["HealthCheckObservations"]
        assert {checker["Region"] for checker in reasons} == set(CHECKER_REGIONS)


@pytest.mark.parametrize("operation", ["get_health_check_status", "get_health_check_last_failure_reason"])
def test_the_status_of_an_unknown_health_check_is_no_such_health_check(route53: Any, operation: str) -> None:
    with pytest.raises(route53.exceptions.NoSuchHealthCheck):
        getattr(route53, operation)(HealthCheckId="00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize("operation", ["get_health_check_status", "get_health_check_last_failure_reason"])
def test_a_new_health_check_has_a_status_from_the_moment_it_exists(stack: Stack, route53: Any, operation: str) -> None:
    stack.deploy(Check=resource())
    answer = getattr(route53, operation)(HealthCheckId=stack.physical_id("Check"))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_last_failure_reasons_are_those_of_the_checkers_that_saw_a_failure() -> None:
    observations = [
        Observation("us-east-1", "192.0.2.10", healthy=True, reason="Success: <200> & fine", checked_at=0),
        Observation("eu-west-1", "192.0.2.11", healthy=False, reason="Failure: <503> & bad", checked_at=1.5),
    ]

    async def never(*_: Any) -> tuple[int, dict[str, str], bytes]:
        raise AssertionError("this is not Route 53's own to answer")

    async def scenario() -> tuple[str, str]:
        handle = add_status(never, lambda _: observations)
        answers = [
            await handle("GET", f"/2013-04-01/healthcheck/one/{what}", {}, b"", {})
            for what in ("status", "lastfailurereason")
        ]
        assert [status for status, _, _ in answers] == [200, 200]
        return answers[0][2].decode(), answers[1][2].decode()

    status, reasons = asyncio.run(scenario())
    assert "Success: &lt;200&gt; &amp; fine" in status
    assert "Failure: &lt;503&gt; &amp; bad" in status
    assert "<CheckedTime>1970-01-01T00:00:01.000Z</CheckedTime>" in status
    assert "Success" not in reasons
    assert "<Region>eu-west-1</Region><IPAddress>192.0.2.11</IPAddress>" in reasons


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/2013-04-01/healthcheck"),
        ("GET", "/2013-04-01/healthcheck/one"),
        ("DELETE", "/2013-04-01/healthcheck/one"),
        ("POST", "/2013-04-01/healthcheck/one/status"),
        ("GET", "/2013-04-01/healthcheck/one/status/more"),
    ],
)
def test_everything_else_stays_route_53s_own(method: str, path: str) -> None:
    async def own(*arguments: Any) -> tuple[int, dict[str, str], bytes]:
        return 299, {}, repr(arguments[:2]).encode()

    def unused(_: str) -> None:
        raise AssertionError("this is not a status")

    async def scenario() -> tuple[int, dict[str, str], bytes]:
        return await add_status(own, unused)(method, path, {}, b"", {})

    assert asyncio.run(scenario()) == (299, {}, repr((method, path)).encode())
