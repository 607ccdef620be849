"""The fail-back hold and the alarms on the deployed chain: what serves hosts, and which alerts operators get."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.looking import all_on, server_named, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound, switch_on_bound
from understudy_failover.operations.sight import OnStage
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import Stage

HOLD_MINUTES = 2
FIRST_EVALUATION_SECONDS = 120
QUIET_SECONDS = 60 * (HOLD_MINUTES + 4)
"""A notice is silent for no longer than this after a maintenance."""


class Alerts:
    """What arrives at a queue that is subscribed to the topic of the app."""

    def __init__(self, stage: Stage) -> None:
        sns, self._sqs = stage.aws.client("sns"), stage.aws.client("sqs")
        (topic,) = (
            topic["TopicArn"] for topic in sns.list_topics()["Topics"] if stage.settings.app in topic["TopicArn"]
        )
        self._url = self._sqs.create_queue(QueueName="told")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        self._subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
        self._sns = sns
        self.messages: list[tuple[str, str]] = []
        """(state, alarm) of each message, the first one first."""
        self.last: dict[str, Any] = {}

    def leave(self) -> None:
        """End the subscription, which is the test's own."""
        self._sns.unsubscribe(SubscriptionArn=self._subscription["SubscriptionArn"])

    def look(self) -> list[tuple[str, str]]:
        """Return all messages of servers and switches so far."""
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                self.last = json.loads(json.loads(message["Body"])["Message"])
                self.messages.append((self.last["NewStateValue"], self.last["AlarmName"].split(" ", 1)[-1]))
        return self.messages


