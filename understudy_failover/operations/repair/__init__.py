"""`understudy repair`: puts what somebody changed by hand back to what was deployed.

declared.py       the deployed templates, with their values
compare.py        all comparisons: records.py, checks.py, distribution.py, buckets.py, subscriptions.py, leftovers.py
plan.py           the changes, and what no change in place can repair
command.py        the command line

A deploy does not do this: CloudFormation compares templates, not resources, and finds nothing to change.
"""

from typing import Any

from understudy_failover.operations.help import Help
from understudy_failover.operations.repair.command import run
from understudy_failover.operations.settings_option import add_settings_option

DESCRIPTION = """\
Compares record sets, health checks, distributions, edge functions, buckets, page objects and subscriptions with what
was deployed, and puts back what differs, in place. A name's record sets are changed in one batch, so no name is
without an answer. It deletes what left a stack and CloudFormation could not delete. It does not look at
failover.toml's values: what was edited there takes `cdk deploy --all`.

exit codes: 0 done, or nothing to do; 1 something cannot be repaired in place, or was refused; 3 not all was compared
"""
EXAMPLES = """\
examples:
  understudy repair                 # what would be changed
  understudy repair --apply && understudy verify
"""


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "repair",
        help="put back what was changed by hand since the last deploy",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=Help,
    )
    parser.add_argument("--apply", action="store_true", help="do it; without, the plan is shown")
    add_settings_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=run)


__all__ = ["add_parser"]
