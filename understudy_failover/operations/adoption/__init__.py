"""`understudy adopt` and `release`: host names that are in use, into the failover and out of it again."""

from typing import Any

from understudy_failover.operations import reach
from understudy_failover.operations.adoption.command import adopt, hand_back
from understudy_failover.operations.help import Help
from understudy_failover.operations.settings_option import add_settings_option

ADOPT = """\
Simple records become records that the next deploy makes failover pairs of; they answer the same all the while.
What there was is written to adopted-records.json beside failover.toml first.

  understudy adopt                               # what would be done
  understudy adopt www.example.com --apply       # one host, to begin with
  understudy adopt --apply && cdk deploy --all
  understudy release --apply                     # back, before the deploy
"""
RELEASE = """\
Before a deploy, the adopted hosts get back the records that they had. After `understudy destroy`, or after hosts were
taken out of failover.toml and deployed, they still answer with their server's address: released, by simple records.

  cdk destroy Failover && understudy release --apply
  # and nobody answers for it any more
  understudy release old.example.com --remove --apply
"""


def add_parser(commands: Any) -> None:
    """Registers both commands."""
    into = commands.add_parser(
        "adopt",
        help="take over hosts that have simple records, without a moment unanswered",
        description=ADOPT,
        formatter_class=Help,
    )
    into.set_defaults(run=adopt)
    out = commands.add_parser(
        "release",
        help="hand hosts back to simple records",
        description=RELEASE,
        formatter_class=Help,
    )
    out.add_argument("--remove", action="store_true", help="leave no record in place of those that go")
    out.set_defaults(run=hand_back)
    for parser in (into, out):
        parser.add_argument("hosts", nargs="*", metavar="HOST", help="names in failover.toml; default: all")
        parser.add_argument("--apply", action="store_true", help="do it; without, the plan is shown")
        parser.add_argument("--unchecked", action="store_true", help="do not ask whether the names are answered")
        add_settings_option(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        reach.add_arguments(parser)


__all__ = ["add_parser"]
