"""`understudy status`: one screen, once or kept up to date."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from rich.console import Console
from rich.live import Live
from rich.text import Text

from understudy_failover.contract.printable import printable_json
from understudy_failover.operations import aws, maintenance, reach
from understudy_failover.operations.status.screen import document, screen
from understudy_failover.operations.status.snapshot import Snapshot, take_snapshot
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.settings import Settings, load

EVERY_SECONDS = 5.0
"""Between the end of one observation and the next."""
COULD_NOT_DETERMINE = 3
INTERRUPTED = 130


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "status",
        help="what serves each host, since when and why",
        description="Shows for each host who answers and what name servers and a resolver say, then switches, windows "
        "and certificates. It depends mainly on data planes (DNS, HTTPS, S3), and lists what it could not check. "
        "Exit code 0: every host is served by its server; 1: a host is not; 2: wrong arguments; 3: as 0, but something "
        "could not be checked.",
        epilog="examples: `status`, `status --watch`, `status --json | jq .hosts`; as resolvers see it: "
        "`status --resolver 1.1.1.1:53 --resolver 8.8.8.8:53`",
    )
    parser.add_settings_option()
    parser.add_argument("--watch", action="store_true", help="keep it up to date until Ctrl-C; in a pipe: every change")
    parser.add_argument(
        "--every", type=_seconds, default=EVERY_SECONDS, metavar="SECONDS", help=f"default: {EVERY_SECONDS:g}"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document; with --watch one a line")
    parser.add_argument(
        "--account", metavar="NUMBER", type=maintenance.account, help="default: the one of the credentials"
    )
    reach.add_arguments(parser)
    parser.set_defaults(run=status)


def status(arguments: argparse.Namespace) -> int:
    terminal = Terminal(as_json=arguments.json)
    world = reach.from_arguments(arguments)
    settings = load(arguments.settings)

    def observe() -> Snapshot:
        # A new object each time: Deployment caches what AWS answers.
        return take_snapshot(Deployment(settings, world, account=arguments.account, config=aws.IMPATIENT))

    if arguments.watch:
        try:
            _watch(observe, settings, arguments)
        except KeyboardInterrupt:
            return INTERRUPTED
    result = observe()
    terminal.result(screen(result, settings), document(result, settings))
    return exit_code(result)


def exit_code(snapshot: Snapshot) -> int:
    """Return 0: every host is on its server; 1: one is not; 3: not everything could be determined."""
    if snapshot.any_off_server:
        return 1
    return COULD_NOT_DETERMINE if snapshot.unseen or snapshot.local_faults else 0


def _watch(observe: Callable[[], Snapshot], settings: Settings, arguments: argparse.Namespace) -> NoReturn:
    if sys.stdout.isatty() and not arguments.json:
        with Live(console=Console(), auto_refresh=False, screen=True) as live:
            while True:
                snapshot = observe()
                live.update(
                    Text(f"{screen(snapshot, settings)}\n\n{snapshot.at:%H:%M:%S} UTC, Ctrl-C ends"), refresh=True
                )
                time.sleep(arguments.every)
    before = ""
    while True:
        snapshot = observe()
        content = document(snapshot, settings)
        # The time and the number of requests always change.
        asked = [requests["still_asked"] for requests in content["page_requests"] or []]
        fingerprint = json.dumps({**content, "at": None, "page_requests": asked})
        if fingerprint != before:
            print(
                printable_json(content) if arguments.json else f"{content['at']}\n{screen(snapshot, settings)}\n",
                flush=True,
            )
        before = fingerprint
        time.sleep(arguments.every)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0; write it like 5")
    return seconds
