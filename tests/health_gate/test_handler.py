"""The gate's handler: what it waits for, what it refuses and in which words, and when it steps aside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.handlers import STACKS, aws_client, load

FILE = STACKS / "health_gate" / "handler" / "health_gate.py"
REGIONS = ["us-east-1", "eu-west-1", "sa-east-1"]
INTERVAL_SECONDS = 10
SUCCESS = "Success: HTTP Status Code 200, OK"
REFUSED = "Failure: Connection refused"
ABSENT = "Failure: HTTP Status Code 503, Service Unavailable"

Status = Callable[[float, int], str | None]
"""What a checker, by its number, sees at a time; None: nothing yet."""


def always(status: str) -> Status:
    return lambda _now, _checker: status


@dataclass
class World:
    """Route 53, CloudFormation, Lambda's context and the clock, all in one."""

    checks: dict[str, Status]
    now: float = 1_000.0
    left_seconds: float = 800.0
    stack_status: str = "CREATE_IN_PROGRESS"
    errors: list[str] = field(default_factory=list)
    """Codes of errors that the next calls raise."""
    asked: list[str] = field(default_factory=list)
    alarms: dict[str, Callable[[float], str | None]] = field(default_factory=dict)
    """Alarm → its state at a time; None: there is no such alarm yet."""

    def client(self, service: str) -> Any:
        assert service in {"route53", "cloudformation", "cloudwatch"}
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 (boto3's own)
        return {"Stacks": [{"StackId": StackName, "StackStatus": self.stack_status}]}

    def describe_alarms(self, AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803
        states = {name: self.alarms[name](self.now) for name in AlarmNames}
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": state} for name, state in states.items() if state]}

    def get_health_check_status(self, HealthCheckId: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(HealthCheckId)
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(0), "Message": ""}}, "GetHealthCheckStatus")
        observations = []
        for number, region in enumerate(REGIONS):
            # Each checker has its own phase, and shows the result of its last turn.
            turn = (self.now - number) // INTERVAL_SECONDS * INTERVAL_SECONDS + number
            status = self.checks[HealthCheckId](turn, number)
            if status is not None:
                report = {"Status": status, "CheckedTime": turn}
                observations.append({"Region": region, "IPAddress": f"192.0.2.{number}", "StatusReport": report})
        return {"HealthCheckObservations": observations}

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.left_seconds -= seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left_seconds * 1_000)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Sends one event to the handler in a world."""
    aws_client()
    handler: Any = load("health_gate_handler", FILE)

    def run(world: World, request: str = "Create", *, accept_outage: str = "false", results: int = 3) -> dict[str, Any]:
        monkeypatch.setattr(handler, "_client", world.client)
        monkeypatch.setattr(handler, "time", SimpleNamespace(sleep=world.sleep))
        checks = [
            {
                "Name": f"example {id_}",
                "HealthCheckId": id_,
                "Asks": f"what {id_} asks",
                "Expects": "none" if id_.startswith("switch") else "answer",
                "Looks": str(results),
                "Regions": REGIONS,
            }
            for id_ in world.checks
        ]
        properties = {"Server": "web", "AcceptOutage": accept_outage, "Checks": checks}
        if world.alarms:
            properties["Alarms"] = [
                {"Name": "example web", "AlarmName": name, "HoldMinutes": "10"} for name in world.alarms
            ]
        event = {"RequestType": request, "StackId": "stack", "ResourceProperties": properties}
        answer: dict[str, Any] = handler.handle(event, world)
        return answer

    return run


Run = Callable[..., dict[str, Any]]


def test_it_opens_when_the_server_answers_and_the_switch_is_off(run: Run) -> None:
    world = World({"web": always(SUCCESS), "switch": always(ABSENT)})
    assert run(world) == {"PhysicalResourceId": "health-gate-web"}


def test_it_waits_for_as_many_new_results_as_turn_a_status(run: Run) -> None:
    for results in (1, 3, 10):
        world = World({"web": always(SUCCESS)})
        run(world, results=results)
        assert (results - 1) * INTERVAL_SECONDS <= world.now - 1_000 <= (results + 1) * INTERVAL_SECONDS


def test_results_of_before_do_not_count(run: Run) -> None:
    # A check that was well until its configuration was changed, a moment ago.
    world = World({"web": lambda at, _: SUCCESS if at < 1_000 else REFUSED})
    with pytest.raises(Exception, match="example web is down"):
        run(world, "Update", results=1)


def test_it_waits_for_every_region_but_not_for_one_that_stays_silent(run: Run) -> None:
    world = World({"web": lambda at, checker: SUCCESS if checker < 2 or at > 1_060 else None})
    run(world)
    assert 1_060 < world.now < 1_100
    world = World({"web": lambda _, checker: SUCCESS if checker < 2 else None})
    run(world)
    assert 1_080 <= world.now < 1_110, "a minute after the two others had their three results"


def test_it_decides_by_the_regions_that_reported_and_names_the_silent_one(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    down = World({"web": lambda _, checker: REFUSED if checker < 2 else None, "switch": always(ABSENT)})
    with pytest.raises(Exception, match=r"web is down .*2 × Failure: Connection refused; no results from sa-east-1\."):
        run(down)
    on = World({"switch": lambda _, checker: SUCCESS if checker < 2 else None})
    with pytest.raises(Exception, match=r"switch is on .*no results from sa-east-1"):
        run(on)
    capsys.readouterr()
    run(World({"web": lambda _, checker: REFUSED if checker < 2 else None}), accept_outage="true")
    assert "example web; no results from sa-east-1" in capsys.readouterr().out


def test_most_regions_must_have_reported(run: Run) -> None:
    world = World({"web": lambda _, checker: SUCCESS if checker < 1 else None})
    with pytest.raises(Exception, match=r"not reported in time.*example web: eu-west-1, sa-east-1"):
        run(world, accept_outage="true")


def test_a_server_that_is_down_is_named_with_what_its_checkers_say(run: Run) -> None:
    world = World({"web": lambda _, checker: REFUSED if checker else "Failure: timed out", "switch": always(ABSENT)})
    with pytest.raises(Exception, match="DNS was not changed") as caught:
        run(world)
    text = str(caught.value)
    assert "example web is down (what web asks): 2 × Failure: Connection refused; 1 × Failure: timed out" in text
    assert "switch" not in text
    assert "accept_outage=true" in text


def test_the_full_stop_of_a_checkers_last_word_is_not_doubled(run: Run) -> None:
    world = World({"web": lambda *_: "Failure: Connection timed out. The endpoint is down."})
    with pytest.raises(Exception, match=r"is down\. DNS was not changed"):
        run(world)


def test_a_switch_that_is_on_is_named(run: Run) -> None:
    with pytest.raises(Exception, match=r"example switch is on \(what switch asks\): 3 × Success"):
        run(World({"web": always(SUCCESS), "switch": always(SUCCESS)}))


def test_more_than_18_percent_of_the_checkers_are_enough_for_a_server(run: Run) -> None:
    run(World({"web": lambda _, checker: REFUSED if checker else SUCCESS}))


def test_and_likewise_for_a_switch_to_be_on(run: Run) -> None:
    with pytest.raises(Exception, match="example switch is on"):
        run(World({"switch": lambda _, checker: ABSENT if checker else SUCCESS}))


def test_an_outage_can_be_accepted_but_not_a_check_that_has_not_reported(run: Run) -> None:
    run(World({"web": always(REFUSED), "switch": always(SUCCESS)}), accept_outage="true")
    with pytest.raises(Exception, match=r"not reported in time.*example web: us-east-1, eu-west-1, sa-east-1"):
        run(World({"web": lambda *_: None}), accept_outage="true")


def test_every_check_that_has_not_reported_is_named(run: Run) -> None:
    silent = World({"web": lambda *_: None, "switch": lambda *_: None})
    with pytest.raises(Exception, match=r"example web: us-east-1, .*; example switch: us-east-1, "):
        run(silent)


def test_it_gives_up_while_there_is_time_to_answer(run: Run) -> None:
    world = World({"web": lambda *_: None})
    with pytest.raises(Exception, match="not reported in time"):
        run(world)
    assert world.left_seconds >= 20


@pytest.mark.parametrize("code", ["NoSuchHealthCheck", "Throttling"])
def test_what_is_not_there_yet_is_asked_for_again(run: Run, code: str) -> None:
    run(World({"web": always(SUCCESS)}, errors=[code] * 3))


def test_an_error_that_waiting_does_not_fix_is_reported_at_once(run: Run) -> None:
    world = World({"web": always(SUCCESS)}, errors=["InvalidInput"])
    with pytest.raises(ClientError, match="InvalidInput"):
        run(world)
    assert world.now == 1_000


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_roll_back_is_never_held_up(run: Run, status: str) -> None:
    world = World({"web": always(REFUSED)}, stack_status=status)
    assert run(world, "Update") == {"PhysicalResourceId": "health-gate-web"}
    assert world.asked == []


def test_deleting_it_asks_nobody(run: Run) -> None:
    world = World({"web": always(REFUSED)}, stack_status="DELETE_IN_PROGRESS")
    assert run(world, "Delete") == {"PhysicalResourceId": "health-gate-web"}
    assert world.asked == []


def test_the_longest_refusal_fits_into_an_answer_to_cloudformation(run: Run) -> None:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html: 4,096 bytes
    world = World({"web": lambda _, checker: f"Failure: {'long reason ' * 40}{checker}", "switch": always(SUCCESS)})
    with pytest.raises(Exception, match="is down") as caught:
        run(world)
    assert len(str(caught.value).encode()) < 3_000


def test_a_server_that_is_being_held_on_the_page_is_named(run: Run) -> None:
    world = World({"web": always(SUCCESS)}, alarms={"down": lambda _: "ALARM"})
    with pytest.raises(Exception, match="DNS was not changed") as caught:
        run(world)
    text = "example web answers, but not yet for 10 min (failback_hold_minutes)"
    assert text in str(caught.value)
    assert run(world, accept_outage="true") == {"PhysicalResourceId": "health-gate-web"}


def test_it_waits_for_the_first_evaluation_of_a_new_alarm(run: Run) -> None:
    for first in ("OK", "ALARM"):
        evaluated = 1_120

        def state(now: float, first: str = first, evaluated: float = evaluated) -> str | None:
            return first if now > evaluated else None if now < 1_060 else "INSUFFICIENT_DATA"

        world = World({"web": always(SUCCESS)}, alarms={"down": state})
        if first == "OK":
            run(world)
        else:
            with pytest.raises(Exception, match="failback_hold_minutes"):
                run(world)
        assert evaluated < world.now < evaluated + 10


@pytest.mark.parametrize("left_seconds", [800.0, 60.0])
def test_an_alarm_that_is_never_evaluated_holds_nobody_and_so_no_deploy(run: Run, left_seconds: float) -> None:
    world = World({"web": always(SUCCESS)}, alarms={"down": lambda _: None}, left_seconds=left_seconds)
    assert run(world) == {"PhysicalResourceId": "health-gate-web"}
    assert world.left_seconds > 10
