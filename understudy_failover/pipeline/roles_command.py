"""`understudy roles`: the CloudFormation template of the roles that the pipeline's jobs assume."""

import argparse
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("roles.yaml")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "roles",
        help="print the CloudFormation template of the pipeline's roles",
        description=__doc__,
        epilog="example:\n  understudy roles > roles.yaml\n",
    )
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    print(TEMPLATE.read_text(encoding="utf-8"), end="")
    return 0
