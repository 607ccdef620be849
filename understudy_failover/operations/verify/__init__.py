"""`verify`: after a deploy, before trusting it.

finding.py       what a check found about one thing
check.py         a check: a name and a function; what it cannot see is a finding, too
checks.py        all of them, in order
deployment.py    what AWS's APIs and name servers tell, each asked for once
report.py        table, JSON, JUnit
command.py       the command line

The checks: distribution.py, certificates.py, page.py, answers.py, records.py, dns_answers.py, health.py,
page_health.py, switches.py, account.py.
"""

from typing import Any

from understudy_failover.operations import maintenance, reach
from understudy_failover.operations.settings_option import add_settings_option
from understudy_failover.operations.verify.command import add_arguments, verify


def add_parser(commands: Any) -> None:
    """Registers the command."""
    parser = commands.add_parser(
        "verify",
        help="after a deploy: is everything as failover.toml says, and does it work?",
        description="Looks at everything that is deployed, asks every host at the distribution itself (past DNS) and "
        "the zones at their own name servers, and changes nothing. Exit code 0: all passed; 1: something failed; "
        "2: wrong arguments; 3: nothing failed, but not everything could be seen.",
        epilog="examples: `verify`, `verify --junit verify.xml --wait 0`, `verify --json | jq .findings`",
    )
    add_settings_option(parser)
    add_arguments(parser)
    parser.add_argument(
        "--account", metavar="NUMBER", type=maintenance.account, help="default: the one of the credentials"
    )
    reach.add_arguments(parser)
    parser.set_defaults(run=verify)


__all__ = ["add_parser"]
