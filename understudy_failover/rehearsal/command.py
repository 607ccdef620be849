"""`understudy rehearse`, `up` and `preview`: on the embedded AWS, which needs the extra `rehearsal` of the package."""

import argparse
import importlib.util
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from understudy_failover.operations.interruption import Interrupted
from understudy_failover.operations.report import ReportError
from understudy_failover.rehearsal.errors import CdkError, RehearsalError
from understudy_failover.rehearsal.modes import MODES

RATES = {"fast": 25.0, "real": 1.0}
"""Emulated seconds per real one at most: the clock slows down with the machine."""
REPORT_FOLDER = Path("rehearsal.out")
TOO_SLOW = 3
"""Exit code: this machine could not keep up, so the result is void."""
EXTRA = "ministack"
"""A module that only the extra installs."""
MISSING = """\
The embedded AWS is not installed. It pins boto3 exactly, so give it an environment of its own:
  understudy requirements rehearsal > requirements-rehearsal.txt
  python3 -m venv .venv-rehearsal && .venv-rehearsal/bin/pip install -r requirements-rehearsal.txt
  .venv-rehearsal/bin/understudy rehearse"""


def add_parser(commands: Any) -> None:
    rehearse = commands.add_parser(
        "rehearse",
        help="deploy to an embedded AWS, fail each server, bring it back, destroy",
        description="Play a whole failover of failover.toml on the embedded AWS: no account needed.",
        epilog=(
            "exit codes: 0 no hypothesis failed; 1 one failed, or nothing was rehearsed; 3 this machine could not keep "
            "up,\nso the result says nothing about the settings; 130 interrupted\n\n"
            "examples:\n  understudy rehearse\n  understudy rehearse --server web --failure hang\n"
        ),
    )
    up = commands.add_parser(
        "up",
        help="deploy to an embedded AWS and leave it running until Ctrl-C",
        description="Deploy failover.toml to the embedded AWS and print how to point aws, cdk, dig and curl at it.",
        epilog="example:\n  understudy up\n",
    )
    preview = commands.add_parser(
        "preview",
        help="serve the page through the real edge functions on loopback",
        description="Serve the maintenance page on loopback until Ctrl-C.",
        epilog="example:\n  understudy preview --planned 90\n",
    )
    preview.add_argument("--port", type=_number(65_535), default=0, help="default: one that is free")
    preview.add_argument(
        "--planned", type=_number(100_000), metavar="MINUTES", help="as planned work that ends in so many minutes"
    )
    for parser in (rehearse, up, preview):
        parser.add_settings_option()
    for parser in (rehearse, up):
        parser.add_argument(
            "--timing",
            choices=tuple(RATES),
            default="fast",
            help="real: as long as on AWS; fast (default): up to 25 times faster, as fast as this machine keeps up",
        )
    rehearse.add_argument(
        "--failure",
        choices=[name for name in MODES if name != "works"],
        default="refuse",
        metavar="HOW",
        help=f"how the server fails: {', '.join(name for name in MODES if name != 'works')} (default: refuse)",
    )
    rehearse.add_argument(
        "--server",
        action="append",
        default=[],
        metavar="NAME",
        help="let this server fail; may be repeated (default: each in turn)",
    )
    rehearse.add_argument(
        "--report",
        type=Path,
        default=REPORT_FOLDER,
        metavar="FOLDER",
        help=f"where report.html and journal.json go (default: {REPORT_FOLDER})",
    )
    rehearse.set_defaults(run=_command(_rehearse))
    up.set_defaults(run=_command(_up))
    preview.set_defaults(run=_command(_preview))


def _number(highest: int) -> Callable[[str], int]:
    """Return a type of argument: a whole number from 0 to `highest`."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(highest)) and int(text) <= highest):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {highest}")
        return int(text)

    return number


def _command(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Return `run` that handles errors; exit code 1: it failed; 130: interrupted; `TOO_SLOW`."""

    def guarded(arguments: argparse.Namespace) -> int:
        if importlib.util.find_spec(EXTRA) is None:
            print(MISSING, file=sys.stderr)
            return 1
        # Until there is something to clean up, Ctrl-C ends the process: no traceback from an import.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        from understudy_failover.emulator.paced_time import MachineTooSlowError  # noqa: PLC0415 (needs the extra)

        try:
            return run(arguments)
        except MachineTooSlowError as error:
            print(error, file=sys.stderr)
            return TOO_SLOW
        except Interrupted:
            print(f"{arguments.command}: interrupted; everything is ended and removed", file=sys.stderr)
            return 130
        except RehearsalError as error:
            print(error, file=sys.stderr)
            return error.exit_code
        except (CdkError, ReportError) as error:
            print(error, file=sys.stderr)
            return 1

    return guarded


def _rehearse(arguments: argparse.Namespace) -> int:
    from understudy_failover.rehearsal.run import rehearse  # noqa: PLC0415 (needs the extra)

    return rehearse(
        arguments.settings,
        rate=RATES[arguments.timing],
        mode=MODES[arguments.failure],
        names=arguments.server,
        folder=arguments.report,
    )


def _up(arguments: argparse.Namespace) -> int:
    from understudy_failover.rehearsal.play import play  # noqa: PLC0415 (needs the extra)

    return play(arguments.settings, rate=RATES[arguments.timing])


def _preview(arguments: argparse.Namespace) -> int:
    from understudy_failover.rehearsal.preview import preview  # noqa: PLC0415 (needs the extra)

    preview(arguments.settings, port=arguments.port, planned_minutes=arguments.planned)
