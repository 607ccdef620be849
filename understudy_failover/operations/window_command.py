"""`maintenance schedule`, `windows` and `cancel`: switches that turn on and off at a time."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations import aws
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.operations.switch_command import NO_SWITCH, switch_name, wanted, whose
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.timestamps import TimestampError, require_near, rfc3339, timestamp, typed, zone
from understudy_failover.operations.windows import Window, Windows, merged
from understudy_failover.settings import load
from understudy_failover.settings.switch_settings import SwitchSettings, switch_settings

ABOUT_TO_BEGIN = timedelta(minutes=1)
"""Longer than it takes to cancel a window."""


@dataclass
class _Plan:
    words: list[str] = field(default_factory=list)
    actions: list[Callable[[], None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What needs no change, or is to be known."""

    def add(self, words: str, *actions: Callable[[], None]) -> None:
        self.words.append(words)
        self.actions += actions


@dataclass(frozen=True)
class _Deployment:
    """The servers that the command is about, and what is deployed of them."""

    servers: list[str]
    windows: Windows
    switches: Switches


def schedule(arguments: argparse.Namespace) -> int:
    settings = SwitchSettings.of(load(arguments.settings))

    def planned(deployment: _Deployment, now: datetime) -> _Plan:
        start, end = (_minute(text, arguments.zone) for text in (arguments.from_time, arguments.to_time))
        if start <= now:
            raise TimestampError(f"--from: {rfc3339(start)} is in the past; to begin now, use `maintenance on`")
        if end <= start:
            raise TimestampError(f"--to: {rfc3339(end)} is not after {rfc3339(start)}")
        require_near(end, now)
        plan, present = _Plan(), deployment.windows.all()
        where = zone(arguments.zone) if arguments.zone is not None else None
        plan.notes.append(
            f"the window: {typed(arguments.from_time, start, where)} to {typed(arguments.to_time, end, where)}"
        )
        for server in deployment.servers:
            _plan_window(plan, deployment, Window(start, end, server), present, now)
            hosts = ", ".join(
                host for name, names in settings.hosts.items() if server in {FOR_ALL, name} for host in names
            )
            plan.notes.append(f"visitors of {hosts} see the maintenance page during the window, which names its end")
        return plan

    return _run(arguments, settings, planned)


def cancel(arguments: argparse.Namespace) -> int:
    def planned(deployment: _Deployment, now: datetime) -> _Plan:
        start = _minute(arguments.from_time, arguments.zone) if arguments.from_time is not None else None
        plan = _Plan()
        for window in deployment.windows.all():
            if window.server not in deployment.servers or start not in {None, window.start}:
                continue
            plan.add(f"cancel the window {_described(window, now)}", partial(deployment.windows.delete, window))
            # Its schedule may run before it is deleted, and nothing would turn the switch off again.
            if window.began(now + ABOUT_TO_BEGIN):
                plan.add(
                    f"turn off the {switch_name(window.server)}", partial(deployment.switches.remove, window.server)
                )
        if not plan.words:
            begins = f" that begins at {rfc3339(start)}" if start else ""
            servers = ", ".join(map(whose, deployment.servers))
            plan.notes.append(
                f"no window of {servers}{begins} is scheduled; to see all: understudy maintenance windows"
            )
        return plan

    return _run(arguments, switch_settings(arguments.settings), planned)


def show(arguments: argparse.Namespace) -> int:
    terminal = Terminal(as_json=arguments.json)
    settings = switch_settings(arguments.settings)
    if not settings.switches:
        terminal.fail(NO_SWITCH)
        return 1
    account = arguments.account or aws.account_number()
    windows = Windows(aws.client("scheduler"), settings.app, account, settings.switches)
    scheduled, strays = windows.with_strays()
    for name in strays:
        terminal.warn(f"{name} is no schedule of a window; delete it: {windows.how_to_delete(name)}")
    if not scheduled:
        terminal.say("no window is scheduled")
    _print(scheduled, {"windows": _listed(scheduled)}, terminal)
    return 0


def _run(
    arguments: argparse.Namespace, settings: SwitchSettings, planned: Callable[[_Deployment, datetime], _Plan]
) -> int:
    terminal = Terminal(as_json=arguments.json)
    try:
        servers = wanted(settings, arguments)
        account = arguments.account or aws.account_number()
        windows = Windows(aws.client("scheduler"), settings.app, account, settings.switches)
        deployment = _Deployment(servers, windows, Switches(aws.client("s3"), settings.app, account))
        plan = planned(deployment, datetime.now(UTC))
        for words in plan.words:
            terminal.say(f"will {words}" if arguments.apply else f"would {words}")
        for note in plan.notes:
            terminal.say(note)
        if arguments.apply:
            for act in plan.actions:
                act()
        elif plan.words:
            terminal.say("nothing was changed; to do it, repeat with --apply")
    except TimestampError as error:
        terminal.fail(str(error))
        return 2
    except SwitchError as error:
        terminal.fail(str(error))
        return error.exit_code
    scheduled = windows.all()
    _print(scheduled, {"applied": arguments.apply, "changes": plan.words, "windows": _listed(scheduled)}, terminal)
    return 0


def _plan_window(plan: _Plan, to: _Deployment, window: Window, present: Sequence[Window], now: datetime) -> None:
    whole, met = merged(window, present)
    if met == [whole]:
        plan.notes.append(f"scheduled already: {_described(whole, now)}")
        return
    began = whole.began(now)
    # The new one first: broken off in between, a window lasts too long rather than ending too early unseen.
    plan.add(f"schedule {_described(whole, now)}", partial(to.windows.create, whole, began=began))
    if began:
        plan.add(
            f"name the new end on the page of {whose(whole.server)}", partial(to.switches.put, whole.server, whole.end)
        )
    for part in met:
        plan.add(
            f"delete the window {_described(part, now)}: the new one includes it", partial(to.windows.delete, part)
        )


def _minute(text: str, zone_name: str | None) -> datetime:
    at = timestamp(text, zone(zone_name) if zone_name is not None else None)
    if at.second or at.microsecond:
        raise TimestampError(f"{text} is no whole minute; write it without seconds")
    return at


def _described(window: Window, now: datetime) -> str:
    state = ", has begun" if window.began(now) else ""
    return f"{whose(window.server)} from {rfc3339(window.start)} to {rfc3339(window.end)}{state}"


def _listed(windows: Sequence[Window]) -> list[dict[str, Any]]:
    return [
        {
            "server": None if window.server == FOR_ALL else window.server,
            "from": rfc3339(window.start),
            "to": rfc3339(window.end),
        }
        for window in windows
    ]


def _print(windows: Sequence[Window], document: dict[str, Any], terminal: Terminal) -> None:
    now = datetime.now(UTC)
    text = "\n".join(_described(window, now) for window in windows)
    if windows or terminal.as_json:
        terminal.result(text, document)
