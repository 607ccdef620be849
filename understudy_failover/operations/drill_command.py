"""`understudy drill`: test a deployment by sending real clients to the page and back, by the switch.

The preconditions are checked first. Whatever happens after that, the switch is turned off again.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from understudy_failover.operations import aws, report
from understudy_failover.operations.bounds import switch_off_bound, switch_on_bound
from understudy_failover.operations.drill import WORKERS
from understudy_failover.operations.drill_play import PROBE_TIMEOUT_SECONDS, Talk, longest_seconds, play
from understudy_failover.operations.maintenance import account
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.pooled_client import WHO_NOTICES
from understudy_failover.operations.preconditions import Preconditions
from understudy_failover.operations.reach import add_arguments, from_arguments
from understudy_failover.operations.record import Record
from understudy_failover.operations.record_import.journal import old_answers
from understudy_failover.operations.report import ReportError
from understudy_failover.operations.switch import SwitchError, Switches, UnknownServerError
from understudy_failover.operations.switch_command import wanted
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.windows import Windows
from understudy_failover.settings import Server, Settings, load
from understudy_failover.settings.switch_settings import SwitchSettings

FOLDER = Path("drills")
EXAMPLES = """\
examples:
  understudy drill web --dry-run    # check the preconditions, show the plan
  understudy drill web              # the same, ask, then do it
  understudy drill --all --yes      # every server in turn, without asking

Visitors see the maintenance page during the drill, for the minutes in the plan. The server is left alone.
It needs what `maintenance on` needs, scheduler:ListSchedules, and route53:ListResourceRecordSets of the zones.
Exit code: 0 every hypothesis held; 1 one did not, or a precondition is not met; 2 wrong arguments; 130 interrupted.
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "drill",
        help="send a server's clients to the maintenance page and back, and measure",
        description=__doc__,
        epilog=EXAMPLES,
    )
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("servers", nargs="*", default=[], metavar="SERVER", help="names in failover.toml")
    whose.add_argument("--all", action="store_true", help="every server, one after the other")
    parser.add_argument("--dry-run", action="store_true", help="only check the preconditions")
    parser.add_argument("--yes", "--apply", action="store_true", help="do not ask")
    parser.add_argument(
        "--report",
        type=Path,
        default=FOLDER,
        metavar="FOLDER",
        help=f"where journal and report go, named after the time (default: {FOLDER})",
    )
    parser.add_argument("--json", action="store_true", help="the journal as JSON on standard output")
    parser.add_argument("--account", metavar="NUMBER", type=account, help="default: the one of the credentials")
    parser.add_settings_option()
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    terminal = Terminal(as_json=arguments.json)
    settings = load(arguments.settings)
    try:
        servers = chosen(settings, arguments)
        if not arguments.dry_run:
            report.prepare(arguments.report)
        point = from_arguments(arguments)
        aws.require_credentials()
        authority = point.authority(settings)
    except (SwitchError, ReportError, DnsError) as error:
        terminal.fail(str(error))
        return 2 if isinstance(error, UnknownServerError) else 1
    number = arguments.account or aws.account_number()
    switches = Switches(aws.client("s3"), settings.app, number)
    client = point.client(PROBE_TIMEOUT_SECONDS)
    seconds = longest_seconds(settings) * len(servers)
    try:
        terminal.progress("checking the preconditions …")
        with ThreadPoolExecutor(WORKERS) as workers:
            preconditions = Preconditions(
                settings,
                servers,
                switches=switches,
                windows=Windows(aws.client("scheduler"), settings.app, number, settings.switches),
                route53=aws.client("route53"),
                cloudformation=aws.client("cloudformation"),
                client=client,
                name_server=authority,
                workers=workers,
            )
            violations = list(preconditions.violations(datetime.now(UTC), seconds))
        for text in violations:
            terminal.fail(f"✘ {text}")
        steps = plan(settings, servers)
        if violations:
            return _unplayed(
                terminal, "drill aborted: the preconditions above are not met; nothing was changed", violations, steps
            )
        terminal.say("✔ the deployment is in a steady state", "green")
        warnings = list(old_answers(arguments.settings.parent, servers, datetime.now(UTC)))
        for text in warnings:
            terminal.warn(text)
        for line in steps:
            terminal.say(line)
        if arguments.dry_run:
            return _unplayed(
                terminal, "nothing was changed; to do it, repeat without --dry-run", violations, steps, warnings
            )
        if not arguments.yes and not _agreed(terminal, servers):
            return 1
    except KeyboardInterrupt:
        terminal.fail("interrupted; nothing was changed")
        return 130
    played = play(settings, servers, switches=switches, reach=point, talk=Talk(terminal))
    code = 130 if played.interrupted else 0 if played.record.outcome == "held" else 1
    return _leave(played.record, arguments.report, terminal) or code


