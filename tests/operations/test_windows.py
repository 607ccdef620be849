"""`maintenance schedule`, `windows` and `cancel`: pairs of schedules that merge, end, and leave nothing."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from understudy_failover import cli as entry
from understudy_failover.operations import aws
from understudy_failover.operations.finding import Finding
from understudy_failover.operations.verify import switches
from understudy_failover.operations.windows import Window, merged

ACCOUNT = "111122223333"
BASE = datetime(2036, 6, 1, tzinfo=UTC)
HOURS = st.integers(0, 40)
WINDOWS = st.lists(
    st.builds(
        lambda server, start, length: Window(_at(start), _at(start + length), server),
        st.sampled_from(["web", "api"]),
        HOURS,
        st.integers(1, 5),
    ),
    max_size=12,
)


PUT, DELETE = (f"arn:aws:scheduler:::aws-sdk:s3:{call}Object" for call in ("put", "delete"))


def _at(hours: float) -> datetime:
    return BASE + timedelta(hours=hours)


class FakeScheduler:
    """The three calls that are made, on one group, and time that moves as the test says."""

    class exceptions:  # noqa: N801 (boto3's own)
        class ConflictException(Exception): ...  # noqa: N818

        class ResourceNotFoundException(Exception): ...  # noqa: N818

    def __init__(self) -> None:
        self.schedules: dict[str, dict[str, Any]] = {}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_schedules"
        return self

    def paginate(self, GroupName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert GroupName == "understudy-example"
        for name in sorted(self.schedules):
            yield {"Schedules": [{"Name": name, "Target": {"Arn": self.schedules[name]["Target"]["Arn"]}}]}

    def create_schedule(self, **arguments: Any) -> None:
        assert re.fullmatch(r"[0-9a-zA-Z-_.]{1,64}", arguments["Name"])
        if arguments["Name"] in self.schedules:
            raise self.exceptions.ConflictException
        self.schedules[arguments["Name"]] = arguments

    def get_schedule(self, GroupName: str, Name: str) -> dict[str, Any]:  # noqa: N803
        if Name not in self.schedules:
            raise self.exceptions.ResourceNotFoundException
        service = {
            "Arn": f"arn:of/{GroupName}/{Name}",
            "CreationDate": BASE,
            "ResponseMetadata": {},
            "State": "ENABLED",
        }
        return {**service, "Description": "", **self.schedules[Name]}

    def delete_schedule(self, GroupName: str, Name: str) -> None:  # noqa: N803
        if self.schedules.pop(Name, None) is None:
            raise self.exceptions.ResourceNotFoundException


class FakeS3:
    """Notes what is written."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, str]]] = []

    def put_object(self, **arguments: Any) -> None:
        self.calls.append(("put", arguments["Key"], arguments["Metadata"]))

    def delete_object(self, **arguments: Any) -> None:
        self.calls.append(("delete", arguments["Key"], {}))


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> FakeScheduler:
    """An account with Scheduler and S3."""
    fake = FakeScheduler()
    services: dict[str, Any] = {"scheduler": fake, "s3": FakeS3()}
    monkeypatch.setattr(
        aws, "boto3", SimpleNamespace(DEFAULT_SESSION="", client=lambda service, **_: services[service])
    )
    return fake


Run = Callable[..., int]


@pytest.fixture
def run(root: Path, scheduler: FakeScheduler) -> Run:
    """The command on the shipped sample."""

    def run(action: str, *words: str) -> int:
        settings = ["--settings", str(root / "tests/sample/failover.toml")]
        return entry.main([*settings, "maintenance", action, *words, "--account", ACCOUNT])

    return run


def _window(start: float, end: float) -> list[str]:
    return ["--from", _at(start).isoformat(), "--to", _at(end).isoformat()]


def _names(scheduler: FakeScheduler) -> list[str]:
    return sorted(scheduler.schedules)


