"""`python -m operations maintenance …`: sends clients to the maintenance page and back, now or at a time.

Each action shows what it would do; with --apply it does it.
"""

import argparse
from typing import Any

from operations import switch_command, window_command


def add_parser(commands: Any) -> None:
    """Registers the command."""
    parser = commands.add_parser("maintenance", help="send clients to the maintenance page, and back")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    on = actions.add_parser("on", help="send the clients of a server, or of all, to the maintenance page, now")
    off = actions.add_parser("off", help="send them back")
    status = actions.add_parser("status", help="show every switch")
    schedule = actions.add_parser("schedule", help="turn a switch on and off at a time: a maintenance window")
    windows = actions.add_parser("windows", help="show every window")
    cancel = actions.add_parser("cancel", help="cancel windows, and end one that has begun")
    for action in (on, off, schedule, cancel):
        whose = action.add_mutually_exclusive_group(required=True)
        whose.add_argument("servers", nargs="*", default=[], metavar="SERVER", help="names in failover.toml")
        whose.add_argument("--all", action="store_true", help="the switch for all servers, which is one of its own")
        action.add_argument("--apply", action="store_true", help="do it; without, the plan is shown")
    for action in (on, off, status, schedule, windows, cancel):
        action.add_argument("--json", action="store_true", help="the result as JSON on standard output")
        action.add_argument("--account", metavar="NUMBER", type=account, help="default: the one of the credentials")
    times = "RFC 3339 such as 2026-11-24T22:00+01:00; without an offset in the time zone of "
    on.add_argument(
        "--until",
        metavar="TIME",
        help=f"when it is expected to end, for the page to tell: {times}this machine. It does not end by itself",
    )
    for option, meaning in (("--from", "beginning"), ("--to", "end")):
        schedule.add_argument(
            option,
            dest=option.removeprefix("--") + "_time",
            metavar="TIME",
            required=True,
            help=f"{meaning}: {times}--zone or this machine; whole minutes",
        )
    schedule.add_argument("--zone", metavar="NAME", help="time zone of times without an offset, such as Europe/Rome")
    cancel.add_argument("--from", dest="from_time", metavar="TIME", help="only the window that begins then")
    cancel.add_argument("--zone", metavar="NAME", help="as for schedule")
    on.set_defaults(run=switch_command.turn_on)
    off.set_defaults(run=switch_command.turn_off)
    status.set_defaults(run=switch_command.show)
    schedule.set_defaults(run=window_command.schedule)
    windows.set_defaults(run=window_command.show)
    cancel.set_defaults(run=window_command.cancel)


def account(text: str) -> str:
    """The number of an AWS account."""
    if not (len(text) == 12 and text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no account number; it has twelve digits")
    return text
