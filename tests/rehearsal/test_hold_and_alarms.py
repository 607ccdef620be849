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
from understudy_failover.operations.observation import ServedBy
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.rehearsal.modes import Mode

HOLD_MINUTES = 2
FIRST_EVALUATION_SECONDS = 120
QUIET_SECONDS = 60 * (HOLD_MINUTES + 4)
"""An alert is silent for no longer than this after a maintenance."""


class Alerts:
    """What arrives at a queue that is subscribed to the topic of the app."""

    def __init__(self, bed: RehearsalBed) -> None:
        sns, self._sqs = bed.aws.client("sns"), bed.aws.client("sqs")
        (topic,) = (topic["TopicArn"] for topic in sns.list_topics()["Topics"] if bed.settings.app in topic["TopicArn"])
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

    def events(self) -> list[tuple[str, str]]:
        """Return all messages of servers and switches so far."""
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                self.last = json.loads(json.loads(message["Body"])["Message"])
                self.messages.append((self.last["NewStateValue"], self.last["AlarmName"].split(" ", 1)[-1]))
        return self.messages


@pytest.fixture(scope="module")
def bed(fast_settings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalBed]:
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
def alerts(bed: RehearsalBed) -> Alerts:
    assert wait(bed, FIRST_EVALUATION_SECONDS, lambda: set(_states(bed).values()) == {"OK"})
    return Alerts(bed)


def _states(bed: RehearsalBed) -> dict[str, str]:
    """Return every alarm on a server or a switch: its state. Those on certificates have no data here."""
    result = bed.aws.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {
        alarm["AlarmName"]: alarm["StateValue"]
        for alarm in (*result["MetricAlarms"], *result["CompositeAlarms"])
        if alarm.get("MetricName") != "LifetimeLeft"
    }


def _back_seconds(bed: RehearsalBed) -> float:
    return failback_bound(server_named(bed, "web").health_check, bed.settings.timing).total_seconds


def _on_page(bed: RehearsalBed, seconds: float) -> None:
    assert wait(bed, seconds, lambda: all_on(bed, server_named(bed, "web"), ServedBy.PAGE))


def _back(bed: RehearsalBed) -> float:
    """Wait until web's hosts are served by their server; return the emulated time."""
    assert wait(bed, _back_seconds(bed), lambda: all_on(bed, server_named(bed, "web"), ServedBy.SERVER))
    return bed.aws.clock.now()


def test_an_outage_is_reported_once_the_page_stays_for_the_hold_and_the_return_is_reported_once(
    bed: RehearsalBed, alerts: Alerts
) -> None:
    web = server_named(bed, "web")
    before = len(alerts.events())
    bed.servers["web"].play(Mode.REFUSES)
    _on_page(bed, failover_bound(web.health_check, bed.settings.timing).total_seconds)
    assert wait(bed, FIRST_EVALUATION_SECONDS, lambda: len(alerts.events()) > before)
    assert all_on(bed, server_named(bed, "api"), ServedBy.SERVER)
    bed.servers["web"].play(Mode.WELL)
    works = bed.aws.clock.now()
    assert _back(bed) - works > 60 * HOLD_MINUTES
    assert wait(bed, FIRST_EVALUATION_SECONDS, lambda: len(alerts.events()) >= before + 2)
    assert alerts.events()[before:] == [("ALARM", "web down"), ("OK", "web down")]
    assert "understudy-example web" in alerts.last["AlarmDescription"]
    assert alerts.last["StateChangeTime"]


def test_a_server_that_is_down_within_a_maintenance_is_reported_to_nobody(bed: RehearsalBed, alerts: Alerts) -> None:
    before = len(alerts.events())
    bed.switches().put("web", None)
    _on_page(bed, switch_on_bound(bed.settings.timing).total_seconds)
    clock = bed.aws.clock
    clock.sleep(120)  # until CloudWatch has heard of it
    bed.servers["web"].play(Mode.REFUSES)
    clock.sleep(180)
    bed.servers["web"].play(Mode.WELL)
    clock.sleep(60)
    bed.switches().remove("web")
    off = clock.now()
    # The server was down itself a minute ago: it is held, and for how long is the same.
    assert _back(bed) - off > 60 * (HOLD_MINUTES - 1)
    assert wait(bed, QUIET_SECONDS, lambda: set(_states(bed).values()) == {"OK"})
    assert alerts.events()[before:] == []


def test_a_switch_that_is_on_beyond_its_end_is_reported_and_that_it_is_off(bed: RehearsalBed, alerts: Alerts) -> None:
    before = len(alerts.events())
    functions = bed.aws.client("lambda").list_functions()["Functions"]
    (monitor,) = (function["FunctionName"] for function in functions if function["FunctionName"].endswith("-monitor"))

    def run() -> dict[str, float]:
        answer = bed.aws.client("lambda").invoke(FunctionName=monitor, Payload=json.dumps({"duty": "switches"}))
        assert "FunctionError" not in answer
        document: dict[str, float] = json.loads(answer["Payload"].read())
        return document

    assert run() == {}
    bed.switches().put("api", datetime.now(UTC) + timedelta(hours=1))
    assert run() == {"api": 0}
    bed.switches().put("api", datetime.now(UTC) - timedelta(hours=1))
    try:
        # MiniStack runs the functions' schedules in real time: here they are called as often as on AWS.
        def overdue() -> bool:
            assert 60 <= run()["api"] <= 70
            return ("ALARM", "maintenance is overdue") in alerts.events()[before:]

        assert wait(bed, 1_200, overdue)
    finally:
        bed.switches().remove("api")
    assert wait(bed, 1_200, lambda: ("OK", "maintenance is overdue") in alerts.events()[before:])
    assert [event for event in alerts.events()[before:] if event[1].endswith("down")] == []


def test_a_deploy_while_a_server_is_held_is_refused_with_the_reason(bed: RehearsalBed, alerts: Alerts) -> None:
    web = server_named(bed, "web")
    assert wait(bed, QUIET_SECONDS, lambda: set(_states(bed).values()) == {"OK"})
    bed.servers["web"].play(Mode.REFUSES)
    _on_page(bed, failover_bound(web.health_check, bed.settings.timing).total_seconds)
    assert wait(bed, FIRST_EVALUATION_SECONDS, lambda: alerts.events()[-1] == ("ALARM", "web down"))
    bed.servers["web"].play(Mode.WELL)
    text = bed.settings_path.read_text(encoding="utf-8")
    try:
        # A longer hold is another alarm, over the same outage.
        longer = text.replace(f"failback_hold_minutes = {HOLD_MINUTES} ", "failback_hold_minutes = 30 ")
        bed.settings_path.write_text(longer, encoding="utf-8")
        with pytest.raises(CdkError, match=r"understudy-example web answers, but not yet for 30 min"):
            bed.cdk.deploy(print)
    finally:
        bed.settings_path.write_text(text, encoding="utf-8")
    _back(bed)


def test_a_destroy_leaves_nothing(bed: RehearsalBed, alerts: Alerts) -> None:
    alerts.leave()
    bed.cdk.destroy(print)
    assert bed.leftovers() == []
