"""`python -m operations COMMAND`: the operator's tool, for AWS and for the embedded AWS alike.

Results go to stdout, talk to stderr. A command that changes something shows its plan first and acts only with
`--apply`. Exit code 0: done, or nothing to do; 1: refused, failed, or not as it should be; 2: wrong usage.
"""

import argparse
import sys

from operations import certificate


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m operations", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    certificate.add_to(commands)
    parsed = parser.parse_args(arguments)
    code: int = parsed.run(parsed)
    return code


if __name__ == "__main__":
    sys.exit(main())
