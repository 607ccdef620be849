"""The stack's own checks, alarms and alerts at work on the embedded AWS: notifications and holds.

Without record sets, gate and functions, whose tests are in tests/rehearsal: CloudFormation makes in a second what is
left, and time runs sixty times as fast.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.support import healthy_server, wait_until
from tests.stacks.conftest import Write
from tests.stacks.templates import Synthesis, replaced, sample_text, with_sample_certificate
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.control import Control

HOLD_MINUTES = 3
RATE = 60
LEFT_OUT = (
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
    "AWS::SNS::Subscription",
    "Custom::HealthGate",
    "Custom::RecordCutover",
)
SWITCHES = {"_all": "203.0.113.90", "web": "203.0.113.91", "api": "203.0.113.92"}
"""Where the switches' checks ask here: somebody answers means that the switch is on."""
EVENT_SECONDS = 20
"""Real ones; longer than everything that is waited for."""


class World:
    """The deployed checks and alarms, and hands to move them."""

    def __init__(self, aws: EmbeddedAws, resources: dict[str, Any], healthy: tuple[str, int]) -> None:
        self.aws = aws
        self._healthy = healthy
        self._control: Control = aws.control
        for address in ("203.0.113.10", "203.0.113.20"):
            self.answers(address)
        cloudformation = aws.client("cloudformation")
        cloudformation.create_stack(StackName="alarms", TemplateBody=json.dumps({"Resources": resources}))
        cloudformation.get_waiter("stack_create_complete").wait(StackName="alarms", WaiterConfig={"Delay": 1})
        stack_resources = cloudformation.describe_stack_resources(StackName="alarms")["StackResources"]
        self.ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in stack_resources}
        sns, self._sqs = aws.client("sns"), aws.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="told")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        (topic,) = (self.ids[id_] for id_, resource in resources.items() if resource["Type"] == "AWS::SNS::Topic")
        wait_until(lambda: set(self.states().values()) == {"OK"}, limit_seconds=EVENT_SECONDS)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self._notified: list[tuple[str, str]] = []

    def answers(self, address: str) -> None:
        self._control.route(address=address, port=80, to=self._healthy)

    def silent(self, address: str) -> None:
        self._control.unroute(address=address, port=80)

    def states(self) -> dict[str, str]:
        """Every alarm that somebody has data for: its state."""
        described = self.aws.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        alarms = (*described["MetricAlarms"], *described["CompositeAlarms"])
        return {
            alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms if alarm.get("MetricName") != "LifetimeLeft"
        }

    def calm(self) -> None:
        """Waits until nothing is the matter."""
        wait_until(lambda: set(self.states().values()) == {"OK"}, limit_seconds=EVENT_SECONDS)
        self.notifications()
        self._notified.clear()

    def notifications(self) -> list[tuple[str, str]]:
        """(state, alarm) of every message since it was calm."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for resource in messages:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=resource["ReceiptHandle"])
                message = json.loads(json.loads(resource["Body"])["Message"])
                self._notified.append(
                    (message["NewStateValue"], message["AlarmName"].removeprefix("understudy-example "))
                )
        return list(self._notified)

    def is_serving(self, logical_id: str) -> bool | None:
        """Whether what the record sets go by is healthy."""
        healthy: dict[str, bool | None] = {check["id"]: check["healthy"] for check in self.aws.control.health_checks()}
        return healthy[self.ids[logical_id]]

    def until(self, logical_id: str, *, healthy: bool) -> float:
        """The emulated time at which it is so."""
        wait_until(lambda: self.is_serving(logical_id) is healthy, limit_seconds=EVENT_SECONDS)
        return self.aws.clock.now()


@pytest.fixture(scope="module")
def with_hold(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with a short hold, and a quick eye."""
    text = replaced(sample_text(), "# failback_hold_minutes = 0 ", f"failback_hold_minutes = {HOLD_MINUTES} ")
    text = replaced(text, '\nprofile = "standard"', '\nprofile = "fast"')
    return write(with_sample_certificate(tmp_path_factory.mktemp("at_work")), text)


@pytest.fixture(scope="module")
def world(with_hold: Synthesis) -> Iterator[World]:
    with healthy_server() as healthy, EmbeddedAws(rate=RATE) as aws:
        yield World(aws, _alone(with_hold.failover.document["Resources"]), healthy)


