"""CloudWatch in the embedded AWS: health check metrics arrive, alarms follow them, and health checks follow alarms."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulator.support import healthy_server, wait_until
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.health_metrics import readings
from understudy_failover.emulator.model import HealthCheck

ADDRESS = "203.0.113.77"
ALARM = {
    "Namespace": "AWS/Route53",
    "MetricName": "HealthCheckStatus",
    "Statistic": "Minimum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "notBreaching",
}
Post = dict[str, Any]


@pytest.fixture
def healthy() -> Iterator[tuple[str, int]]:
    """The address of a server that answers health checks."""
    with healthy_server() as address:
        yield address


@pytest.fixture
def check(aws: EmbeddedAws, healthy: tuple[str, int]) -> Iterator[str]:
    """A health check of a healthy server."""
    aws.control.route(address=ADDRESS, port=80, to=healthy)
    config = {
        "Type": "HTTP",
        "IPAddress": ADDRESS,
        "Port": 80,
        "RequestInterval": 10,
        "FailureThreshold": 1,
        "MeasureLatency": True,
    }
    with _create_check(aws, config) as identifier:
        yield identifier
    aws.control.unroute(address=ADDRESS, port=80)


@contextmanager
def _create_check(aws: EmbeddedAws, config: dict[str, Any]) -> Iterator[str]:
    route53 = aws.client("route53")
    identifier = route53.create_health_check(CallerReference=str(uuid.uuid4()), HealthCheckConfig=config)
    yield identifier["HealthCheck"]["Id"]
    route53.delete_health_check(HealthCheckId=identifier["HealthCheck"]["Id"])


@pytest.fixture
def alarm(aws: EmbeddedAws, check: str) -> Iterator[str]:
    """An alarm on the check's status, `down <id>`, and its name."""
    cloudwatch = aws.client("cloudwatch")
    name = f"down {check}"
    cloudwatch.put_metric_alarm(AlarmName=name, Dimensions=[{"Name": "HealthCheckId", "Value": check}], **ALARM)
    yield name
    cloudwatch.delete_alarms(AlarmNames=[name])


