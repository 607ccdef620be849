"""`import` and `detach`: plan, and with --apply carry out."""

import argparse
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations import aws, reach
from understudy_failover.operations.dependent_names import (
    DependentName,
    delegation_above,
    delegation_text,
    dependent_names,
)
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet, record_sets
from understudy_failover.operations.name_server import NameServer
from understudy_failover.operations.record_import.carry_out import Ask, CarryOutError, carry_out
from understudy_failover.operations.record_import.journal import FILE, Journal, JournalError, old_answers_text
from understudy_failover.operations.record_import.plans import LONG_TTL_SECONDS, Notice, Step, record_import, release
from understudy_failover.operations.record_import.states import Name, name
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.zone_rules import refusals, zone_rules
from understudy_failover.settings import Host, Settings, load
from understudy_failover.settings.aws_values import longest_zone

DNS_PORT = 53
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

  understudy detach --apply                       # all declared hosts
  understudy detach old.example.com --apply       # a host that was removed
  understudy detach old.example.com --remove --apply
"""


def add_parser(commands: Any) -> None:
    adopting = commands.add_parser(
        "import",
        aliases=["adopt"],  # its name in 0.1.0
        help="import hosts that have simple records, without an outage",
        description=ADOPT,
    )
    adopting.set_defaults(run=adopt)
    releasing = commands.add_parser(
        "detach",
        aliases=["release"],  # its name in 0.1.0
        help="detach hosts: restore simple records",
        description=RELEASE,
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
        parser.add_settings_option()
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        reach.add_arguments(parser)


def adopt(arguments: argparse.Namespace) -> int:
    """Return 0: done, or nothing to do; 1: something cannot be adopted, or was not."""
    return _with_journal(arguments, _adopt)


def detach(arguments: argparse.Namespace) -> int:
    return _with_journal(arguments, _release)


def _with_journal(arguments: argparse.Namespace, act: Callable[[argparse.Namespace, Journal], int]) -> int:
    try:
        return act(arguments, Journal(arguments.settings.parent / FILE))
    except JournalError as error:
        Terminal(as_json=arguments.json).fail(str(error))
        return 1


def _adopt(arguments: argparse.Namespace, journal: Journal) -> int:
    def remember(steps: Sequence[Step]) -> None:
        journal.read()  # another command may have written to it since
        for step in steps:
            deleted = [change["ResourceRecordSet"] for change in step.changes if change["Action"] == "DELETE"]
            # A placeholder is our own record: there is nothing to restore.
            foreign = [record for record in deleted if record.get("SetIdentifier") != PLACEHOLDER]
            if foreign:
                journal.add(step.name.host.zone.id, step.name.host.name, foreign, now=datetime.now(UTC))
        # Before the first change: a record that is not in the file could not be restored.
        journal.write()

    ttl_seconds = load(arguments.settings).timing.ttl_seconds
    remembering: list[Step] = []
    code = _run(
        arguments,
        lambda name: record_import(name, ttl_seconds),
        before=remember,
        after=remembering.append,
        next_step="cdk deploy --all",
    )
    for step in remembering:
        host = step.name.host
        until = journal.old_answers_until(host.zone.id, host.name)
        if until and until > datetime.now(UTC) + timedelta(seconds=LONG_TTL_SECONDS):
            Terminal(as_json=arguments.json).warn(old_answers_text(host.name, until))
    return code


def _release(arguments: argparse.Namespace, journal: Journal) -> int:
    def forget(step: Step) -> None:
        journal.read()
        journal.remove(step.name.host.zone.id, step.name.host.name)
        journal.write()

    return _run(
        arguments,
        lambda name: release(name, journal, remove=arguments.remove),
        before=lambda _: None,
        after=forget,
        next_step="",
        answered=not arguments.remove,
        removed_hosts=True,
    )


def _run(
    arguments: argparse.Namespace,
    plan: Callable[[Name], Step],
    *,
    before: Callable[[Sequence[Step]], None],
    after: Callable[[Step], None],
    next_step: str,
    answered: bool = True,
    removed_hosts: bool = False,
) -> int:
    terminal = Terminal(as_json=arguments.json)
    settings = load(arguments.settings)
    try:
        hosts = _chosen(settings, arguments.hosts, removed_hosts=removed_hosts)
    except LookupError as error:
        terminal.fail(str(error))
        return 2
    route53 = aws.client("route53")
    records = {zone: record_sets(route53, zone) for zone in dict.fromkeys(host.zone.id for host in hosts)}
    steps = _as_the_zones_let([plan(name) for name in _names(settings, hosts, records)], route53, records)
    dependents = dependent_names(settings, records, [host.name for host in hosts]) if next_step else []
    for host in hosts:
        if cut := delegation_above(host, records[host.zone.id]):
            terminal.warn(f"{host.name}: {delegation_text(host, cut)}")
    for dependent in dependents:
        terminal.warn(f"{dependent.subject}: {dependent.effect}. {dependent.advice}")
    for step in steps:
        for warning in step.warnings:
            terminal.warn(f"{step.name.host.name}: {warning.text}")
    refused = [step for step in steps if step.refusal]
    for step in refused if terminal.as_json else ():  # otherwise the table shows them
        terminal.fail(f"{step.name.host.name} {_refusal(step)}")
    changing = [step for step in steps if step.changes and not step.refusal]
    code = 1 if refused else 0
    applied = False
    if arguments.apply and changing and not refused:
        try:
            before(changing)
            carry_out(route53, changing, _name_servers(arguments, route53), terminal.say, answered=answered, done=after)
            applied = True
        except CarryOutError as error:
            terminal.fail(str(error))
            code = 1
    terminal.result(_text(steps), _document(steps, dependents, applied=applied))
    terminal.say(_closing(changing, refused, applied=applied, wanted=arguments.apply, next_step=next_step))
    return code


def _chosen(settings: Settings, names: Sequence[str], *, removed_hosts: bool) -> list[Host]:
    """Return the hosts of `names`; with `removed_hosts` also names of declared zones that failover.toml lacks."""
    every = {host.name: host for server in settings.servers for host in server.hosts}
    if removed_hosts:
        zones = {zone.name: zone for zone in settings.zones}
        every |= {
            name: Host(name, zones[zone]) for name in names if name not in every and (zone := longest_zone(name, zones))
        }
    if unknown := [host for host in names if host not in every]:
        raise LookupError(f"failover.toml has no host {', '.join(unknown)}; it has {', '.join(every)}")
    return [host for key, host in every.items() if not names or key in names]


def _names(settings: Settings, hosts: Sequence[Host], records: Mapping[str, Sequence[RecordSet]]) -> list[Name]:
    owners = {host: server for server in settings.servers for host in server.hosts}
    order = [zone.id for zone in settings.zones]
    names = []
    for host in sorted(hosts, key=lambda host: order.index(host.zone.id)):
        server = owners.get(host, settings.servers[0])
        # A host that failover.toml lacks has no server: only record sets of a failover pair or a placeholder count.
        own = [record for record in records[host.zone.id] if host in owners or record.policy != SIMPLE]
        names.append(name(host, server, own))
    return names


def _as_the_zones_let(
    steps: Sequence[Step], route53: Any, records: Mapping[str, Sequence[RecordSet]]
) -> Sequence[Step]:
    """Return the steps, refused where Route 53 would certainly refuse them."""
    rules = cache(lambda zone_id: zone_rules(route53, zone_id))
    checked = []
    for step in steps:
        zone_id = step.name.host.zone.id
        expected = list(refusals(rules(zone_id), step.changes, records[zone_id])) if step.changes else []
        certain = [refusal for refusal in expected if refusal.certain]
        refusal = step.refusal
        if certain and refusal is None:
            text = "; ".join(f"{refusal.text}; {refusal.advice}" for refusal in certain)
            refusal = Notice(certain[0].id, f"would be refused: {text}")
        uncertain = (
            Notice(refusal.id, f"{refusal.text}; {refusal.advice}") for refusal in expected if not refusal.certain
        )
        checked.append(replace(step, refusal=refusal, warnings=(*step.warnings, *uncertain)))
    return checked


def _name_servers(arguments: argparse.Namespace, route53: Any) -> Ask | None:
    if arguments.unchecked:
        return None
    if arguments.name_server:
        return lambda _: NameServer(*arguments.name_server)

    @cache
    def of_zone(zone_id: str) -> NameServer:
        server = route53.get_hosted_zone(Id=zone_id)["DelegationSet"]["NameServers"][0]
        try:
            address = socket.getaddrinfo(server, DNS_PORT, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
        except OSError as error:
            raise CarryOutError(
                f"the name server {server} of the zone cannot be found from here ({error}); nothing was asked. "
                "Try from another network, or with --unchecked"
            ) from None
        return NameServer(str(address))

    return of_zone


def _text(steps: Sequence[Step]) -> str:
    width = max(len(step.name.host.name) for step in steps)
    return "\n".join(
        f"{'✘' if step.refusal else '→' if step.changes else ' '} {step.name.host.name:{width}}  "
        f"{_refusal(step) or step.text}"
        for step in steps
    )


def _refusal(step: Step) -> str:
    return step.refusal.text if step.refusal else ""


def _document(steps: Sequence[Step], dependents: Sequence[DependentName], *, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "hosts": [
            {
                "name": step.name.host.name,
                "zone": step.name.host.zone.id,
                "state": str(step.name.state),
                "text": step.text,
                "refusal": _refusal(step),
                "warnings": [warning.text for warning in step.warnings],
                "ids": [notice.id for notice in (*filter(None, [step.refusal]), *step.warnings)],
                "changes": list(step.changes),
            }
            for step in steps
        ],
        "dependent_names": [asdict(dependent) for dependent in dependents],
    }


def _closing(changing: Sequence[Step], refused: Sequence[Step], *, applied: bool, wanted: bool, next_step: str) -> str:
    if applied:
        return f"done; next: {next_step}" if next_step else "done"
    if refused:
        return "nothing was changed: name the other hosts to leave these out"
    if not changing:
        return "there is nothing to do"
    return "" if wanted else "nothing was changed; pass --apply to do it"