def _alone(resources: dict[str, Any]) -> dict[str, Any]:
    """What can stand without the other stack, asking over plain HTTP what answers here."""
    kept = {
        id_: {"Type": resource["Type"], "Properties": _without_imports(resource["Properties"])}
        for id_, resource in resources.items()
        if resource["Type"] not in LEFT_OUT
        # Nobody publishes what they look at.
        and not id_.startswith("Monitor")
    }
    for resource in kept.values():
        config = resource["Properties"].get("HealthCheckConfig", {})
        if config.get("Type") in {"HTTP", "HTTPS", "HTTPS_STR_MATCH"}:
            switch = config["ResourcePath"].rpartition("/")[2] if config.get("Inverted") else None
            address = {"IPAddress": SWITCHES[switch]} if switch else {}
            for name in ("EnableSNI", "SearchString"):
                config.pop(name, None)
            config |= {"Type": "HTTP", "Port": 80, "ResourcePath": "/", **address}
    return kept


def _without_imports(value: Any) -> Any:
    if isinstance(value, dict):
        return (
            "elsewhere"
            if "Fn::ImportValue" in value
            else {key: _without_imports(inner) for key, inner in value.items()}
        )
    return [_without_imports(inner) for inner in value] if isinstance(value, list) else value


WEB, API = "203.0.113.10", "203.0.113.20"


@pytest.fixture
def stages(with_hold: Synthesis) -> dict[str, str]:
    """Server → logical id of what its record sets go by."""
    checks = with_hold.failover.of_type("AWS::Route53::HealthCheck").items()
    calculated = [id_ for id_, properties in checks if properties["HealthCheckConfig"]["Type"] == "CALCULATED"]
    return {name: next(id_ for id_ in calculated if name.capitalize() in id_) for name in ("web", "api")}


def test_an_outage_and_its_end_are_one_message_each_and_the_page_stays_for_the_hold(
    world: World, stages: dict[str, str]
) -> None:
    world.calm()
    world.silent(WEB)
    world.until(stages["web"], healthy=False)
    wait_until(world.notifications, limit_seconds=EVENT_SECONDS)
    world.answers(WEB)
    works = world.aws.clock.now()
    assert world.until(stages["web"], healthy=True) - works >= 60 * HOLD_MINUTES
    wait_until(lambda: len(world.notifications()) >= 2, limit_seconds=EVENT_SECONDS)
    world.aws.clock.sleep(180)
    assert world.notifications() == [("ALARM", "web down"), ("OK", "web down")]
    assert world.is_serving(stages["api"])


def test_a_maintenance_is_reported_to_nobody_even_if_the_server_is_down_in_it(
    world: World, stages: dict[str, str]
) -> None:
    world.calm()
    for switch in ("web", "_all"):
        world.answers(SWITCHES[switch])
        world.until(stages["web"], healthy=False)
        # Until CloudWatch has heard of it: who stops the server in the same minute may be told.
        world.aws.clock.sleep(120)
        world.silent(WEB)
        world.aws.clock.sleep(300)
        world.answers(WEB)
        world.aws.clock.sleep(60)
        world.silent(SWITCHES[switch])
        world.until(stages["web"], healthy=True)
        wait_until(lambda: set(world.states().values()) == {"OK"}, limit_seconds=EVENT_SECONDS)
    assert world.notifications() == []


def test_an_outage_that_outlasts_the_maintenance_is_reported_after_it(world: World, stages: dict[str, str]) -> None:
    world.calm()
    world.answers(SWITCHES["web"])
    world.until(stages["web"], healthy=False)
    world.aws.clock.sleep(120)
    world.silent(WEB)
    world.aws.clock.sleep(240)
    assert world.notifications() == []
    world.silent(SWITCHES["web"])
    wait_until(lambda: world.notifications() == [("ALARM", "web down")], limit_seconds=EVENT_SECONDS)
    world.answers(WEB)
    world.until(stages["web"], healthy=True)


def test_turning_a_switch_off_brings_clients_back_at_once_where_the_server_worked(
    world: World, stages: dict[str, str]
) -> None:
    world.calm()
    world.answers(SWITCHES["api"])
    world.until(stages["api"], healthy=False)
    (hold,) = (id_ for id_ in world.ids if id_.startswith("HoldApi"))
    for _ in range(6):
        world.aws.clock.sleep(30)
        assert world.is_serving(hold), "nothing to hold: the server worked all the while"
    world.silent(SWITCHES["api"])
    world.until(stages["api"], healthy=True)
    assert world.notifications() == []


def test_a_destroy_takes_every_alarm_along(world: World) -> None:
    cloudformation = world.aws.client("cloudformation")
    cloudformation.delete_stack(StackName="alarms")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="alarms", WaiterConfig={"Delay": 1})
    left = world.aws.resources()
    assert {kind: left[kind] for kind in ("alarms", "composite alarms", "dashboards", "topics", "health checks")} == {
        "alarms": [],
        "composite alarms": [],
        "dashboards": [],
        "topics": [],
        "health checks": [],
    }
