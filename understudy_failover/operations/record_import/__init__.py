"""`understudy import` and `detach`: import hosts that are in use into the failover, and detach them."""

from typing import Any

from understudy_failover.operations import reach
from understudy_failover.operations.help import Help
from understudy_failover.operations.record_import.command import adopt, detach
from understudy_failover.operations.settings_option import add_settings_option

ADOPT = """\
Replaces simple records by placeholders with the same answers; the next deploy replaces these by failover pairs.
The old records are saved in adopted-records.json beside failover.toml first.

  understudy import                              # print the plan
  understudy import www.example.com --apply      # begin with one host
  understudy import --apply && cdk deploy --all
  understudy detach --apply                      # undo it, before the deploy
"""
RELEASE = """\
Before a deploy, restores the records from before `import`; after `understudy destroy`, or after a deploy that removed
hosts, replaces placeholder records by simple ones with the server's address.

  understudy detach --apply                            # every host of failover.toml
  understudy detach old.example.com --apply            # a host that was removed from failover.toml
  understudy detach old.example.com --remove --apply   # delete its records
"""


def add_parser(commands: Any) -> None:
    adopting = commands.add_parser(
        "import",
        aliases=["adopt"],  # its name in 0.1.0
        help="import hosts that have simple records, without an outage",
        description=ADOPT,
        formatter_class=Help,
    )
    adopting.set_defaults(run=adopt)
    releasing = commands.add_parser(
        "detach",
        aliases=["release"],  # its name in 0.1.0
        help="detach hosts: restore simple records",
        description=RELEASE,
        formatter_class=Help,
    )
    releasing.add_argument("--remove", action="store_true", help="delete the records and create none")
    releasing.set_defaults(run=detach)
    adopting.add_argument("hosts", nargs="*", metavar="HOST", help="names in failover.toml; default: all")
    releasing.add_argument(
        "hosts", nargs="*", metavar="HOST", help="names, also removed ones; default: all in failover.toml"
    )
    for parser in (adopting, releasing):
        parser.add_argument("--apply", action="store_true", help="make the changes; without it, print the plan")
        parser.add_argument("--unchecked", action="store_true", help="do not query the name servers")
        add_settings_option(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        reach.add_arguments(parser)


__all__ = ["add_parser"]
