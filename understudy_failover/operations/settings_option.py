"""`--settings` behind a command as well as before it."""

import argparse
from pathlib import Path

from understudy_failover.settings.location import HELP


def add_settings_option(parser: argparse.ArgumentParser) -> None:
    """One that stands here goes before the one in front of the command, and its absence leaves that as it is."""
    parser.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=HELP)
