"""`understudy diff [ASSEMBLY]`: what deploying a cloud assembly would change."""

import argparse
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations import aws
from understudy_failover.operations.aws import advice, in_words
from understudy_failover.operations.orphaned_stacks import orphaned_stacks
from understudy_failover.operations.review import changes
from understudy_failover.operations.review.formats import FORMATS
from understudy_failover.operations.review.templates import (
    AssemblyError,
    deployed,
    identities,
    joined,
    split_by_stack,
    synthesized_resources,
)
from understudy_failover.operations.terminal import Terminal

DESTRUCTIVE = 2
EXAMPLES = """\
examples:
  # of cdk.out, compared with what is deployed
  cdk synth --quiet && understudy diff
  understudy diff --format json             # for a script
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "diff",
        help="what a deploy would change, in words; exit code 2 if something is destructive",
        description=__doc__,
        epilog=EXAMPLES,
    )
    parser.add_argument("assembly", type=Path, nargs="?", default=Path("cdk.out"), help="default: cdk.out")
    parser.add_argument("--against", type=Path, metavar="ASSEMBLY", help="compare with this assembly, without AWS")
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="markdown: a comment under a pull request; default: text"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Return 0: nothing destructive; 2: something is; 1: it could not be determined."""
    terminal = Terminal(as_json=False)
    try:
        new, wanted = synthesized_resources(arguments.assembly), identities(arguments.assembly)
        if arguments.against:
            current, left = split_by_stack(synthesized_resources(arguments.against), wanted)
        else:
            cloudformation = aws.client("cloudformation")
            current = deployed(cloudformation, wanted)
            left = joined({name: orphan.template for name, orphan in orphaned_stacks(cloudformation, wanted).items()})
    except (AssemblyError, BotoCoreError, ClientError) as error:
        terminal.fail(f"diff: {in_words(error)}{advice(error)}")
        return 1
    if _is_older(arguments.assembly / "manifest.json", arguments.settings):
        terminal.say(
            f"diff: {arguments.assembly} is older than {arguments.settings}; `cdk synth --quiet` writes a new one"
        )
    differences = changes(current, new, left)
    text = FORMATS[arguments.format](differences)
    if arguments.format == "text":
        terminal.result(text, None)
    else:
        print(text)
    return DESTRUCTIVE if any(change.destructive for change in differences) else 0


def _is_older(file: Path, other: Path) -> bool:
    return other.is_file() and file.stat().st_mtime_ns < other.stat().st_mtime_ns
