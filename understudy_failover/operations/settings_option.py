"""`--settings` after a command, in addition to before it."""

import argparse
from pathlib import Path

from understudy_failover.settings.location import HELP


def add_settings_option(parser: argparse.ArgumentParser) -> None:
    """Add the option; it wins over the one before the command, and its absence leaves that unchanged."""
    parser.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=HELP)
