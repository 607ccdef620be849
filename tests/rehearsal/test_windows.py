"""A maintenance window on the deployed chain: it begins, ends and is removed automatically."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.rehearsal.looking import SECONDS_UNTIL_PAGES_SAY_SO, all_on, page_says, server_named, wait
from tests.rehearsal.verifying import operations
from understudy_failover.operations.bounds import switch_off_bound, switch_on_bound
from understudy_failover.operations.observation import ServedBy
from understudy_failover.page import Window
from understudy_failover.rehearsal.bed import RehearsalBed

WINDOW_MINUTES = 5


def _maintenance(root: Path, bed: RehearsalBed, *words: str) -> str:
    run = operations(root, bed, "maintenance", *words, options=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_window_begins_and_ends_by_itself_and_leaves_nothing(root: Path, bed: RehearsalBed) -> None:
    web, timing, clock = server_named(bed, "web"), bed.settings.timing, bed.aws.clock
    start = datetime.fromtimestamp(clock.now(), UTC).replace(second=0, microsecond=0) + timedelta(minutes=3)
    end = start + timedelta(minutes=WINDOW_MINUTES)
    before = bed.aws.resources()
    times = ("--from", start.isoformat(), "--to", end.isoformat())
    printed = _maintenance(root, bed, "schedule", "web", *times, "--apply")
    assert printed == f"web from {start:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}\n"
    assert _maintenance(root, bed, "windows") == printed

    until_start = start.timestamp() - clock.now()
    assert wait(bed, until_start + switch_on_bound(timing).total_seconds, lambda: all_on(bed, web, ServedBy.PAGE))
    assert clock.now() >= start.timestamp(), "not a second too early"
    position = bed.switches().positions(["web"])["web"]
    assert position
    assert position.ends_at == end
    assert wait(bed, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(bed, "www.example.com", Window(end)))

    until_end = max(0.0, end.timestamp() - clock.now())
    assert wait(bed, until_end + switch_off_bound(timing).total_seconds, lambda: all_on(bed, web, ServedBy.SERVER))
    assert clock.now() >= end.timestamp()
    assert _maintenance(root, bed, "windows") == ""
    assert bed.aws.resources() == before


def test_a_window_that_has_begun_can_be_cancelled(root: Path, bed: RehearsalBed) -> None:
    web, timing, clock = server_named(bed, "web"), bed.settings.timing, bed.aws.clock
    start = datetime.fromtimestamp(clock.now(), UTC).replace(second=0, microsecond=0) + timedelta(minutes=3)
    times = ("--from", start.isoformat(), "--to", (start + timedelta(hours=8)).isoformat())
    _maintenance(root, bed, "schedule", "web", *times, "--apply")
    until_start = start.timestamp() - clock.now()
    assert wait(bed, until_start + switch_on_bound(timing).total_seconds, lambda: all_on(bed, web, ServedBy.PAGE))
    # For the command, whose clock is this machine's own, it has not begun yet: its switch is turned off as well.
    _maintenance(root, bed, "cancel", "web", "--apply")
    _maintenance(root, bed, "off", "web", "--apply")
    assert wait(bed, switch_off_bound(timing).total_seconds, lambda: all_on(bed, web, ServedBy.SERVER))
    assert _maintenance(root, bed, "windows") == ""


def test_a_destroy_takes_windows_along(root: Path, bed: RehearsalBed) -> None:
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    times = ("--from", start.isoformat(), "--to", (start + timedelta(hours=1)).isoformat())
    _maintenance(root, bed, "schedule", "--all", *times, "--apply")
    bed.cdk.destroy(print)
    assert bed.leftovers() == []
    bed.cdk.deploy(print)
