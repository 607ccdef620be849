"""`python -m operations.review [ASSEMBLY]`: what deploying a cloud assembly would change, in plain words."""

import argparse
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.aws import advice, in_words
from operations.left_stacks import left_stacks
from operations.review import changes
from operations.review.formats import FORMATS
from operations.review.templates import AssemblyError, deployed, descriptions, joined, parted, synthesised

REGION = "us-east-1"
DESTRUCTIVE = 2


def main() -> int:
    """0: nothing destructive; 2: something is; 1: it could not be found out."""
    parser = argparse.ArgumentParser(prog="python -m operations.review", description=__doc__)
    parser.add_argument("assembly", type=Path, nargs="?", default=Path("cdk.out"), help="default: cdk.out")
    parser.add_argument("--against", type=Path, metavar="ASSEMBLY", help="compare with this assembly, without AWS")
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="markdown: a comment under a pull request; default: text"
    )
    arguments = parser.parse_args()
    try:
        new, wanted = synthesised(arguments.assembly), descriptions(arguments.assembly)
        if arguments.against:
            kept, left = parted(synthesised(arguments.against), wanted)
        else:
            cloudformation = boto3.client("cloudformation", REGION)
            kept = deployed(cloudformation, wanted)
            left = joined({name: one.template for name, one in left_stacks(cloudformation, wanted).items()})
    except (AssemblyError, BotoCoreError, ClientError) as error:
        print(f"review: {in_words(error)}{advice(error)}", file=sys.stderr)
        return 1
    found = changes(kept, new, left)
    print(FORMATS[arguments.format](found))
    return DESTRUCTIVE if any(change.destructive for change in found) else 0


if __name__ == "__main__":
    sys.exit(main())
