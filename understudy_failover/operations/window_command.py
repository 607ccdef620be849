"""`maintenance schedule`, `windows` and `cancel`: switches that turn by themselves."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from understudy_failover.contract.printable import printable
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations import aws
from understudy_failover.operations.moments import MomentError, moment, require_near, rfc3339, zone
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.operations.switch_command import NO_SWITCH, wanted, whose
from understudy_failover.operations.windows import Window, Windows, merged
from understudy_failover.settings import load
from understudy_failover.settings.switch_settings import SwitchSettings, switch_settings


@dataclass
class _Plan:
    """What is to be done, in words and as what does it."""

    words: list[str] = field(default_factory=list)
    acts: list[Callable[[], None]] = field(default_factory=list)

    def add(self, words: str, *acts: Callable[[], None]) -> None:
        self.words.append(words)
        self.acts += acts


@dataclass(frozen=True)
class _Deployment:
    """The servers that the command is about, and what is deployed of them."""

    servers: list[str]
    windows: Windows
    switches: Switches


def schedule(arguments: argparse.Namespace) -> int:
    """Makes windows; those that meet are one."""

    def planned(deployment: _Deployment, now: datetime) -> _Plan:
        start, end = (_minute(text, arguments.zone) for text in (arguments.from_time, arguments.to_time))
        if start <= now:
            raise MomentError(f"{rfc3339(start)} is in the past; `maintenance on` begins at once")
        if end <= start:
            raise MomentError(f"{rfc3339(end)} is not after {rfc3339(start)}")
        require_near(end, now)
        plan, there = _Plan(), deployment.windows.all()
        for server in deployment.servers:
            _plan_window(plan, deployment, Window(start, end, server), there, now)
        return plan

    return _run(arguments, SwitchSettings.of(load(arguments.settings)), planned)


def cancel(arguments: argparse.Namespace) -> int:
    """Deletes windows, and turns off the switch of one that has begun."""

    def planned(deployment: _Deployment, now: datetime) -> _Plan:
        start = _minute(arguments.from_time, arguments.zone) if arguments.from_time is not None else None
        plan = _Plan()
        for one in deployment.windows.all():
            if one.server not in deployment.servers or start not in {None, one.start}:
                continue
            plan.add(f"cancel {_described(one, now)}", partial(deployment.windows.delete, one))
            if one.began(now):
                plan.add(f"turn off {whose(one.server)}", partial(deployment.switches.remove, one.server))
        if not plan.words:
            print("there is no such window", file=sys.stderr)
        return plan

    return _run(arguments, switch_settings(arguments.settings), planned)


def show(arguments: argparse.Namespace) -> int:
    """Reads every window."""
    settings = switch_settings(arguments.settings)
    if not settings.switches:
        print(NO_SWITCH, file=sys.stderr)
        return 1
    account = arguments.account or aws.account_number()
    windows = Windows(aws.client("scheduler"), settings.app, account, settings.switches)
    found, strays = windows.with_strays()
    for name in strays:
        print(
            printable(f"{name} is no schedule of a window; delete it: {windows.how_to_delete(name)}"), file=sys.stderr
        )
    _print(found, {"windows": _listed(found)} if arguments.json else None)
    return 0


def _run(
    arguments: argparse.Namespace, settings: SwitchSettings, planned: Callable[[_Deployment, datetime], _Plan]
) -> int:
    try:
        servers = wanted(settings, arguments)
        account = arguments.account or aws.account_number()
        windows = Windows(aws.client("scheduler"), settings.app, account, settings.switches)
        deployment = _Deployment(servers, windows, Switches(aws.client("s3"), settings.app, account))
        plan = planned(deployment, datetime.now(UTC))
        for words in plan.words:
            print(words if arguments.apply else f"would {words}", file=sys.stderr)
        if arguments.apply:
            for act in plan.acts:
                act()
        elif plan.words:
            print("nothing was changed; with --apply it is done", file=sys.stderr)
    except MomentError as error:
        print(error, file=sys.stderr)
        return 2
    except SwitchError as error:
        print(error, file=sys.stderr)
        return 1
    found = windows.all()
    result = {"applied": arguments.apply, "changes": plan.words, "windows": _listed(found)}
    _print(found, result if arguments.json else None)
    return 0


def _plan_window(plan: _Plan, to: _Deployment, window: Window, there: Sequence[Window], now: datetime) -> None:
    whole, met = merged(window, there)
    if met == [whole]:
        print(f"{_described(whole, now)} is there already", file=sys.stderr)
        return
    began = whole.began(now)
    # The new one first: broken off in between, a window lasts too long rather than ending too early unseen.
    plan.add(f"schedule {_described(whole, now)}", partial(to.windows.create, whole, began=began))
    if began:
        plan.add(f"tell the new end of {whose(whole.server)}", partial(to.switches.put, whole.server, whole.end))
    for one in met:
        plan.add(f"drop {_described(one, now)}, which is part of it", partial(to.windows.delete, one))


def _minute(text: str, zone_name: str | None) -> datetime:
    found = moment(text, zone(zone_name) if zone_name is not None else None)
    if found.second or found.microsecond:
        raise MomentError(f"{text} is no whole minute; EventBridge Scheduler knows no shorter time")
    return found


def _described(window: Window, now: datetime) -> str:
    state = ", has begun" if window.began(now) else ""
    return f"{whose(window.server)} from {rfc3339(window.start)} to {rfc3339(window.end)}{state}"


def _listed(windows: Sequence[Window]) -> list[dict[str, Any]]:
    return [
        {
            "server": None if one.server == FOR_ALL else one.server,
            "from": rfc3339(one.start),
            "to": rfc3339(one.end),
        }
        for one in windows
    ]


def _print(windows: Sequence[Window], result: dict[str, Any] | None) -> None:
    """The result on standard output: as JSON where there is one, else a line for each window."""
    if result is not None:
        print(json.dumps(result, indent=2))
        return
    now = datetime.now(UTC)
    for one in windows:
        print(_described(one, now))
