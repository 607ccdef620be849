"""A maintenance window on the deployed chain: it begins, ends and is removed automatically."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.rehearsal.looking import SECONDS_UNTIL_PAGES_SAY_SO, all_on, page_says, server_named, wait
from tests.rehearsal.verifying import operations
from understudy_failover.operations.bounds import switch_off_bound, switch_on_bound
from understudy_failover.operations.sight import OnStage
from understudy_failover.page import Window
from understudy_failover.rehearsal.stage import Stage

WINDOW_MINUTES = 5


def _maintenance(root: Path, stage: Stage, *words: str) -> str:
    run = operations(root, stage, "maintenance", *words, options=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_window_begins_and_ends_by_itself_and_leaves_nothing(root: Path, stage: Stage) -> None:
    web, timing, clock = server_named(stage, "web"), stage.settings.timing, stage.aws.clock
    start = datetime.fromtimestamp(clock.now(), UTC).replace(second=0, microsecond=0) + timedelta(minutes=3)
    end = start + timedelta(minutes=WINDOW_MINUTES)
    before = stage.aws.resources()
    times = ("--from", start.isoformat(), "--to", end.isoformat())
    printed = _maintenance(root, stage, "schedule", "web", *times, "--apply")
    assert printed == f"web from {start:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}\n"
    assert _maintenance(root, stage, "windows") == printed

    until_start = start.timestamp() - clock.now()
    assert wait(stage, until_start + switch_on_bound(timing).total_seconds, lambda: all_on(stage, web, OnStage.PAGE))
    assert clock.now() >= start.timestamp(), "not a second too early"
    position = stage.switches().positions(["web"])["web"]
    assert position
    assert position.ends_at == end
    assert wait(stage, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(stage, "www.example.com", Window(end)))

    until_end = max(0.0, end.timestamp() - clock.now())
    assert wait(stage, until_end + switch_off_bound(timing).total_seconds, lambda: all_on(stage, web, OnStage.SERVER))
    assert clock.now() >= end.timestamp()
    assert _maintenance(root, stage, "windows") == ""
    assert stage.aws.resources() == before


def test_a_window_that_has_begun_can_be_cancelled(root: Path, stage: Stage) -> None:
    web, timing, clock = server_named(stage, "web"), stage.settings.timing, stage.aws.clock
    start = datetime.fromtimestamp(clock.now(), UTC).replace(second=0, microsecond=0) + timedelta(minutes=3)
    times = ("--from", start.isoformat(), "--to", (start + timedelta(hours=8)).isoformat())
    _maintenance(root, stage, "schedule", "web", *times, "--apply")
    until_start = start.timestamp() - clock.now()
    assert wait(stage, until_start + switch_on_bound(timing).total_seconds, lambda: all_on(stage, web, OnStage.PAGE))
    # For the command, whose clock is this machine's own, it has not begun yet: its switch is turned off as well.
    _maintenance(root, stage, "cancel", "web", "--apply")
    _maintenance(root, stage, "off", "web", "--apply")
    assert wait(stage, switch_off_bound(timing).total_seconds, lambda: all_on(stage, web, OnStage.SERVER))
    assert _maintenance(root, stage, "windows") == ""


def test_a_destroy_takes_windows_along(root: Path, stage: Stage) -> None:
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    times = ("--from", start.isoformat(), "--to", (start + timedelta(hours=1)).isoformat())
    _maintenance(root, stage, "schedule", "--all", *times, "--apply")
    stage.cdk.destroy(print)
    assert stage.leftovers() == []
    stage.cdk.deploy(print)
