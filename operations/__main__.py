"""`python -m operations COMMAND …`: the operator's tool, for AWS and for the embedded AWS alike.

Results go to stdout, talk to stderr. A command that changes something shows its plan first and acts only with
`--apply`. Every command module has `add_parser(commands)`, which registers it with `run` as its default: a function
of the parsed arguments that answers the exit code.
"""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operations import adoption, certificate, maintenance, preflight
from settings import SettingsError

COMMANDS = (adoption, certificate, maintenance, preflight)


def main(words: list[str] | None = None) -> int:
    """Exit code 0: done, or nothing to do; 1: refused, failed, or not as it should be; 2: wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m operations", description="Operates a deployment of failover.toml.")
    parser.add_argument(
        "--settings", type=Path, default=Path("failover.toml"), metavar="FILE", help="default: failover.toml"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
