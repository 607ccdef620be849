"""`status`: what serves each host, since when and why; switches, windows, certificates.

look.py      one observation of everything; what cannot be determined is listed
screen.py    an observation as text and as JSON
command.py   the command line, once or repeatedly
"""

from typing import Any

from understudy_failover.operations import maintenance, reach
from understudy_failover.operations.settings_option import add_settings_option
from understudy_failover.operations.status.command import add_arguments, status


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "status",
        help="what serves each host, since when and why",
        description="Shows for each host who answers and what name servers and a resolver say, then switches, windows "
        "and certificates. It depends mainly on data planes (DNS, HTTPS, S3), and lists what it could not check. "
        "Exit code 0: every host is served by its server; 1: a host is not; 2: wrong arguments; 3: as 0, but something "
        "could not be checked.",
        epilog="examples: `status`, `status --watch`, `status --json | jq .hosts`; as resolvers see it: "
        "`status --resolver 1.1.1.1:53 --resolver 8.8.8.8:53`",
    )
    add_settings_option(parser)
    add_arguments(parser)
    parser.add_argument(
        "--account", metavar="NUMBER", type=maintenance.account, help="default: the one of the credentials"
    )
    reach.add_arguments(parser)
    parser.set_defaults(run=status)


__all__ = ["add_parser"]
