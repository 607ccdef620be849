"""`understudy destroy`: remove the stacks by `cdk destroy`, also those that failover.toml no longer has."""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from understudy_failover.contract.regular_file import read_file
from understudy_failover.operations.cdk_cli import cdk_environment

EXAMPLES = """\
examples:
  # everything, also what failover.toml no longer has
  understudy destroy
  # one orphaned stack; `understudy diff` names it
  understudy destroy example-failover-shops
  # more arguments for `cdk destroy`
  understudy destroy -- --force --profile ops
"""
EVERY_STACK = "**"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "destroy",
        help="remove what is deployed, also stacks that failover.toml no longer has",
        description=__doc__,
        epilog=EXAMPLES,
    )
    parser.add_argument("stack", nargs="?", default=EVERY_STACK, metavar="STACK", help="default: all")
    parser.add_argument("more", nargs="*", metavar="-- ARGUMENT", help="for `cdk destroy`")
    parser.add_settings_option()
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        app = json.loads(read_file(Path("cdk.json")).decode("utf-8"))["app"]
    except FileNotFoundError:
        print("destroy: this folder has no cdk.json; go to the folder of your repository", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        print("destroy: cdk.json names no app; restore it from version control", file=sys.stderr)
        return 1
    stack, more = arguments.stack, arguments.more
    if stack.startswith("-"):  # without STACK, argparse takes the first argument after `--` as STACK
        stack, more = EVERY_STACK, [stack, *more]
    add_orphans = f'python -m understudy_failover.operations.destroyable "$CDK_OUTDIR" {shlex.quote(stack)}'
    command = ["cdk", "--no-notices", "destroy", stack, "--app", f"{app} && {add_orphans}"]
    settings = ("--context", f"settings={arguments.settings}")
    try:
        return subprocess.run([*command, *settings, *more], env=cdk_environment(), check=False).returncode
    except FileNotFoundError:
        print("destroy: cdk is neither on PATH nor in node_modules/.bin; run `npm ci`", file=sys.stderr)
        return 1
