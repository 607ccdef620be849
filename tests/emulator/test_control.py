import asyncio
import json
from typing import Any

import pytest

from tests.emulator.support import answering, closed_port, fetch, http_response, server, wait_until
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.emulator import Control, EmbeddedAws
from understudy_failover.emulator.control import PREFIX, ControlApplication, ControlError


def answer(body: bytes, *, operation: str = "double", path: str | None = None) -> tuple[int, Any]:
    """Status and JSON of the control API with one operation, `double`; other paths answer 299."""

    async def aws(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(scope["path"]).encode()})

    def double(number: int) -> Any:
        if number < 0:
            raise ValueError("-1 is below 0; write a number above it")
        return number * 2

    sent: list[dict[str, Any]] = []
    parts = iter(
        [
            {"type": "http.request", "body": body[:3], "more_body": True},
            {"type": "http.request", "body": body[3:], "more_body": False},
        ]
    )

    async def receive() -> dict[str, Any]:
        return next(parts)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path or PREFIX + operation}
    asyncio.run(ControlApplication(aws, {"double": double})(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_an_operation_is_answered_with_its_result() -> None:
    assert answer(b'{"number": 21}') == (200, {"result": 42})


def test_an_unknown_operation_is_answered_with_the_known_ones() -> None:
    assert answer(b"{}", operation="nonsense") == (404, {"error": "unknown operation; known are double"})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"number": -1}', "-1 is below 0; write a number above it"),
        (b"{}", "missing 1 required positional argument: 'number'"),
        (b"", "missing 1 required positional argument: 'number'"),
        (b'{"number": "x"}', "not supported"),
        (b"[]", "must be a mapping, not list"),
        (b"not JSON", "Expecting value"),
    ],
)
def test_bad_input_is_answered_with_what_is_wrong(body: bytes, text: str) -> None:
    status, answered = answer(body)
    assert status == 400
    assert text in answered["error"]


@pytest.mark.parametrize("path", ["/", "/2013-04-01/hostedzone", "/_understudy", "/_ministack/health"])
def test_every_other_path_stays_the_aws_apis(path: str) -> None:
    assert answer(b"", path=path) == (299, path)


def test_an_operation_that_does_not_exist_is_a_control_error_with_those_that_do(aws: EmbeddedAws) -> None:
    known = (
        "check-permissions, clear-dns-overrides, clear-faults, create-hosted-zone, cut-edge, cut-region, "
        "flush-resolver, health-checks, let-headers-policies-win, override-dns, plan-fault, restore-edge, "
        "restore-regions, route, set-distribution-status, set-quota, set-zone-features, start-services, "
        "stop-control-planes, stop-services, subscribe, take-alias, unroute"
    )
    with pytest.raises(ControlError, match=rf"^nonsense: unknown operation; known are {known}$"):
        aws.control._call("nonsense")


@pytest.mark.parametrize(
    ("route", "text"),
    [
        ({"to": ("203.0.113.99", 443)}, "only loopback is allowed"),
        ({"to": ("localhost", 443)}, "'localhost' is not an IP address"),
        ({"to": ("127.0.0.1", 0)}, "0 is not a port; allowed are 1 to 65535"),
        ({"address": "www.example.com"}, "'www.example.com' is not an IP address"),
        ({"port": 70_000}, "70000 is not a port"),
    ],
)
def test_a_route_that_cannot_be_is_a_control_error_that_says_why(
    aws: EmbeddedAws, route: dict[str, Any], text: str
) -> None:
    with pytest.raises(ControlError, match=text) as caught:
        aws.control.route(**{"address": "203.0.113.50", "port": 443, "to": ("127.0.0.1", 443), **route})
    assert str(caught.value).startswith("route: ")


def test_a_missing_argument_is_a_control_error_that_names_it(aws: EmbeddedAws) -> None:
    with pytest.raises(ControlError, match=r"^route: .*missing 2 required positional arguments: 'port' and 'to'$"):
        aws.control._call("route", address="203.0.113.50")


def test_an_argument_of_the_wrong_kind_is_a_control_error(aws: EmbeddedAws) -> None:
    with pytest.raises(ControlError, match=r"^create-hosted-zone: "):
        aws.control._call("create-hosted-zone", identifier="Z1", name=5)


def test_an_aws_that_is_not_there_is_a_refused_connection() -> None:
    with closed_port() as (host, port), pytest.raises(ConnectionRefusedError):
        Control(f"http://{host}:{port}", "key").health_checks()


def test_a_route_leads_the_gateway_to_its_target_until_it_is_taken_away(aws: EmbeddedAws) -> None:
    async def scenario() -> list[int]:
        async with server(answering(http_response(200))) as target:

            def statuses() -> list[int]:
                url = "http://203.0.113.51/"
                before = fetch(aws.gateway, url).status
                aws.control.route(address="203.0.113.51", port=80, to=target)
                routed = fetch(aws.gateway, url).status
                aws.control.unroute(address="203.0.113.51", port=80)
                return [before, routed, fetch(aws.gateway, url).status]

            return await asyncio.to_thread(statuses)

    assert asyncio.run(scenario()) == [504, 200, 504]


def test_flushing_makes_the_gateway_ask_anew(aws: EmbeddedAws) -> None:
    route53 = aws.client("route53")
    aws.control.create_hosted_zone(id="Z0CONTROL", name="control.test")

    def point_at(address: str) -> None:
        record = {"Name": "www.control.test.", "Type": "A", "TTL": 172_800, "ResourceRecords": [{"Value": address}]}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
        route53.change_resource_record_sets(HostedZoneId="Z0CONTROL", ChangeBatch={"Changes": changes})

    def read_body() -> str:
        return fetch(aws.gateway, "http://www.control.test/").body.decode()

    point_at("203.0.113.52")
    assert "203.0.113.52" in read_body()
    point_at("203.0.113.53")
    assert "203.0.113.52" in read_body(), "kept for two days"
    aws.control.flush_resolver()
    assert "203.0.113.53" in read_body()


def test_a_health_check_shows_its_status_and_each_checkers_last_probe(aws: EmbeddedAws) -> None:
    route53 = aws.client("route53")
    config = {"Type": "TCP", "IPAddress": "203.0.113.54", "Port": 25, "RequestInterval": 10, "FailureThreshold": 1}
    with closed_port() as refusing:
        aws.control.route(address="203.0.113.54", port=25, to=refusing)
        created = route53.create_health_check(CallerReference="control", HealthCheckConfig=config)
        identifier = created["HealthCheck"]["Id"]

        def checked() -> list[dict[str, Any]]:
            return [
                check
                for check in aws.control.health_checks()
                if check["id"] == identifier and check["healthy"] is not None
            ]

        (check,) = wait_until(checked)
        aws.control.unroute(address="203.0.113.54", port=25)
    route53.delete_health_check(HealthCheckId=identifier)
    assert check["healthy"] is False
    assert [checker["region"] for checker in check["checkers"]] == list(CHECKER_REGIONS)
    assert {checker["healthy"] for checker in check["checkers"]} == {False}
    assert all(checker["reason"].startswith("Failure: ") for checker in check["checkers"])
    assert all(abs(checker["checked_at"] - aws.clock.now()) < 3_600 for checker in check["checkers"])
