"""Change the records of many hosts in atomic batches, the first host alone, each checked and undone if unanswered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.operations.observation import client_name
from understudy_failover.operations.polling import poll
from understudy_failover.operations.record_import.plans import Change, Step
from understudy_failover.operations.zone_rules import refused

HOSTS_PER_BATCH = 100
"""Route 53 takes 1,000 changes and 32,000 characters of values in one.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
"""
POLL_SECONDS = 2.0
IN_SYNC_LIMIT_SECONDS = 300
"""Usually under 60. https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html"""

Ask = Callable[[str], NameServer]


class CarryOutError(Exception):
    """The changes ended early; the text says where, why, and what the records are now."""


def carry_out(
    route53: Any,
    steps: Sequence[Step],
    ask: Ask | None,
    say: Callable[[str], None],
    *,
    answered: bool,
    done: Callable[[Step], None] = lambda _: None,
) -> None:
    """Make every step that has changes; after an error it can be started again.

    The first host goes alone, so that a surprise affects one host. With `answered`, the zone's own name server is asked
    for every new address, and a batch that it does not answer is undone. Without `ask` nothing is asked. `done` gets
    each step that has been made.

    Raises:
        CarryOutError: a change was refused, or was not answered and has been undone.
        ClientError, BotoCoreError: AWS does not answer; earlier changes stay.
    """
    for zone_id, batch in _batches(step for step in steps if step.changes):
        # Before the change: an unreachable name server must stop it.
        name_server = ask(zone_id) if ask and answered else None
        names = ", ".join(step.name.host.name for step in batch)
        say(f"{names}: changing")
        _apply(route53, zone_id, [change for step in batch for change in step.changes], f"{names}: nothing was changed")
        if name_server and (faults := list(_unanswered(name_server, batch))):
            stays = f"{'; '.join(faults)}. The undo failed: {names} has the new records"
            _apply(route53, zone_id, [change for step in batch for change in step.undo], stays)
            raise CarryOutError(
                f"{'; '.join(faults)}. The change was undone; the records are as before: {names}. Try again from a "
                "network that allows DNS queries, or with --unchecked"
            )
        for step in batch:
            done(step)


def _apply(route53: Any, zone_id: str, changes: Sequence[Change], otherwise: str) -> None:
    try:
        apply_changes(route53, zone_id, changes)
    except ClientError as error:
        if text := refused(route53, zone_id, error):
            raise CarryOutError(f"{otherwise}. {text}") from None
        raise


def _batches(steps: Iterable[Step]) -> Iterator[tuple[str, list[Step]]]:
    first = True
    for zone_id, group in groupby(steps, key=lambda step: step.name.host.zone.id):
        waiting = list(group)
        while waiting:
            size = 1 if first else HOSTS_PER_BATCH
            yield zone_id, waiting[:size]
            waiting, first = waiting[size:], False


def apply_changes(route53: Any, zone_id: str, changes: Sequence[Change]) -> None:
    """Make changes in one batch, and wait until Route 53's name servers have them.

    Raises:
        CarryOutError: it takes too long.
        ClientError, BotoCoreError: Route 53 refuses, or cannot be reached.
    """
    answer = route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": list(changes)})
    identifier = answer["ChangeInfo"]["Id"]
    in_sync, _ = poll(
        lambda: route53.get_change(Id=identifier)["ChangeInfo"]["Status"] == "INSYNC" or None,
        limit_seconds=IN_SYNC_LIMIT_SECONDS,
        interval_seconds=POLL_SECONDS,
    )
    if not in_sync:
        raise CarryOutError(
            f"Route 53's name servers do not have change {identifier} after {IN_SYNC_LIMIT_SECONDS} s. Route 53 goes "
            "on: run the command again later; it skips what is done"
        )


def _unanswered(name_server: NameServer, steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        created = [change["ResourceRecordSet"] for change in step.changes if change["Action"] == "CREATE"]
        with_primary = {record["Type"] for record in created if record.get("Failover") == "PRIMARY"}
        for record in created:
            if "ResourceRecords" not in record or record["Type"] == "CNAME":
                continue
            # The health check decides which record set of a pair is answered.
            if record["Type"] in with_primary:
                continue
            expected = {value["Value"].lower() for value in record["ResourceRecords"]}
            name = client_name(step.name.host)
            try:
                answered = set(name_server.addresses(name, record["Type"]))
            except DnsError as error:
                yield f"{error}, asked of the zone's name server"
                return
            if not expected <= answered:
                yield f"{name} {record['Type']}: its name server answers {', '.join(sorted(answered)) or 'nothing'}"