@pytest.fixture(scope="module")
def stage(fast_settings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """With a hold of two minutes, deployed by the real CDK, every alarm evaluated."""
    folder = tmp_path_factory.mktemp("held")
    (folder / "certificates").symlink_to(fast_settings.parent / "certificates")
    text = fast_settings.read_text(encoding="utf-8")
    assert text.count("# failback_hold_minutes = 0 ") == 1
    text = text.replace("# failback_hold_minutes = 0 ", f"failback_hold_minutes = {HOLD_MINUTES} ")
    recipients = '[notifications]\nemails = ["ops@example.net"]\n\n[[zones]]\nname = "example.com"\n'
    assert text.count('[[zones]]\nname = "example.com"\n') == 1
    text = text.replace('[[zones]]\nname = "example.com"\n', recipients)
    (folder / "failover.toml").write_text(text, encoding="utf-8")
    with bootstrapped(folder / "failover.toml") as prepared:
        prepared.cdk.deploy(print)
        prepared.wait_for_health_checks()
        yield prepared


@pytest.fixture(scope="module")
def alerts(stage: Stage) -> Alerts:
    assert wait(stage, FIRST_EVALUATION_SECONDS, lambda: set(_states(stage).values()) == {"OK"})
    return Alerts(stage)


def _states(stage: Stage) -> dict[str, str]:
    """Return every alarm on a server or a switch: its state. Those on certificates have no data here."""
    result = stage.aws.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {
        alarm["AlarmName"]: alarm["StateValue"]
        for alarm in (*result["MetricAlarms"], *result["CompositeAlarms"])
        if alarm.get("MetricName") != "LifetimeLeft"
    }


def _back_seconds(stage: Stage) -> float:
    return failback_bound(server_named(stage, "web").health_check, stage.settings.timing).total_seconds


def _on_page(stage: Stage, seconds: float) -> None:
    assert wait(stage, seconds, lambda: all_on(stage, server_named(stage, "web"), OnStage.PAGE))


def _back(stage: Stage) -> float:
    """Wait until web's hosts are served by their server; return the emulated time."""
    assert wait(stage, _back_seconds(stage), lambda: all_on(stage, server_named(stage, "web"), OnStage.SERVER))
    return stage.aws.clock.now()


def test_an_outage_is_told_once_the_page_stays_for_the_hold_and_the_return_is_told_once(
    stage: Stage, alerts: Alerts
) -> None:
    web = server_named(stage, "web")
    before = len(alerts.look())
    stage.servers["web"].play(Mode.REFUSES)
    _on_page(stage, failover_bound(web.health_check, stage.settings.timing).total_seconds)
    assert wait(stage, FIRST_EVALUATION_SECONDS, lambda: len(alerts.look()) > before)
    assert all_on(stage, server_named(stage, "api"), OnStage.SERVER)
    stage.servers["web"].play(Mode.WELL)
    works = stage.aws.clock.now()
    assert _back(stage) - works > 60 * HOLD_MINUTES
    assert wait(stage, FIRST_EVALUATION_SECONDS, lambda: len(alerts.look()) >= before + 2)
    assert alerts.look()[before:] == [("ALARM", "web down"), ("OK", "web down")]
    assert "understudy-example web" in alerts.last["AlarmDescription"]
    assert alerts.last["StateChangeTime"]


def test_a_server_that_is_down_within_a_maintenance_is_told_to_nobody(stage: Stage, alerts: Alerts) -> None:
    before = len(alerts.look())
    stage.switches().put("web", None)
    _on_page(stage, switch_on_bound(stage.settings.timing).total_seconds)
    clock = stage.aws.clock
    clock.sleep(120)  # until CloudWatch has heard of it
    stage.servers["web"].play(Mode.REFUSES)
    clock.sleep(180)
    stage.servers["web"].play(Mode.WELL)
    clock.sleep(60)
    stage.switches().remove("web")
    off = clock.now()
    # The server was down itself a minute ago: it is held, and for how long is the same.
    assert _back(stage) - off > 60 * (HOLD_MINUTES - 1)
    assert wait(stage, QUIET_SECONDS, lambda: set(_states(stage).values()) == {"OK"})
    assert alerts.look()[before:] == []


def test_a_switch_that_is_on_beyond_its_end_is_told_and_that_it_is_off(stage: Stage, alerts: Alerts) -> None:
    before = len(alerts.look())
    functions = stage.aws.client("lambda").list_functions()["Functions"]
    (monitor,) = (function["FunctionName"] for function in functions if function["FunctionName"].endswith("-monitor"))

    def run() -> dict[str, float]:
        answer = stage.aws.client("lambda").invoke(FunctionName=monitor, Payload=json.dumps({"duty": "switches"}))
        assert "FunctionError" not in answer
        document: dict[str, float] = json.loads(answer["Payload"].read())
        return document

    assert run() == {}
    stage.switches().put("api", datetime.now(UTC) + timedelta(hours=1))
    assert run() == {"api": 0}
    stage.switches().put("api", datetime.now(UTC) - timedelta(hours=1))
    try:
        # MiniStack runs the functions' schedules in real time: here they are called as often as on AWS.
        def overdue() -> bool:
            assert 60 <= run()["api"] <= 70
            return ("ALARM", "maintenance is overdue") in alerts.look()[before:]

        assert wait(stage, 1_200, overdue)
    finally:
        stage.switches().remove("api")
    assert wait(stage, 1_200, lambda: ("OK", "maintenance is overdue") in alerts.look()[before:])
    assert [event for event in alerts.look()[before:] if event[1].endswith("down")] == []


def test_a_deploy_while_a_server_is_held_is_refused_with_the_reason(stage: Stage, alerts: Alerts) -> None:
    web = server_named(stage, "web")
    assert wait(stage, QUIET_SECONDS, lambda: set(_states(stage).values()) == {"OK"})
    stage.servers["web"].play(Mode.REFUSES)
    _on_page(stage, failover_bound(web.health_check, stage.settings.timing).total_seconds)
    assert wait(stage, FIRST_EVALUATION_SECONDS, lambda: alerts.look()[-1] == ("ALARM", "web down"))
    stage.servers["web"].play(Mode.WELL)
    text = stage.settings_path.read_text(encoding="utf-8")
    try:
        # A longer hold is another alarm, over the same outage.
        longer = text.replace(f"failback_hold_minutes = {HOLD_MINUTES} ", "failback_hold_minutes = 30 ")
        stage.settings_path.write_text(longer, encoding="utf-8")
        with pytest.raises(CdkError, match=r"understudy-example web answers, but not yet for 30 min"):
            stage.cdk.deploy(print)
    finally:
        stage.settings_path.write_text(text, encoding="utf-8")
    _back(stage)


def test_a_destroy_leaves_nothing(stage: Stage, alerts: Alerts) -> None:
    alerts.leave()
    stage.cdk.destroy(print)
    assert stage.leftovers() == []
