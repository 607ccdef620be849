"""The command line of the rehearsal."""

import argparse
import sys
from pathlib import Path

from operations.interruption import Interrupted
from operations.report import ReportError
from rehearsal.cdk import ROOT, CdkError
from rehearsal.play import MODES, play
from rehearsal.preview import preview
from rehearsal.run import rehearse
from rehearsal.stage import StageError
from settings import SettingsError

DESCRIPTION = "Rehearse a failover on the embedded AWS, leave its stage running, or look at the page alone."
RATES = {"fast": 10.0, "real": 1.0}
"""Emulated seconds per real one."""
REPORT_FOLDER = Path("rehearsal.out")


def main() -> int:
    """Exit code 0: every hypothesis held; 1: not all, or it could not be rehearsed; 130: interrupted."""
    arguments = _arguments()
    try:
        if arguments.command == "preview":
            preview(arguments.settings, port=arguments.port, planned_minutes=arguments.planned)
        rate = RATES[arguments.timing]
        if arguments.command == "up":
            return play(arguments.settings, rate=rate)
        mode = MODES[arguments.failure]
        return rehearse(arguments.settings, rate=rate, mode=mode, names=arguments.server, folder=arguments.report)
    except Interrupted:
        print("rehearsal: interrupted; everything is ended and removed", file=sys.stderr)
        return 130
    except (SettingsError, StageError, CdkError, ReportError) as error:
        print(error, file=sys.stderr)
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="run|up|preview")
    run = commands.add_parser("run", help="deploy, let each server fail and come back, destroy")
    up = commands.add_parser("up", help="deploy and leave everything running until Ctrl-C")
    look = commands.add_parser("preview", help="serve the page on loopback until Ctrl-C")
    look.add_argument("--port", type=int, default=0, help="default: one that is free")
    look.add_argument("--planned", type=int, metavar="MINUTES", help="as planned work that ends in so many minutes")
    for command in (run, up, look):
        command.add_argument(
            "--settings", type=Path, default=ROOT / "failover.toml", metavar="FILE", help="default: failover.toml"
        )
    for command in (run, up):
        command.add_argument(
            "--timing",
            choices=RATES,
            default="fast",
            help="real: as long as on AWS; fast (default): ten emulated seconds in one",
        )
    run.add_argument(
        "--failure",
        choices=[name for name in MODES if name != "works"],
        default="refuse",
        help="how the server fails (default: refuse connections)",
    )
    run.add_argument(
        "--server",
        action="append",
        default=[],
        metavar="NAME",
        help="let this server fail; may be repeated (default: each in turn)",
    )
    run.add_argument(
        "--report",
        type=Path,
        default=REPORT_FOLDER,
        metavar="FOLDER",
        help=f"where report.html and journal.json go (default: {REPORT_FOLDER})",
    )
    return parser.parse_args()
