"""`maintenance on`, `off` and `status`: turn switches on and off now.

They need S3 alone (and STS for the account's number, unless --account names it), so that they work while the control
planes of Route 53, CloudFront, IAM and CloudFormation do not. CloudFormation is asked last, and only for a warning.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations import aws
from understudy_failover.operations.bounds import switch_off_bound, switch_on_bound
from understudy_failover.operations.pooled_client import WHO_NOTICES
from understudy_failover.operations.switch import Position, SwitchError, Switches, UnknownServerError
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.timestamps import TimestampError, require_near, rfc3339, timestamp, typed
from understudy_failover.operations.undeployed import DEPLOY_OR_UNDO, undeployed
from understudy_failover.settings import SettingsError, Timing, load
from understudy_failover.settings.switch_settings import SwitchSettings, switch_settings

NO_SWITCH = '[maintenance] switches is "none": there is no switch; set "per-server" or "one", and deploy'

SLOWER = f"Slower: clients that keep a connection open, or an address longer than its TTL: {WHO_NOTICES}"


def turn_on(arguments: argparse.Namespace) -> int:
    try:
        until = _future(arguments.until) if arguments.until is not None else None
    except TimestampError as error:
        Terminal(as_json=arguments.json).fail(f"--until: {error}")
        return 2
    return _flip(arguments, SwitchSettings.of(load(arguments.settings)), on=True, until=until)


def turn_off(arguments: argparse.Namespace) -> int:
    return _flip(arguments, switch_settings(arguments.settings), on=False, until=None)


def show(arguments: argparse.Namespace) -> int:
    terminal = Terminal(as_json=arguments.json)
    settings = switch_settings(arguments.settings)
    try:
        if not settings.switches:
            raise SwitchError(NO_SWITCH)
        positions = _switches(settings, arguments.account).positions(settings.switches)
    except SwitchError as error:
        terminal.fail(str(error))
        return error.exit_code
    terminal.result(_table(positions), {"switches": listed(positions)})
    return 0


def wanted(settings: SwitchSettings, arguments: argparse.Namespace) -> list[str]:
    """Return the servers that the arguments name, each once, or `FOR_ALL`.

    Raises:
        SwitchError: there is no switch.
        UnknownServerError: one of them is no server of the settings, or has no switch of its own.
    """
    if not settings.switches:
        raise SwitchError(NO_SWITCH)
    if arguments.all:
        return [FOR_ALL]
    if settings.mode == "one":
        raise UnknownServerError('[maintenance] switches is "one": one switch for all servers; name none, use --all')
    if unknown := [name for name in arguments.servers if name not in settings.hosts]:
        names = ", ".join(settings.hosts)
        raise UnknownServerError(f"failover.toml has no server {', '.join(unknown)}; it has {names}")
    return list(dict.fromkeys(arguments.servers))


def whose(server: str) -> str:
    return "every server" if server == FOR_ALL else server


def switch_name(server: str) -> str:
    """Return what a switch is called where its position follows: "every server off" would be about servers."""
    return f"switch of {'all servers' if server == FOR_ALL else server}"


def stated_end(position: Position, now: datetime, when_over: str = "") -> str:
    """The end that a switch states, in words that follow "on since …"; empty: it states none."""
    if position.unreadable_end is not None:
        return f", without an end that can be read ({position.unreadable_end[:40]!a})"
    if position.ends_at is None:
        return ""
    return f" until {rfc3339(position.ends_at)}" + (f", which is over{when_over}" if position.ends_at < now else "")


def listed(positions: Mapping[str, Position | None]) -> list[dict[str, Any]]:
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
    terminal = Terminal(as_json=arguments.json)
    try:
        servers = wanted(settings, arguments)
        switches = _switches(settings, arguments.account)
        changes = _planned(arguments, settings, switches, servers, on=on, until=until, terminal=terminal)
        if arguments.apply:
            for server in changes:
                if on:
                    switches.put(server, until)
                else:
                    switches.remove(server)
        after = switches.positions(settings.switches)
    except SwitchError as error:
        terminal.fail(str(error))
        return error.exit_code
    if changes:
        terminal.say(_prospect(changes, after, arguments.apply, on, settings.timing))
    # Last, as it may have to wait for an API that is down.
    differences = _warn_of_undeployed(arguments.settings, terminal) if changes else []
    document = {
        "applied": arguments.apply,
        "changes": [whose(server) for server in changes],
        "bound_seconds": _bound_seconds(settings.timing, on=on),
        "undeployed": differences,
        "switches": listed(after),
    }
    terminal.result(_table(after), document)
    return 0


def _planned(
    arguments: argparse.Namespace,
    settings: SwitchSettings,
    switches: Switches,
    servers: Sequence[str],
    *,
    on: bool,
    until: datetime | None,
    terminal: Terminal,
) -> list[str]:
    """Return the servers whose switch is to be changed, and print what that does."""
    now = datetime.now(UTC)
    # Of a switch to be turned off nothing is read: nobody may be able to.
    before = switches.positions(servers) if on else dict.fromkeys(switches.on(servers))
    changes = [server for server in servers if (_is_change(before[server], until, now) if on else server in before)]
    for server in servers:
        if server not in changes:
            terminal.say(f"{whose(server)}: {_unchanged(before.get(server), on=on, now=now)}")
        elif on and before[server] is not None:
            terminal.say(f"{whose(server)}: the switch is on already")
        else:
            terminal.say(_effect(settings, server, on=on, applied=arguments.apply))
    if on and changes:
        terminal.say(_announcement(arguments.until, until, [before[server] for server in changes]))
    return changes


def _is_change(position: Position | None, until: datetime | None, now: datetime) -> bool:
    """Return whether `on` has to write the object; without --until, an end that is announced and not over stays."""
    if position is None or position.unreadable_end is not None:
        return True
    if until is None:
        return position.ends_at is not None and position.ends_at < now
    return position.ends_at != until


def _unchanged(position: Position | None, *, on: bool, now: datetime) -> str:
    if not on:
        return "the switch is off already"
    if position is None or position.ends_at is None:
        return "the switch is on already"
    return (
        f"the switch is on already{stated_end(position, now)}, and the page keeps this end; for another end, add "
        "--until TIME; for none, turn the switch off and on again"
    )


def _announcement(written: str | None, until: datetime | None, before: Sequence[Position | None]) -> str:
    if written is not None and until is not None:
        return f"the page names the end: {typed(written, until)}"
    if any(before):
        return "the announced end is over or cannot be read: the page no longer names it"
    return "the page names no end; to name it, add --until TIME"


def _warn_of_undeployed(settings_path: Path, terminal: Terminal) -> list[str]:
    """Return and print where failover.toml, of which hosts and times are, differs from what is deployed."""
    try:
        differences = undeployed(aws.client("cloudformation", aws.IMPATIENT), load(settings_path))
    except SettingsError:
        terminal.warn("failover.toml has mistakes, so it was not compared with what is deployed")
        return []
    except (BotoCoreError, ClientError) as error:
        terminal.warn(
            "hosts and times above are those of failover.toml. They were not compared with what is deployed: "
            f"{aws.in_words(error)}"
        )
        return []
    if differences:
        terminal.warn("failover.toml is not what is deployed, so hosts and times above may be wrong:")
        for difference in differences:
            terminal.say(f"  {difference}", "yellow")
        terminal.say(f"  → {DEPLOY_OR_UNDO}", "yellow")
    return differences


def _effect(settings: SwitchSettings, server: str, *, on: bool, applied: bool) -> str:
    names = ", ".join(host for name, hosts in settings.hosts.items() if server in {FOR_ALL, name} for host in hosts)
    will = "will" if applied else "would"
    if not on:  # when they are back is for `_prospect`: another switch may be on
        return f"{whose(server)}: the maintenance of {names} {will} end"
    seconds = _bound_seconds(settings.timing, on=True)
    return f"{whose(server)}: visitors of {names} {will} see the maintenance page within {seconds} s"


def _switches(settings: SwitchSettings, account: str | None) -> Switches:
    return Switches(aws.client("s3"), settings.app, account or aws.account_number())


def _future(text: str) -> datetime:
    at = timestamp(text).replace(microsecond=0)
    if at <= datetime.now(UTC):
        raise TimestampError(f"{text} is {rfc3339(at)} and so in the past")
    require_near(at, datetime.now(UTC))
    return at


def _prospect(
    changes: Sequence[str], after: Mapping[str, Position | None], applied: bool, on: bool, timing: Timing | None
) -> str:
    if not applied:
        return "nothing was changed; to do it, repeat with --apply"
    if on:
        return (
            "The switch needs S3 and CloudFront: while they do not answer, it counts as off, and clients go back.\n"
            f"{SLOWER}"
        )
    all_changed = changes == [FOR_ALL]
    if any(position for server, position in after.items() if (server == FOR_ALL) != all_changed):
        return "clients stay on the maintenance page where another switch is on"
    if timing is None:
        return "clients go back to the server if it works; [timing] is wrong, so the longest time is not known"
    hold_minutes = timing.failback_hold_minutes
    hold_condition = f" and has been healthy for {hold_minutes} min" if hold_minutes else ""
    seconds = _bound_seconds(timing, on=on)
    return f"visitors are back on the server within {seconds} s, if the server works{hold_condition}\n{SLOWER}"


def _bound_seconds(timing: Timing | None, *, on: bool) -> int | None:
    if timing is None:
        return None
    return (switch_on_bound if on else switch_off_bound)(timing).total_seconds


def _table(positions: Mapping[str, Position | None]) -> str:
    width = max(len(switch_name(server)) for server in positions)
    return "\n".join(f"{switch_name(server):{width}}  {_described(position)}" for server, position in positions.items())


def _described(position: Position | None) -> str:
    if position is None:
        return "off"
    return f"on since {rfc3339(position.since)}{stated_end(position, datetime.now(UTC), ': turn it off')}"
