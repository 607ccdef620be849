"""Makes changes of many host names: in atomic batches, the first name alone, each answered or else taken back."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from botocore.exceptions import ClientError

from understudy_failover.operations.adoption.plans import Change, Step
from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.operations.sight import client_name
from understudy_failover.operations.zone_rules import refused

HOSTS_PER_BATCH = 100
"""Route 53 takes 1,000 changes and 32,000 characters of values in one.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
"""
POLL_SECONDS = 2.0
IN_SYNC_LIMIT_SECONDS = 300
"""Usually under 60. https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html"""

Ask = Callable[[str], NameServer]
"""Answers an authoritative name server of a hosted zone, by its id."""


class CarryOutError(Exception):
    """It went no further; the text says where, why and what is true now."""


def carry_out(
    route53: Any,
    steps: Sequence[Step],
    ask: Ask | None,
    said: Callable[[str], None],
    *,
    answered: bool,
    done: Callable[[Step], None] = lambda _: None,
) -> None:
    """Every step that has changes; where it breaks off, it can be started again.

    The first name goes alone, so that what nobody expected happens to one. With `answered`, every address that a
    batch makes is asked for at the zone's own name server afterwards; whichever batch is not answered is taken back.
    Without `ask` nobody is asked. `done` is told each step that has been made.

    Raises:
        CarryOutError: a change was refused, or was not answered and has been taken back.
        ClientError, BotoCoreError: AWS does not answer; what was made before stays.
    """
    for zone_id, batch in _batches(step for step in steps if step.changes):
        # Found before anything is changed.
        name_server = ask(zone_id) if ask and answered else None
        names = ", ".join(step.name.host.name for step in batch)
        said(f"{names}: changing")
        _apply(route53, zone_id, [change for step in batch for change in step.changes], f"{names}: nothing was changed")
        if name_server and (faults := list(_unanswered(name_server, batch))):
            stays = f"{'; '.join(faults)}. It could not be taken back, and {names} stays as it was planned"
            _apply(route53, zone_id, [change for step in batch for change in step.undo], stays)
            raise CarryOutError(
                f"{'; '.join(faults)}. It was taken back, and stands as before: {names}. From a network that lets DNS "
                "out it can be tried again; --unchecked does not ask"
            )
        for step in batch:
            done(step)


def _apply(route53: Any, zone_id: str, changes: Sequence[Change], otherwise: str) -> None:
    """Apply changes; where a rule of the zone refuses them, `otherwise` is true.

    Raises:
        CarryOutError: it does, or it takes too long.
        ClientError, BotoCoreError: Route 53 refuses for another reason, or cannot be reached.
    """
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
    """Make changes in one batch, all of it or nothing, and wait until Route 53's name servers have them.

    Raises:
        CarryOutError: it takes too long.
        ClientError, BotoCoreError: Route 53 refuses, or cannot be reached.
    """
    answer = route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": list(changes)})
    identifier = answer["ChangeInfo"]["Id"]
    end = time.monotonic() + IN_SYNC_LIMIT_SECONDS
    while route53.get_change(Id=identifier)["ChangeInfo"]["Status"] != "INSYNC":
        if time.monotonic() > end:
            raise CarryOutError(
                f"Route 53 takes longer than {IN_SYNC_LIMIT_SECONDS} s to tell its name servers of {identifier}; it "
                "will get there. Start again later: what is done is seen"
            )
        time.sleep(POLL_SECONDS)


def _unanswered(name_server: NameServer, steps: Sequence[Step]) -> Iterator[str]:
    """Addresses that should be answered and are not."""
    for step in steps:
        coming = [change["ResourceRecordSet"] for change in step.changes if change["Action"] == "CREATE"]
        with_primary = {record["Type"] for record in coming if record.get("Failover") == "PRIMARY"}
        for record in coming:
            if "ResourceRecords" not in record or record["Type"] == "CNAME":
                continue
            # Of a pair, which half is answered is for its health check.
            if record["Type"] in with_primary:
                continue
            wanted = {value["Value"].lower() for value in record["ResourceRecords"]}
            name = client_name(step.name.host)
            try:
                found = set(name_server.addresses(name, record["Type"]))
            except DnsError as error:
                yield f"{error}, asked of the zone's name server"
                return
            if not wanted <= found:
                yield f"{name} {record['Type']}: its name server answers {', '.join(sorted(found)) or 'nothing'}"