def test_a_window_is_two_schedules_that_write_and_remove_the_object_and_delete_themselves(
    run: Run, scheduler: FakeScheduler
) -> None:
    assert run("schedule", "web", *_window(2, 4), "--apply") == 0
    assert _names(scheduler) == ["web.203606010200.203606010400.off", "web.203606010200.203606010400.on"]
    off, on = (scheduler.schedules[name] for name in _names(scheduler))
    where = {
        "Bucket": f"understudy-example-switch-{ACCOUNT}",
        "Key": ".understudy/switch/web",
        "ExpectedBucketOwner": ACCOUNT,
    }
    assert (on["ScheduleExpression"], off["ScheduleExpression"]) == (
        "at(2036-06-01T02:00:00)",
        "at(2036-06-01T04:00:00)",
    )
    assert on["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:s3:putObject"
    assert off["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:s3:deleteObject"
    assert json.loads(on["Target"]["Input"]) == {**where, "Metadata": {"ends-at": "2036-06-01T04:00:00Z"}}
    assert json.loads(off["Target"]["Input"]) == where
    for schedule in (on, off):
        assert schedule["ScheduleExpressionTimezone"] == "UTC"
        assert schedule["ActionAfterCompletion"] == "DELETE"
        assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert schedule["Target"]["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/understudy-example-switch"
    # A switch that comes late must not come after its own end.
    assert on["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 2 * 3_600


def test_without_apply_nothing_is_made(run: Run, scheduler: FakeScheduler, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schedule", "web", *_window(2, 4)) == 0
    assert scheduler.schedules == {}
    assert "would schedule web from 2036-06-01T02:00:00Z to 2036-06-01T04:00:00Z" in capsys.readouterr().err


def test_a_zone_of_the_operator_is_reported_in_utc_across_a_change_of_clocks(
    run: Run, scheduler: FakeScheduler
) -> None:
    words = ["--from", "2036-10-25T23:00", "--to", "2036-10-26T04:00", "--zone", "Europe/Rome"]
    assert run("schedule", "web", *words, "--apply") == 0
    # Five hours by the wall clock, six by any other.
    assert _names(scheduler)[0] == "web.203610252100.203610260300.off"


def test_windows_that_meet_become_one(run: Run, scheduler: FakeScheduler, capsys: pytest.CaptureFixture[str]) -> None:
    run("schedule", "web", *_window(2, 4), "--apply")
    run("schedule", "web", *_window(8, 9), "--apply")
    run("schedule", "api", *_window(3, 5), "--apply")
    run("schedule", "web", *_window(4, 8), "--apply")
    capsys.readouterr()
    assert run("windows", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "windows": [
            {"server": "web", "from": "2036-06-01T02:00:00Z", "to": "2036-06-01T09:00:00Z"},
            {"server": "api", "from": "2036-06-01T03:00:00Z", "to": "2036-06-01T05:00:00Z"},
        ]
    }
    assert len(scheduler.schedules) == 4


def test_the_same_window_again_is_no_change(run: Run, scheduler: FakeScheduler) -> None:
    run("schedule", "web", *_window(2, 4), "--apply")
    before = dict(scheduler.schedules)
    assert run("schedule", "web", *_window(2.5, 3), "--apply") == 0
    assert scheduler.schedules == before


def test_a_window_that_has_begun_is_prolonged_and_shows_its_new_end(run: Run, scheduler: FakeScheduler) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    begun = Window(now - timedelta(hours=1), now + timedelta(hours=1), "web")
    scheduler.schedules[begun.name("off")] = {"Target": {"Arn": DELETE}}
    start, end = now + timedelta(minutes=30), now + timedelta(hours=3)
    assert run("schedule", "web", "--from", start.isoformat(), "--to", end.isoformat(), "--apply") == 0
    assert _names(scheduler) == [Window(begun.start, end, "web").name("off")], "it need not be turned on again"
    s3 = aws.client("s3")
    assert s3.calls == [("put", ".understudy/switch/web", {"ends-at": end.strftime("%Y-%m-%dT%H:%M:%SZ")})]


def test_cancel_deletes_a_servers_windows_or_the_one_that_begins_then(run: Run, scheduler: FakeScheduler) -> None:
    for server in ("web", "api"):
        run("schedule", server, *_window(2, 4), "--apply")
    run("schedule", "web", *_window(8, 9), "--apply")
    assert run("cancel", "web", "--from", _at(8).isoformat()) == 0
    assert len(scheduler.schedules) == 6, "a plan"
    assert run("cancel", "web", "--from", _at(8).isoformat(), "--apply") == 0
    assert len(scheduler.schedules) == 4
    assert run("cancel", "web", "--apply") == 0
    assert all(name.startswith("api.") for name in scheduler.schedules)
    assert aws.client("s3").calls == [], "none had begun"


def test_cancelling_a_window_that_has_begun_ends_it(run: Run, scheduler: FakeScheduler) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    scheduler.schedules[Window(now - timedelta(hours=1), now + timedelta(hours=1), "web").name("off")] = {
        "Target": {"Arn": DELETE}
    }
    assert run("cancel", "web", "--apply") == 0
    assert scheduler.schedules == {}
    assert aws.client("s3").calls == [("delete", ".understudy/switch/web", {})]


def test_cancelling_a_window_that_is_about_to_begin_leaves_no_switch_on(run: Run, scheduler: FakeScheduler) -> None:
    start = datetime.now(UTC) + timedelta(minutes=1)  # a window's name has no seconds
    scheduler.schedules[Window(start, start + timedelta(hours=1), "web").name("off")] = {"Target": {"Arn": DELETE}}
    assert run("cancel", "web", "--apply") == 0
    assert scheduler.schedules == {}
    assert aws.client("s3").calls == [("delete", ".understudy/switch/web", {})]


def test_cancelling_what_is_not_there_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("cancel", "--all", "--apply") == 0
    assert "no window of every server is scheduled" in capsys.readouterr().err
    assert run("cancel", "web", "--from", "2036-06-01T02:00Z", "--apply") == 0
    assert "no window of web that begins at 2036-06-01T02:00:00Z is scheduled" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("again-and-again", PUT),
        ("--debug", PUT),
        ("web.999999999999.999999999999.off", DELETE),
        ("web.203612010100.203613010100.off", DELETE),
        ("web.203612010100.203612010300.on", PUT),
        ("web.203612010100.203612010300.off", PUT),
        ("web.203612010100.203612010300.off", "arn:aws:lambda:us-east-1:111122223333:function:deleteObject"),
        ("ghost.203612010100.203612010300.off", DELETE),
        ("web.203612010100.203612010300.off.", DELETE),
    ],
)
def test_a_schedule_of_no_window_is_named_and_hides_no_window(
    run: Run, scheduler: FakeScheduler, capsys: pytest.CaptureFixture[str], name: str, target: str
) -> None:
    assert run("schedule", "api", *_window(1, 2), "--apply") == 0
    scheduler.create_schedule(Name=name, Target={"Arn": target})
    capsys.readouterr()
    assert run("windows") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("api from ")
    assert shown.err == (
        f"warning: {name} is no schedule of a window; delete it: "
        f"aws scheduler delete-schedule --group-name=understudy-example --name={name}\n"
    )
    assert run("schedule", "web", *_window(3, 4), "--apply") == 0
    assert run("cancel", "web", "api", "--apply") == 0
    assert _names(scheduler) == [name]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (_window(4, 4), "is not after"),
        (
            ["--from", "2020-01-01T00:00Z", "--to", "2036-01-01T00:00Z"],
            "to begin now, use `maintenance on`",
        ),
        (["--from", "2036-01-01T00:00:30Z", "--to", "2036-01-02T00:00Z"], "is no whole minute"),
        (
            ["--from", "2036-10-26T02:30", "--to", "2036-10-27T00:00", "--zone", "Europe/Rome"],
            "is ambiguous or does not exist",
        ),
        (["--from", "2036-10-25T02:30", "--to", "2036-10-27T00:00", "--zone", "Rome"], "is no time zone"),
        (["--from", "2036-10-25T02:30", "--to", "2036-10-27T00:00", "--zone", ""], "is no time zone"),
        (["--from", "2036-01-01T00:00Z", "--to", "9999-12-31T23:59Z"], "is the year right?"),
        (["--from", "2036-01-01T00:00Z", "--to", "9999-12-31T23:59-14:00"], "is no time"),
        (["--from", "", "--to", "2036-01-02T00:00Z"], "is no time"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    run: Run, scheduler: FakeScheduler, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run("schedule", "web", *words, "--apply") == 2
    assert message in capsys.readouterr().err
    assert scheduler.schedules == {}


def test_the_longest_name_of_a_schedule_fits() -> None:
    assert len(Window(BASE, BASE, "a" * 32).name("off")) <= 64


@given(WINDOWS)
def test_windows_made_one_after_the_other_never_meet_and_cover_exactly_what_was_asked_for(asked: list[Window]) -> None:
    there: list[Window] = []
    for window in asked:
        whole, met = merged(window, there)
        there = [*(kept for kept in there if kept not in met), whole]
    assert not [(kept, other) for kept in there for other in there if kept is not other and kept.meets(other)]
    for server in ("web", "api"):
        for half_hour in range(100):
            at = _at(half_hour / 2 + 0.25)
            wanted = any(span.server == server and span.start < at < span.end for span in asked)
            assert any(span.server == server and span.start < at < span.end for span in there) is wanted


def test_windows_are_shown_and_cancelled_whatever_is_wrong_in_the_working_folder(
    root: Path, tmp_path: Path, run: Run, scheduler: FakeScheduler
) -> None:
    assert run("schedule", "web", *_window(2, 4), "--apply") == 0
    settings = tmp_path / "failover.toml"
    settings.write_text((root / "tests/sample/failover.toml").read_text(encoding="utf-8"), encoding="utf-8")
    maintenance = ["--settings", str(settings), "maintenance"]
    account = ["--account", ACCOUNT]
    assert entry.main([*maintenance, "schedule", "api", *_window(2, 4), *account, "--apply"]) == 1, "no certificate"
    assert entry.main([*maintenance, "windows", *account]) == 0
    assert len(scheduler.schedules) == 2
    assert entry.main([*maintenance, "cancel", "web", *account, "--apply"]) == 0
    assert scheduler.schedules == {}


WINDOW = Window(_at(2), _at(4), "web")


def _findings(scheduler: FakeScheduler, now: datetime = BASE) -> list[Finding]:
    settings = SimpleNamespace(app="understudy-example", has_switches=True, switches=("web", "api"))
    clients = {"scheduler": scheduler}
    deployment: Any = SimpleNamespace(
        settings=settings, client=clients.__getitem__, account=lambda: ACCOUNT, now=lambda: now
    )
    return list(switches.windows(deployment))


ALTERED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "again and again": ("ScheduleExpression", {"ScheduleExpression": "rate(1 minutes)"}, {}),
    "years later": ("ScheduleExpression", {"ScheduleExpression": "at(2099-06-01T04:00:00)"}, {}),
    "in another zone": ("ScheduleExpressionTimezone", {"ScheduleExpressionTimezone": "Asia/Tokyo"}, {}),
    "never": ("State", {"State": "DISABLED"}, {}),
    "at any time of a day": (
        "FlexibleTimeWindow",
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}},
        {},
    ),
    "kept after it ran": ("ActionAfterCompletion", {"ActionAfterCompletion": "NONE"}, {}),
    "encrypted with a key of somebody": ("KmsKeyArn", {"KmsKeyArn": "arn:aws:kms:us-east-1:1:key/x"}, {}),
    "as another role": ("Target.RoleArn", {}, {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
    "another object": ("Target.Input", {}, {"Input": '{"Bucket": "b", "Key": ".understudy/switch/api"}'}),
    "with a body": ("Target.Input", {}, {"Input": '{"Body": "<script>"}'}),
    "with what failed sent elsewhere": ("Target.DeadLetterConfig", {}, {"DeadLetterConfig": {"Arn": "arn:aws:sqs:x"}}),
    "never again": ("Target.RetryPolicy", {}, {"RetryPolicy": {"MaximumRetryAttempts": 0}}),
}


@pytest.mark.parametrize("act", ["on", "off"])
@pytest.mark.parametrize("alteration", ALTERED)
def test_verify_finds_a_schedule_with_a_windows_name_that_does_something_else(
    run: Run, scheduler: FakeScheduler, alteration: str, act: str
) -> None:
    assert run("schedule", "web", *_window(2, 4), "--apply") == 0
    assert [finding.verdict for finding in _findings(scheduler)] == ["passed"]
    member, changes, of_target = ALTERED[alteration]
    schedule = scheduler.schedules[WINDOW.name(act)]
    scheduler.schedules[WINDOW.name(act)] = schedule | changes | {"Target": schedule["Target"] | of_target}
    (failure,) = (finding for finding in _findings(scheduler) if finding.verdict != "passed")
    assert (failure.id, failure.subject) == ("schedule-differs", "web")
    assert (
        failure.text == f"the schedule {WINDOW.name(act)} is not as `maintenance schedule` writes it: another {member}"
    )
    command = "maintenance cancel web --from 2036-06-01T02:00:00Z --apply"
    assert f"`understudy {command}`" in failure.advice
    assert run(*command.split()[1:]) == 0
    assert [(finding.text, finding.verdict) for finding in _findings(scheduler)] == [("none", "passed")]


def test_a_name_that_eventbridge_would_refuse_is_shown_escaped(
    run: Run, scheduler: FakeScheduler, capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler.schedules["\x1b]0;x\x07\n::error::x"] = {"Target": {"Arn": PUT}}
    assert run("windows") == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "no window is scheduled"
    assert all(line.isprintable() for line in lines)


def test_verify_passes_a_window_whose_first_schedule_has_run(run: Run, scheduler: FakeScheduler) -> None:
    assert run("schedule", "web", *_window(2, 4), "--apply") == 0
    del scheduler.schedules[WINDOW.name("on")]
    assert [finding.verdict for finding in _findings(scheduler, WINDOW.start)] == ["passed"]


def test_verify_finds_a_window_whose_first_schedule_was_deleted(run: Run, scheduler: FakeScheduler) -> None:
    assert run("schedule", "web", *_window(2, 4), "--apply") == 0
    del scheduler.schedules[WINDOW.name("on")]
    _, finding = _findings(scheduler)
    assert (finding.id, finding.text) == (
        "schedule-differs",
        f"the schedule {WINDOW.name('on')} is missing: the window would not begin",
    )


def test_a_plan_names_hosts_and_the_times_as_they_were_typed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--from", "2036-10-24T23:00", "--to", "2036-10-25T04:00", "--zone", "Europe/Rome"]
    assert run("schedule", "web", *words) == 0
    message = capsys.readouterr().err
    assert "2036-10-24T23:00+02:00 (2036-10-24T21:00:00Z)" in message
    assert "visitors of example.com, www.example.com, shop.example.com see the maintenance page" in message
    assert "no window is scheduled" not in message
    assert run("windows") == 0
    assert capsys.readouterr().err == "no window is scheduled\n"