@pytest.fixture
def topic(aws: EmbeddedAws) -> Iterator[tuple[str, Callable[[], list[Post]]]]:
    """Yield a topic, and a function that returns new messages to it."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    arn = sns.create_topic(Name=f"told-{uuid.uuid4()}")["TopicArn"]
    url = sqs.create_queue(QueueName=f"told-{uuid.uuid4()}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)

    def receive_messages() -> list[Post]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for entry in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=entry["ReceiptHandle"])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]

    yield arn, receive_messages
    sns.delete_topic(TopicArn=arn)
    sqs.delete_queue(QueueUrl=url)


def _state(aws: EmbeddedAws, name: str) -> str:
    (result,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(result["StateValue"])


def _minimum(aws: EmbeddedAws, metric: str, check: str, **more: str) -> list[float]:
    now = datetime.fromtimestamp(aws.clock.now(), UTC)
    dimensions = {"HealthCheckId": check, **more}
    datapoints = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Route53",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=6),
        EndTime=now,
        Period=60,
        Statistics=["Minimum"],
    )["Datapoints"]
    return [entry["Minimum"] for entry in sorted(datapoints, key=lambda point: point["Timestamp"])]


def _healthy(aws: EmbeddedAws, check: str) -> bool | None:
    return {entry["id"]: entry["healthy"] for entry in aws.control.health_checks()}.get(check)


def test_the_metrics_of_a_health_check_arrive_once_a_minute(aws: EmbeddedAws, check: str) -> None:
    began = aws.clock.now()
    wait_until(lambda: len(_minimum(aws, "HealthCheckStatus", check)) >= 3)
    result = len(_minimum(aws, "HealthCheckStatus", check))
    assert result <= (aws.clock.now() - began) // 60 + 2
    assert _minimum(aws, "HealthCheckStatus", check)[-1] == 1
    assert _minimum(aws, "HealthCheckPercentageHealthy", check)[-1] == 100
    # Where the machine is busy the emulated clock may stand still while a server answers; not for ever.
    wait_until(
        lambda: all(max(_minimum(aws, "TimeToFirstByte", check, Region=region)) > 0 for region in CHECKER_REGIONS)
    )
    wait_until(lambda: max(_minimum(aws, "ConnectionTime", check)) > 0)


def test_an_alarm_follows_the_status_notifies_a_topic_both_ways_and_a_check_follows_it(
    aws: EmbeddedAws, check: str, healthy: tuple[str, int], topic: tuple[str, Callable[[], list[Post]]]
) -> None:
    arn, subscription = topic
    cloudwatch, route53, name = aws.client("cloudwatch"), aws.client("route53"), f"told {check}"
    dimensions = [{"Name": "HealthCheckId", "Value": check}]
    cloudwatch.put_metric_alarm(AlarmName=name, Dimensions=dimensions, AlarmActions=[arn], OKActions=[arn], **ALARM)
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "us-east-1", "Name": name},
        "InsufficientDataHealthStatus": "Healthy",
    }
    following = route53.create_health_check(CallerReference=name, HealthCheckConfig=config)["HealthCheck"]["Id"]
    try:
        wait_until(lambda: _state(aws, name) == "OK")
        wait_until(lambda: _healthy(aws, following))
        subscription()
        aws.control.unroute(address=ADDRESS, port=80)
        wait_until(lambda: _state(aws, name) == "ALARM")
        wait_until(lambda: _healthy(aws, following) is False)
        aws.control.route(address=ADDRESS, port=80, to=healthy)
        wait_until(lambda: _state(aws, name) == "OK")
        wait_until(lambda: _healthy(aws, following))
        observations: list[Post] = []

        def two() -> bool:
            observations.extend(subscription())
            return len(observations) >= 2

        wait_until(two)
        assert [(change["AlarmName"], change["NewStateValue"]) for change in observations] == [
            (name, "ALARM"),
            (name, "OK"),
        ]
    finally:
        route53.delete_health_check(HealthCheckId=following)
        cloudwatch.delete_alarms(AlarmNames=[name])


def test_setting_an_alarms_state_moves_no_health_check(aws: EmbeddedAws, check: str, alarm: str) -> None:
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "us-east-1", "Name": alarm},
        "InsufficientDataHealthStatus": "Healthy",
    }
    with _create_check(aws, config) as following:
        wait_until(lambda: _state(aws, alarm) == "OK")
        aws.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="by hand")
        assert _healthy(aws, following)


@pytest.mark.parametrize(("status", "healthy"), [("Healthy", True), ("Unhealthy", False), ("LastKnownStatus", None)])
def test_without_data_a_check_is_what_its_setting_says(aws: EmbeddedAws, status: str, healthy: bool | None) -> None:
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "us-east-1", "Name": "nobody made it"},
        "InsufficientDataHealthStatus": status,
    }
    with _create_check(aws, config) as check:
        wait_until(lambda: check in {entry["id"] for entry in aws.control.health_checks()})
        assert _healthy(aws, check) is healthy


def test_a_composite_alarm_follows_its_parts(aws: EmbeddedAws, check: str, alarm: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName=f"all {check}", AlarmRule=f'ALARM("{alarm}")')

    def composite() -> str:
        (result,) = cloudwatch.describe_alarms(AlarmNames=[f"all {check}"], AlarmTypes=["CompositeAlarm"])[
            "CompositeAlarms"
        ]
        return str(result["StateValue"])

    try:
        wait_until(lambda: _state(aws, alarm) == "OK" and composite() == "OK")
        aws.control.unroute(address=ADDRESS, port=80)
        wait_until(lambda: composite() == "ALARM")
    finally:
        cloudwatch.delete_alarms(AlarmNames=[f"all {check}"])


def test_a_percentage_is_of_the_checkers_that_have_a_verdict_and_before_any_inversion() -> None:
    check = HealthCheck("switch", "HTTPS", inverted=True)
    result = {
        reading.metric.name: reading.value
        for reading in readings(check, healthy=True, verdicts=[False, False, True, None])
    }
    assert result == {"HealthCheckStatus": 1.0, "HealthCheckPercentageHealthy": pytest.approx(100 / 3)}


def test_a_calculated_check_shows_how_many_of_its_children_are_healthy() -> None:
    check = HealthCheck("web", "CALCULATED", child_health_checks=("a", "b", "c"), health_threshold=3)
    result = {
        reading.metric.name: reading.value for reading in readings(check, healthy=False, children=[True, False, True])
    }
    assert result == {"HealthCheckStatus": 0.0, "ChildHealthCheckHealthyCount": 2.0}
