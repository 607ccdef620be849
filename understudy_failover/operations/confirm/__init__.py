"""`understudy confirm`: ask AWS what no documentation says.

questions.py    every question; each file `*_questions.py` has one kind
shared.py       hosted zone, distribution and health checks of a run
ledger.py       the resources of a run, recorded before they are created; removal.py removes them
play.py         one run; command.py is the command line
"""

from pathlib import Path
from typing import Any

from understudy_failover.operations.confirm.command import run
from understudy_failover.operations.confirm.questions import QUESTIONS
from understudy_failover.operations.help import Help
from understudy_failover.operations.reach import add_arguments
from understudy_failover.operations.settings_option import add_settings_option

LEDGER = Path("confirm-ledger.json")
DESCRIPTION = """\
Asks AWS the questions of `understudy docs unconfirmed` in your account. Without --apply it prints plan and budget.

With --apply it creates resources whose names begin with `understudy-confirm-`, and removes them at the end, also after
Ctrl-C. A ledger lists each resource before it is created: after a kill, the next run removes what is left. Records of
your zone do not change. Use an account without production, and credentials of its administrator.

exit codes: 0 planned, or every question answered and everything removed; 1 a question is open, or something is left;
130 interrupted, and everything removed
"""
EXAMPLES = """\
examples:
  understudy confirm --zone example.com
  understudy confirm --zone example.com --apply --json > report.json
  understudy confirm --zone example.com --only error-caching --apply
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "confirm",
        help="ask AWS what its documentation does not say",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=Help,
    )
    parser.add_argument("--zone", required=True, metavar="ZONE", help="a zone of yours; resources get names below it")
    parser.add_argument("--apply", action="store_true", help="ask AWS; without it, print the plan")
    parser.add_argument(
        "--only", action="append", default=[], choices=sorted(QUESTIONS), metavar="QUESTION", help="repeatable"
    )
    parser.add_argument(
        "--certificate",
        nargs=3,
        action="append",
        default=[],
        type=Path,
        metavar=("CERTIFICATE", "CHAIN", "KEY"),
        help="a publicly trusted certificate in PEM for the questions that need one; may be repeated",
    )
    parser.add_argument(
        "--ledger", type=Path, default=LEDGER, metavar="FILE", help=f"lists what exists (default: {LEDGER})"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document, which names no account")
    add_settings_option(parser)
    add_arguments(parser)
    parser.set_defaults(run=run)


__all__ = ["add_parser"]
