"""`python -m operations.review [ASSEMBLY]`: what deploying a cloud assembly would change, in plain words."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.aws import in_words
from operations.review import Change, changes
from operations.review.templates import AssemblyError, deployed, stack_templates, synthesised

REGION = "us-east-1"
DESTRUCTIVE = 2


def main() -> int:
    """0: nothing destructive; 2: something is; 1: it could not be found out."""
    parser = argparse.ArgumentParser(prog="python -m operations.review", description=__doc__)
    parser.add_argument("assembly", type=Path, nargs="?", default=Path("cdk.out"), help="default: cdk.out")
    parser.add_argument("--against", type=Path, metavar="ASSEMBLY", help="compare with this assembly, without AWS")
    parser.add_argument("--json", action="store_true", help="a list of changes as JSON")
    arguments = parser.parse_args()
    try:
        new = synthesised(arguments.assembly)
        if arguments.against:
            old = synthesised(arguments.against)
        else:
            old = deployed(boto3.client("cloudformation", REGION), list(stack_templates(arguments.assembly)))
    except (AssemblyError, BotoCoreError, ClientError) as error:
        print(f"review: {in_words(error)}", file=sys.stderr)
        return 1
    found = changes(old, new)
    print(json.dumps([asdict(change) for change in found]) if arguments.json else text(found))
    return DESTRUCTIVE if any(change.destructive for change in found) else 0


def text(found: list[Change]) -> str:
    """The changes a line each, destructive ones under a heading of their own."""
    if not found:
        return "No changes."
    destructive = [f"  {change.mark} {change.text}" for change in found if change.destructive]
    others = [f"  {change.mark} {change.text}" for change in found if not change.destructive]
    parts = []
    if destructive:
        parts += ["DESTRUCTIVE: what serves people today goes or is replaced", *destructive]
    if others:
        parts += ["Changes", *others]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
