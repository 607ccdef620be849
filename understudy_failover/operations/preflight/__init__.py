"""`understudy preflight`: what would block a deploy, and how to fix it."""

from pathlib import Path
from typing import Any

from understudy_failover.operations import reach
from understudy_failover.operations.help import Help
from understudy_failover.operations.preflight.command import run
from understudy_failover.operations.settings_option import add_settings_option

EPILOG = """\
exit codes: 0 no blockers (warnings are possible), 1 blockers,
            3 no known blockers, but some checks were not possible

examples:
  cdk synth --quiet && understudy preflight
  understudy preflight --json |
      jq '.findings[] | select(.verdict == "failed")'
"""


def add_parser(commands: Any) -> None:
    """Registers the command."""
    parser = commands.add_parser(
        "preflight",
        help="check everything that can be known before a deploy",
        description="Checks certificate and secret, hosted zones and records, alternate domain names, quotas, "
        "permissions, and the servers by the rules of Route 53's health checks. It changes nothing.",
        epilog=EPILOG,
        formatter_class=Help,
    )
    parser.add_argument(
        "--assembly", type=Path, default=Path("cdk.out"), metavar="FOLDER", help="what `cdk synth` wrote: cdk.out"
    )
    parser.add_argument(
        "--private-ca",
        action="store_true",
        help="accept certificates whose issuer is none of Mozilla's roots; CloudFront and browsers may refuse them",
    )
    add_settings_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    reach.add_arguments(parser)
    parser.set_defaults(run=run)


__all__ = ["add_parser"]
