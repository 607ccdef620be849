"""`maintenance on`, `off` and `status`: flips switches now.

They ask S3 alone (and STS for the account's number, unless --account tells it), so that they work while the
control planes of Route 53, CloudFront, IAM and CloudFormation do not.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations import aws
from understudy_failover.operations.bounds import switch_off_bound, switch_on_bound
from understudy_failover.operations.moments import MomentError, moment, require_near, rfc3339, typed
from understudy_failover.operations.switch import Position, SwitchError, Switches
from understudy_failover.settings import Timing, load
from understudy_failover.settings.switch_settings import SwitchSettings, switch_settings

NO_SWITCH = '[maintenance] switches is "none": there is no switch; set "per-server" or "one", and deploy'


def turn_on(arguments: argparse.Namespace) -> int:
    """Puts the objects."""
    try:
        until = _future(arguments.until) if arguments.until is not None else None
    except MomentError as error:
        print(f"--until: {error}", file=sys.stderr)
        return 2
    return _flip(arguments, SwitchSettings.of(load(arguments.settings)), on=True, until=until)


def turn_off(arguments: argparse.Namespace) -> int:
    """Removes the objects."""
    return _flip(arguments, switch_settings(arguments.settings), on=False, until=None)


def show(arguments: argparse.Namespace) -> int:
    """Reads every position."""
    settings = switch_settings(arguments.settings)
    try:
        if not settings.switches:
            raise SwitchError(NO_SWITCH)
        positions = _switches(settings, arguments.account).positions(settings.switches)
    except SwitchError as error:
        print(error, file=sys.stderr)
        return 1
    _print(positions, {"switches": listed(positions)} if arguments.json else None)
    return 0


def wanted(settings: SwitchSettings, arguments: argparse.Namespace) -> list[str]:
    """The servers that the arguments name, each once, or `FOR_ALL`.

    Raises:
        SwitchError: one of them is no server of the settings, or has no switch of its own.
    """
    if not settings.switches:
        raise SwitchError(NO_SWITCH)
    if arguments.all:
        return [FOR_ALL]
    if settings.mode == "one":
        raise SwitchError('[maintenance] switches is "one": one switch for all servers; name none, use --all')
    if unknown := [name for name in arguments.servers if name not in settings.hosts]:
        raise SwitchError(f"there is no server {', '.join(unknown)}; there are {', '.join(settings.hosts)}")
    return list(dict.fromkeys(arguments.servers))


def whose(server: str) -> str:
    """A switch in words."""
    return "every server" if server == FOR_ALL else server


def stated_end(position: Position, now: datetime, when_over: str = "") -> str:
    """The end that a switch states, in words that follow "on since …"; empty: it states none."""
    if position.unreadable_end is not None:
        return f", without an end that can be read ({position.unreadable_end[:40]!a})"
    if position.ends_at is None:
        return ""
    return f" until {rfc3339(position.ends_at)}" + (f", which is over{when_over}" if position.ends_at < now else "")


def listed(positions: Mapping[str, Position | None]) -> list[dict[str, Any]]:
    """Positions as JSON has them."""
    return [
        {
            "server": None if server == FOR_ALL else server,
            "on": position is not None,
            "since": rfc3339(position.since) if position else None,
            "ends_at": rfc3339(position.ends_at) if position and position.ends_at else None,
        }
        for server, position in positions.items()
    ]


def _flip(arguments: argparse.Namespace, settings: SwitchSettings, *, on: bool, until: datetime | None) -> int:
    try:
        servers = wanted(settings, arguments)
        switches = _switches(settings, arguments.account)
        changes = _switched_on(switches, servers, until) if on else sorted(switches.on(servers), key=servers.index)
        for server in changes:
            print(_effect(settings, server, on=on, applied=arguments.apply), file=sys.stderr)
        if until and changes:
            print(f"the page names the end: {typed(arguments.until, until)}", file=sys.stderr)
        for server in servers:
            if server not in changes:
                print(f"{whose(server)}: is {'on' if on else 'off'} already", file=sys.stderr)
        if arguments.apply:
            for server in changes:
                if on:
                    switches.put(server, until)
                else:
                    switches.remove(server)
        after = switches.positions(settings.switches)
    except SwitchError as error:
        print(error, file=sys.stderr)
        return 1
    if changes:
        print(_prospect(changes, after, arguments.apply, on, settings.timing), file=sys.stderr)
    result = {
        "applied": arguments.apply,
        "changes": [whose(server) for server in changes],
        "bound_seconds": _bound_seconds(settings.timing, on=on),
        "switches": listed(after),
    }
    _print(after, result if arguments.json else None)
    return 0


def _effect(settings: SwitchSettings, server: str, *, on: bool, applied: bool) -> str:
    """Which visitors see what, and how soon."""
    names = ", ".join(host for name, hosts in settings.hosts.items() if server in {FOR_ALL, name} for host in hosts)
    will = "will" if applied else "would"
    if not on:  # when they are back is for `_prospect`: another switch may be on
        return f"{whose(server)}: the maintenance of {names} {will} end"
    seconds = _bound_seconds(settings.timing, on=True)
    return f"{whose(server)}: visitors of {names} {will} see the maintenance page within {seconds} s"


def _switches(settings: SwitchSettings, account: str | None) -> Switches:
    return Switches(aws.client("s3"), settings.app, account or aws.account_number())


def _future(text: str) -> datetime:
    found = moment(text).replace(microsecond=0)
    if found <= datetime.now(UTC):
        raise MomentError(f"{text} is {rfc3339(found)} and so in the past")
    require_near(found, datetime.now(UTC))
    return found


def _switched_on(switches: Switches, servers: Sequence[str], until: datetime | None) -> list[str]:
    """Those of `servers` that are off or state another end."""
    before = switches.positions(servers)
    return [
        server
        for server in servers
        if (position := before[server]) is None or position.ends_at != until or position.unreadable_end is not None
    ]


def _prospect(
    changes: Sequence[str], after: Mapping[str, Position | None], applied: bool, on: bool, timing: Timing | None
) -> str:
    """What an operator can expect now."""
    if not applied:
        return "nothing was changed; with --apply it is done"
    if on:
        return (
            f"the last client is on the maintenance page within {_bound_seconds(timing, on=on)} s\n"
            "as long as S3 and CloudFront answer: while they do not, a switch counts as off, and clients go back"
        )
    others = [after[FOR_ALL]] if changes != [FOR_ALL] else [one for name, one in after.items() if name != FOR_ALL]
    if any(others):
        return "clients stay on the maintenance page where another switch is on"
    if timing is None:
        return "clients go back to the server if it works; [timing] is wrong, so the longest time is not known"
    hold_minutes = timing.failback_hold_minutes
    held = f" and has been healthy for {hold_minutes} min" if hold_minutes else ""
    return f"the last client is back within {_bound_seconds(timing, on=on)} s, if the server works{held}"


def _bound_seconds(timing: Timing | None, *, on: bool) -> int | None:
    if timing is None:
        return None
    return (switch_on_bound if on else switch_off_bound)(timing).total_seconds


def _print(positions: Mapping[str, Position | None], result: dict[str, Any] | None) -> None:
    """The result on standard output: as JSON where there is one, else a line for each switch."""
    if result is not None:
        print(json.dumps(result, indent=2))
        return
    width = max(len(whose(server)) for server in positions)
    for server, position in positions.items():
        print(f"{whose(server):{width}}  {_described(position)}")


def _described(position: Position | None) -> str:
    if position is None:
        return "off"
    return f"on since {rfc3339(position.since)}{stated_end(position, datetime.now(UTC), ': turn it off')}"
