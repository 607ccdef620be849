"""The switch that a drill turns on is off afterwards, or it says loudly that it is not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.operations.switch_outage import ATTEMPTS, StuckSwitchError, SwitchOutage
from understudy_failover.settings import Settings

ENDS_AT = datetime(2026, 11, 25, 3, tzinfo=UTC)
DOWN = EndpointConnectionError(endpoint_url="https://s3")


class FakeS3:
    """One object; `puts` and `removals` are what the next calls of each kind do before or instead of their work."""

    def __init__(self) -> None:
        self.there = False
        self.metadata: dict[str, str] = {}
        self.puts: list[Callable[[], None]] = []
        self.removals: list[Callable[[], None]] = []

    def put_object(self, **arguments: Any) -> None:
        if self.puts:
            self.puts.pop(0)()
        self.there, self.metadata = True, arguments["Metadata"]

    def delete_object(self, **_: Any) -> None:
        if self.removals:
            self.removals.pop(0)()
        self.there = False

    def list_objects_v2(self, **_: Any) -> dict[str, Any]:
        return {"Contents": [{"Key": ".understudy/switch/web", "LastModified": ENDS_AT}] if self.there else []}

    def head_object(self, **_: Any) -> dict[str, Any]:
        if not self.there:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return {"Metadata": self.metadata}


class Lab:
    def __init__(self, settings: Settings) -> None:
        self.s3 = FakeS3()
        self.slept: list[float] = []
        self.web = settings.servers[0]
        switches = Switches(self.s3, settings.app, "111122223333")
        self.outage = SwitchOutage(switches, lambda server: server.name, lambda _: ENDS_AT, sleep=self.slept.append)


@pytest.fixture
def lab(settings: Settings) -> Lab:
    return Lab(settings)


def _fails(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_visitors_are_informed_when_it_ends(lab: Lab) -> None:
    assert lab.outage.begin(lab.web) == "web: switch on"
    assert lab.s3.metadata == {"ends-at": "2026-11-25T03:00:00Z"}
    assert lab.outage.end(lab.web) == "web: switch off"
    assert not lab.s3.there


def test_it_is_tried_again_until_s3_answers(lab: Lab) -> None:
    lab.outage.begin(lab.web)
    lab.s3.removals = [_fails(DOWN)] * (ATTEMPTS - 1)
    lab.outage.end(lab.web)
    assert not lab.s3.there
    assert lab.slept == [2, 4, 6, 8, 10]


def test_a_switch_that_cannot_be_turned_off_is_named_with_the_command_that_does_it(lab: Lab) -> None:
    lab.outage.begin(lab.web)
    lab.s3.removals = [_fails(DOWN)] * ATTEMPTS
    with pytest.raises(StuckSwitchError) as raised:
        lab.outage.end(lab.web)
    assert "web: THE SWITCH MAY STILL BE ON" in str(raised.value)
    assert "understudy maintenance off web --apply" in str(raised.value)
    assert "s3://understudy-example-switch-111122223333/.understudy/switch/web" in str(raised.value)


def test_a_removal_that_removes_nothing_is_noticed(lab: Lab) -> None:
    lab.outage.begin(lab.web)
    lab.s3.delete_object = lambda **_: None  # type: ignore[method-assign]
    with pytest.raises(StuckSwitchError, match="it is still there"):
        lab.outage.end(lab.web)


def test_a_switch_that_was_turned_on_although_the_answer_was_lost_is_turned_off(lab: Lab) -> None:
    def lost() -> None:
        lab.s3.there = True
        raise ReadTimeoutError(endpoint_url="https://s3")

    lab.s3.puts = [lost]
    with pytest.raises(ReadTimeoutError):
        lab.outage.begin(lab.web)
    assert not lab.s3.there


def test_a_switch_that_may_not_be_written_says_what_is_needed(lab: Lab) -> None:
    lab.s3.puts = [_fails(ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"))]
    with pytest.raises(SwitchError, match="access denied; it needs s3:PutObject"):
        lab.outage.begin(lab.web)
