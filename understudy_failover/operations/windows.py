"""Maintenance windows: pairs of one-time schedules that turn a switch on and off by themselves.

EventBridge Scheduler writes and removes the switch object and deletes each schedule after it ran. A window is
therefore there exactly while its second schedule is, and one that is over leaves nothing.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from understudy_failover.contract.switch import scheduler_role, switch_bucket, switch_key
from understudy_failover.contract.switch_end import ENDS_AT
from understudy_failover.operations.timestamps import rfc3339

STAMP = "%Y%m%d%H%M"
"""Whole minutes, as EventBridge Scheduler promises no more than the minute."""
NAME = re.compile(r"(?P<server>[a-z0-9_-]+)\.(?P<start>\d{12})\.(?P<end>\d{12})\.(?P<act>on|off)")
DAY_SECONDS = 86_400
TARGETS = {
    act: f"arn:aws:scheduler:::aws-sdk:s3:{call}" for act, call in (("on", "putObject"), ("off", "deleteObject"))
}
"""What each schedule of a window calls."""
MISSING = ["Name"]
"""The difference of a schedule that is not there."""
OF_THE_SERVICE = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata", "Target"}
"""Members of GetSchedule's answer that say nothing of what is planned, or that are compared one by one."""


@dataclass(frozen=True, order=True)
class Window:
    """From `start` to `end`, both in UTC and whole minutes, the switch of `server` (or `FOR_ALL`) is on."""

    start: datetime
    end: datetime
    server: str

    def meets(self, other: "Window") -> bool:
        """Whether the two overlap or follow each other without a gap, at the same switch."""
        return self.server == other.server and self.start <= other.end and other.start <= self.end

    def began(self, now: datetime) -> bool:
        return self.start <= now

    def name(self, act: str) -> str:
        """Of one of its schedules: `on` or `off`; 64 characters at most."""
        return f"{self.server}.{self.start:{STAMP}}.{self.end:{STAMP}}.{act}"


def merged(window: Window, others: Iterable[Window]) -> tuple[Window, list[Window]]:
    """The window that holds `window` and every one of `others` that it meets, and those others."""
    start, end, met = window.start, window.end, list[Window]()
    rest = set(others)
    # One that is reached may reach the next.
    while reached := {other for other in rest if Window(start, end, window.server).meets(other)}:
        rest -= reached
        met += reached
        start, end = min(start, *(other.start for other in reached)), max(end, *(other.end for other in reached))
    return Window(start, end, window.server), sorted(met)


class Windows:
    """The windows of one installation; `scheduler` is a boto3 client, `switches` are the names of all there are."""

    def __init__(self, scheduler: Any, app: str, account: str, switches: Iterable[str]) -> None:
        self._scheduler = scheduler
        self._switches = frozenset(switches)
        self._group = app
        self._app = app
        self._account = account

    def all(self) -> list[Window]:
        return self.with_strays()[0]

    def with_strays(self) -> tuple[list[Window], list[str]]:
        """Return the windows, and the names of the schedules in the group that belong to none of them.

        A stray may turn a switch on again and again. Whoever may plan a window can plant one, and it outlives that
        person's credentials. ListSchedules gives name and target, not the time: `differences` reads the rest.
        """
        halves: dict[str, tuple[Window, str] | None] = {}
        for page in self._scheduler.get_paginator("list_schedules").paginate(GroupName=self._group):
            for schedule in page["Schedules"]:
                halves[schedule["Name"]] = self._half(schedule["Name"], schedule["Target"]["Arn"])
        windows = {half[0] for half in halves.values() if half and half[1] == "off"}
        return sorted(windows), sorted(name for name, half in halves.items() if half is None or half[0] not in windows)

    def differences(self, window: Window, now: datetime) -> dict[str, list[str]]:
        """Return in what each schedule of a window is not as `create` writes it, by the schedule's name.

        Nothing is returned of one that has run.
        """
        differing = {}
        for act in ("on", "off"):
            wanted = self._schedule(window, act)
            try:
                schedule = self._scheduler.get_schedule(GroupName=self._group, Name=wanted["Name"])
            except self._scheduler.exceptions.ResourceNotFoundException:
                if act == "on" and not window.began(now):
                    differing[wanted["Name"]] = MISSING
                continue
            read, expected = _comparable(schedule), _comparable(wanted | {"State": "ENABLED"})
            if members := sorted(key for key in read.keys() | expected.keys() if read.get(key) != expected.get(key)):
                differing[wanted["Name"]] = members
        return differing

    def how_to_delete(self, stray: str) -> str:
        # With "=": a name may begin like an option.
        return f"aws scheduler delete-schedule --group-name={self._group} --name={shlex.quote(stray)}"

    def _half(self, name: str, target: str) -> tuple[Window, str] | None:
        """Return the window that a schedule belongs to, and what it does there."""
        parts = NAME.fullmatch(name)
        if parts is None or parts["server"] not in self._switches or target != TARGETS[parts["act"]]:
            return None
        try:
            return Window(_read(parts["start"]), _read(parts["end"]), parts["server"]), parts["act"]
        except ValueError:  # digits that are no time
            return None

    def create(self, window: Window, *, began: bool) -> None:
        """Makes its schedules; only the second where it `began` already. Those that are there stay."""
        # The second one first: a window that can begin can also end.
        for act in ("off",) if began else ("off", "on"):
            try:
                self._scheduler.create_schedule(**self._schedule(window, act))
            except self._scheduler.exceptions.ConflictException:  # of an attempt that was broken off
                continue

    def delete(self, window: Window) -> None:
        """Deletes its schedules, the first one first; one that has run is gone already."""
        for act in ("on", "off"):
            try:
                self._scheduler.delete_schedule(GroupName=self._group, Name=window.name(act))
            except self._scheduler.exceptions.ResourceNotFoundException:
                continue

    def _schedule(self, window: Window, act: str) -> dict[str, Any]:
        """Return one of the two schedules of a window, as the API has it."""
        arguments: dict[str, Any] = {
            "Bucket": switch_bucket(self._app, self._account),
            "Key": switch_key(window.server),
            "ExpectedBucketOwner": self._account,
        }
        at, seconds = window.end, DAY_SECONDS
        if act == "on":
            arguments["Metadata"] = {ENDS_AT: rfc3339(window.end)}
            # Tried again only while the window lasts: a switch must not go on after it.
            at, seconds = window.start, min(DAY_SECONDS, int((window.end - window.start).total_seconds()))
        return {
            "GroupName": self._group,
            "Name": window.name(act),
            "ScheduleExpression": f"at({at:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": TARGETS[act],
                "RoleArn": f"arn:aws:iam::{self._account}:role/{scheduler_role(self._app)}",
                "Input": json.dumps(arguments),
                "RetryPolicy": {"MaximumEventAgeInSeconds": max(60, seconds), "MaximumRetryAttempts": 185},
            },
        }


def _comparable(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schedule says, the members of its target as `Target.MEMBER`; empty members are as absent ones."""
    target = {f"Target.{key}": value for key, value in schedule["Target"].items()}
    return {key: value for key, value in (dict(schedule) | target).items() if value and key not in OF_THE_SERVICE}


def _read(stamp: str) -> datetime:
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
