"""`python -m operations maintenance on|off|status`: sends clients to the maintenance page and back.

It shows what it would do; with --apply it does it. It asks S3 alone (and STS for the account's number, unless
--account tells it), so that it works while the control planes of Route 53, CloudFront, IAM and CloudFormation
do not.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from operations.bounds import Bound, switch_off_bound, switch_on_bound
from operations.switch import REGION, Position, SwitchError, Switches, rfc3339
from settings import Settings, load
from settings.switch import FOR_ALL

CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
ALL = "every server"


def add_parser(commands: Any) -> None:
    """Registers the command."""
    parser = commands.add_parser("maintenance", help="send clients to the maintenance page, and back")
    actions = parser.add_subparsers(required=True, metavar="on|off|status")
    on = actions.add_parser("on", help="send the clients of a server, or of all, to the maintenance page")
    off = actions.add_parser("off", help="send them back")
    status = actions.add_parser("status", help="show every switch")
    for action in (on, off):
        whose = action.add_mutually_exclusive_group(required=True)
        whose.add_argument("servers", nargs="*", default=[], metavar="SERVER", help="names in failover.toml")
        whose.add_argument("--all", action="store_true", help="the switch for all servers, which is one of its own")
        action.add_argument("--apply", action="store_true", help="do it; without, the plan is shown")
    on.add_argument(
        "--until",
        type=moment,
        metavar="TIME",
        help="when it is expected to end, for the page to tell; RFC 3339 such as 2026-11-24T22:00+01:00, without an "
        "offset in this machine's time zone. It does not end by itself",
    )
    for action in (on, off, status):
        action.add_argument("--json", action="store_true", help="the result as JSON on standard output")
        action.add_argument("--account", metavar="NUMBER", type=account, help="default: the one of the credentials")
    on.set_defaults(run=lambda arguments: _flip(arguments, on=True))
    off.set_defaults(run=lambda arguments: _flip(arguments, on=False), until=None)
    status.set_defaults(run=_show)


def moment(text: str) -> datetime:
    """A point in time in the future; argparse reports what is wrong with another."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write it like 2026-11-24T22:00+01:00") from None
    found = found.astimezone(UTC).replace(microsecond=0)
    if found <= datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text} is {rfc3339(found)} and so in the past")
    return found


def account(text: str) -> str:
    """The number of an AWS account."""
    if not (len(text) == 12 and text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no account number; it has twelve digits")
    return text


def _flip(arguments: argparse.Namespace, *, on: bool) -> int:
    settings = load(arguments.settings)
    try:
        wanted = [FOR_ALL] if arguments.all else known(settings, arguments.servers)
        switches = _switches(settings, arguments.account)
        before = switches.positions(wanted)
        changes = [name for name in wanted if _differs(before[name], on=on, until=arguments.until)]
        if arguments.apply:
            for name in changes:
                if on:
                    switches.put(name, arguments.until)
                else:
                    switches.remove(name)
        after = switches.positions([FOR_ALL, *(server.name for server in settings.servers)])
    except SwitchError as error:
        print(error, file=sys.stderr)
        return 1
    bound = switch_on_bound(settings.timing) if on else switch_off_bound(settings.timing)
    for line in _told(switches, changes, before, on=on, applied=arguments.apply, until=arguments.until):
        print(line, file=sys.stderr)
    if arguments.apply and changes:
        print(_when(bound, on=on, still_on=_still_on(changes, after)), file=sys.stderr)
    elif changes:
        print("nothing was changed; with --apply it is done", file=sys.stderr)
    result = {
        "applied": arguments.apply,
        "changes": [_whose(name) for name in changes],
        "bound_seconds": bound.total_seconds,
        "switches": _listed(after),
    }
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        _print(after)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    settings = load(arguments.settings)
    try:
        found = _switches(settings, arguments.account).positions(
            [FOR_ALL, *(server.name for server in settings.servers)]
        )
    except SwitchError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"switches": _listed(found)}, indent=2))
    else:
        _print(found)
    return 0


def known(settings: Settings, names: Sequence[str]) -> list[str]:
    """`names` without repetitions.

    Raises:
        SwitchError: one of them is no server of the settings.
    """
    there = [server.name for server in settings.servers]
    if unknown := [name for name in names if name not in there]:
        raise SwitchError(f"there is no server {', '.join(unknown)}; there are {', '.join(there)}")
    return list(dict.fromkeys(names))


def _switches(settings: Settings, account_number: str | None) -> Switches:
    if account_number is None:
        account_number = str(boto3.client("sts", region_name=REGION, config=CONFIG).get_caller_identity()["Account"])
    return Switches(boto3.client("s3", region_name=REGION, config=CONFIG), settings.app, account_number)


def _differs(position: Position | None, *, on: bool, until: datetime | None) -> bool:
    if not on:
        return position is not None
    return position is None or position.ends_at != until


def _told(
    switches: Switches,
    changes: Sequence[str],
    before: Mapping[str, Position | None],
    *,
    on: bool,
    applied: bool,
    until: datetime | None,
) -> list[str]:
    would = "" if applied else "would "
    lines = [
        f"{_whose(name)}: {would}{'put' if on else 'remove'} {switches.url(name)}"
        + (f", ends {rfc3339(until)}" if until else "")
        for name in changes
    ]
    same = [name for name in before if name not in changes]
    return lines + [f"{_whose(name)}: is {'on' if on else 'off'} already" for name in same]


def _when(bound: Bound, *, on: bool, still_on: bool) -> str:
    if on:
        return f"the last client is on the maintenance page within {bound.total_seconds} s"
    if still_on:
        return "clients stay on the maintenance page: another switch of theirs is on"
    return f"the last client is back within {bound.total_seconds} s, if the server works"


def _still_on(changes: Sequence[str], after: Mapping[str, Position | None]) -> bool:
    """Whether another switch keeps those on the page whose switch was turned off."""
    if changes == [FOR_ALL]:
        return any(position for name, position in after.items() if name != FOR_ALL)
    return after[FOR_ALL] is not None


def _whose(name: str) -> str:
    return ALL if name == FOR_ALL else name


def _listed(positions: Mapping[str, Position | None]) -> list[dict[str, Any]]:
    return [
        {
            "server": None if name == FOR_ALL else name,
            "on": position is not None,
            "since": rfc3339(position.since) if position else None,
            "ends_at": rfc3339(position.ends_at) if position and position.ends_at else None,
        }
        for name, position in positions.items()
    ]


def _print(positions: Mapping[str, Position | None]) -> None:
    width = max(len(_whose(name)) for name in positions)
    for name, position in positions.items():
        print(f"{_whose(name):{width}}  {_described(position)}")


def _described(position: Position | None) -> str:
    if position is None:
        return "off"
    text = f"on since {rfc3339(position.since)}"
    if position.ends_at is None:
        return text
    over = ", which is over: turn it off" if position.ends_at < datetime.now(UTC) else ""
    return f"{text} until {rfc3339(position.ends_at)}{over}"
