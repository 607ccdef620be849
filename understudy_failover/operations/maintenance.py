"""`understudy maintenance …`: sends clients to the maintenance page and back, now or at a time.

Each action shows what it would do; with --apply it does it.
"""

import argparse
from typing import Any

from understudy_failover.operations import switch_command, window_command

ACTIONS = {
    "on": "send the clients of a server, or of all, to the maintenance page, now",
    "off": "send them back",
    "status": "show every switch",
    "schedule": "turn a switch on and off at a time: a maintenance window",
    "windows": "show every window",
    "cancel": "cancel windows, and end one that has begun",
}
EXAMPLES = {
    "on": """\
  # what it would do
  understudy maintenance on web
  # do it; the page names the end
  understudy maintenance on web --until 2026-12-01T02:00 --apply
  # every server
  understudy maintenance on --all --apply
""",
    "off": """\
  understudy maintenance off web --apply
  # the switch for all; those of single servers stay as they are
  understudy maintenance off --all --apply
""",
    "status": """\
  understudy maintenance status
  understudy maintenance status --json | jq '.switches[] | select(.on)'
""",
    "schedule": """\
  understudy maintenance schedule web --zone Europe/Rome --apply \\
      --from 2026-12-01T01:00 --to 2026-12-01T03:00
  understudy maintenance schedule --all --apply \\
      --from 2026-12-01T00:00Z --to 2026-12-01T02:00Z
""",
    "windows": """\
  understudy maintenance windows
  understudy maintenance windows --json | jq .windows
""",
    "cancel": """\
  # every window of web: what it would do
  understudy maintenance cancel web
  # the one that begins then
  understudy maintenance cancel web --from 2026-12-01T00:00Z --apply
""",
}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("maintenance", help="send clients to the maintenance page, and back")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    on, off, status, schedule, windows, cancel = (
        actions.add_parser(
            name,
            help=meaning,
            description=meaning[0].upper() + meaning[1:] + ".",
            epilog=f"examples:\n{EXAMPLES[name]}",
        )
        for name, meaning in ACTIONS.items()
    )
    for action in (on, off, schedule, cancel):
        whose = action.add_mutually_exclusive_group(required=True)
        whose.add_argument("servers", nargs="*", default=[], metavar="SERVER", help="names in failover.toml")
        whose.add_argument("--all", action="store_true", help="the switch for all servers, which is one of its own")
        action.add_argument("--apply", action="store_true", help="do it; without, the plan is shown")
    for action in (on, off, status, schedule, windows, cancel):
        action.add_argument("--json", action="store_true", help="the result as JSON on standard output")
        action.add_argument("--account", metavar="NUMBER", type=account, help="default: the one of the credentials")
        action.add_settings_option()
    times = "RFC 3339 such as 2026-11-24T22:00+01:00; without an offset in the time zone of "
    on.add_argument(
        "--until",
        metavar="TIME",
        help=f"when it is expected to end, for the page to name: {times}this machine. It does not end by itself. "
        "Without, an end that the page names already stays",
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
    if not (len(text) == 12 and text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no account number; it has twelve digits")
    return text
