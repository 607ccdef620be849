"""`understudy COMMAND …`: the operator's tool, for AWS and for the embedded AWS alike.

Results go to stdout, talk to stderr. A command that changes something shows its plan first and acts only with
`--apply`. Every command module has `add_parser(commands)`, which registers it with `run` as its default: a function
of the parsed arguments that answers the exit code.
"""

import argparse
import io
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations import (
    aws,
    certificate,
    completion,
    destroy_command,
    drill_command,
    estimate,
    maintenance,
    origin,
    page_command,
)
from understudy_failover.operations.changelog import version
from understudy_failover.operations.confirm import command as confirm
from understudy_failover.operations.help import Parser
from understudy_failover.operations.preflight import command as preflight
from understudy_failover.operations.reach import UndirectedError
from understudy_failover.operations.record_import import command as record_import
from understudy_failover.operations.repair import command as repair
from understudy_failover.operations.review import command as review
from understudy_failover.operations.status import command as status
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify import command as verify
from understudy_failover.owner import docs_command, init, requirements
from understudy_failover.pipeline import gate, renew, roles_command
from understudy_failover.rehearsal import command as rehearsal
from understudy_failover.settings import SettingsError
from understudy_failover.settings.location import HELP, settings_path

COMMANDS = (
    *(init, requirements),
    *(
        preflight,
        review,
        record_import,
        verify,
        repair,
        status,
        drill_command,
        maintenance,
        certificate,
        estimate,
        origin,
    ),
    *(confirm, destroy_command),
    *(rehearsal, page_command, gate, renew, roles_command, docs_command),
)

EXIT_CODES = """\
exit codes of every command:
  0    done, or nothing to do
  1    refused, failed, or not as it should be
  2    wrong arguments: an option, a time, a server or host that failover.toml
       does not have; `diff` and `gate`: the change is destructive
  3    not everything could be seen, compared or measured; nothing that was
       seen failed
  130  interrupted (Ctrl-C)
"""
EPILOG = f"""\
{EXIT_CODES}
Results go to standard output, everything else to standard error. A command that changes something shows its plan
first. `understudy COMMAND --help` has examples. Against the embedded AWS: `understudy up` prints what to set.
"""


def command_line() -> argparse.ArgumentParser:
    """Every command."""
    parser = Parser(prog="understudy", description="Operates a deployment of failover.toml.", epilog=EPILOG)
    parser.add_argument("--settings", type=Path, default=settings_path(), metavar="FILE", help=HELP)
    parser.add_argument("--version", action="version", version=f"understudy {version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for command in COMMANDS:
        command.add_parser(commands)
    completion.add_parser(commands, parser)
    return parser


def _fail(text: str) -> None:
    Terminal(as_json=False).fail(text)


def main(words: list[str] | None = None) -> int:
    """Return the exit code, as `EPILOG` lists them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without UTF-8 gets `\u2714` in place of a traceback.
            stream.reconfigure(errors="backslashreplace")
    arguments = command_line().parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except SettingsError as error:
        _fail(str(error))
        return 1
    except UndirectedError as error:
        _fail(str(error))
        return 2
    except (BotoCoreError, ClientError) as error:
        _fail(f"AWS: {aws.in_words(error)}")
        return 1
    except KeyboardInterrupt:
        _fail("interrupted")
        return 130
    return code