def chosen(settings: Settings, arguments: argparse.Namespace) -> list[Server]:
    """The servers that the arguments name, in their order; with --all every one.

    Raises:
        SwitchError: there is no switch for one server alone.
        UnknownServerError: a name is in no `[[servers]]`.
    """
    if (settings.maintenance.switches != "per-server" and len(settings.servers) > 1) or not settings.has_switches:
        raise SwitchError(
            "a drill sends one server's clients to the page, and there is no switch for that; set [maintenance] "
            'switches = "per-server", and deploy'
        )
    if arguments.all:
        return list(settings.servers)
    by_name = {server.name: server for server in settings.servers}
    return [by_name[name] for name in wanted(SwitchSettings.of(settings), arguments)]


def plan(settings: Settings, servers: Sequence[Server]) -> list[str]:
    """What will be done, and what visitors will see of it."""
    there, back = switch_on_bound(settings.timing), switch_off_bound(settings.timing)
    lines = []
    for server in servers:
        hosts = ", ".join(host.name for host in server.hosts)
        lines.append(f"▶ {server.name}: switch on; visitors of {hosts} see the page within {there.total_seconds} s")
        lines.append(
            f"  {server.name}: probe every path, then switch off; visitors are back within {back.total_seconds} s"
        )
    lines.append(f"  Slower: clients that keep a connection open, or an address longer than its TTL: {WHO_NOTICES}")
    return lines


def _unplayed(
    terminal: Terminal, why: str, violations: Sequence[str], steps: Sequence[str], warnings: Sequence[str] = ()
) -> int:
    terminal.say(why)
    if terminal.as_json:
        document = {
            "steady": not violations,
            "unsteady": list(violations),
            "plan": list(steps),
            "warnings": list(warnings),
        }
        terminal.result("", document)
    return 1 if violations else 0


def _agreed(terminal: Terminal, servers: Sequence[Server]) -> bool:
    if not sys.stdin.isatty():
        terminal.fail("there is no terminal to confirm on; pass --yes")
        return False
    wanted_text = " ".join(server.name for server in servers)
    terminal.say(f"Visitors will see the maintenance page. To go on, type `{wanted_text}`:")
    try:
        agreed = input().strip() == wanted_text
    except EOFError:
        agreed = False
    if not agreed:
        terminal.fail("nothing was changed")
    return agreed


def _leave(played_record: Record, folder: Path, terminal: Terminal) -> int:
    """Exit code 1 where the report could not be written; the journal is printed all the same."""
    code = 0
    where = ""
    try:
        where = f"\nReport: {report.leave(played_record, folder, f'{played_record.began_at:%Y-%m-%dT%H-%M-%SZ}-')}"
    except ReportError as error:
        terminal.fail(str(error))
        code = 1
    verdict = {"held": "✔ every hypothesis held", "deviated": "✘ not every hypothesis held"}
    times = "".join(
        f"{measurement.what:<60} {measurement.after_seconds:>4.0f} to {measurement.within_seconds:.0f} s "
        f"(bound {measurement.bound_seconds} s)\n"
        for measurement in played_record.measurements
    )
    terminal.result(
        f"{times}{verdict.get(played_record.outcome, '✘ broken off')}{where}", played_record.model_dump(mode="json")
    )
    return code
