"""Custom::RecordCutover: keeps DNS answers for every host of a stack while failover pairs are created and deleted.

Created after every PRIMARY, deleted before any. While a name has no PRIMARY, a placeholder record answers: a SECONDARY
with the server's values. Route 53 accepts only one SECONDARY of a name and type, so the placeholder and the page's
SECONDARY replace each other in one change. See docs/decisions/0011-adoption.md.

Deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

import aws_client
from aws_client import Context, left_seconds
from botocore.exceptions import ClientError

POLL_SECONDS = 2
RESERVE_SECONDS = 20
"""Reserved to answer CloudFormation."""
NOT_YET = {"PriorRequestNotComplete", "Throttling", "ThrottlingException"}
"""Errors of too many changes at a time."""
IN_TRANSITION = {"ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED"}
"""States of a zone's accelerated recovery in which Route 53 refuses every change for some minutes.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneFeatures.html
"""
PREFIX = "record-cutover"

Properties = dict[str, Any]
Host = dict[str, Any]
Record = dict[str, Any]
Change = dict[str, Any]
Changes = dict[str, list[Change]]
"""By the id of the zone."""


class RecordCutoverError(Exception):
    """The text is for CloudFormation's event."""


def handle(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return the physical id. The id of a Create encodes which of its hosts had a placeholder, for a rollback."""
    properties, records = event["ResourceProperties"], Records(context)
    rolls_back = aws_client.is_rolling_back(_client("cloudformation"), event["StackId"])
    if event["RequestType"] == "Create":
        hosts = properties["Hosts"]
        changes = records.pairs_take_over(properties, hosts)
        adopted = {_key(host) for host in hosts if records.has_placeholder(properties, host)}
        records.apply(changes)
        return {"PhysicalResourceId": _physical_id(hosts, adopted)}
    identifier = event["PhysicalResourceId"]
    if event["RequestType"] == "Delete":
        hosts = properties["Hosts"]
        if rolls_back:  # a first deploy: a name without a record before it gets none
            hosts = [host for host, adopted in zip(hosts, _adopted(identifier, hosts), strict=True) if adopted]
        # CloudFormation deletes the PRIMARYs next: before, every name server must have the placeholders.
        records.wait_until_in_sync(records.apply(records.placeholders_take_over(properties, hosts)))
        return {"PhysicalResourceId": identifier}
    before = event["OldResourceProperties"]
    names, names_before = ({_key(host) for host in version["Hosts"]} for version in (properties, before))
    leaving = [host for host in before["Hosts"] if _key(host) not in names]
    coming = [host for host in properties["Hosts"] if _key(host) not in names_before]
    changes = records.pairs_take_over(properties, properties["Hosts"])
    if rolls_back:
        # CloudFormation treats the pairs of hosts that were leaving as never deleted.
        _add(changes, records.pages_return(properties, coming))
    # Also in a rollback, for hosts that the failed update added. Whether such a host had a record is unknown, and an
    # unneeded record does less harm than a name without an answer.
    _add(changes, records.placeholders_take_over(before, leaving))
    records.wait_until_in_sync(records.apply(changes))
    return {"PhysicalResourceId": identifier}


class Records:
    """The record sets of hosts, read once from each zone, and their changes."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._zones: dict[str, dict[tuple[str, str, str], Record]] = {}

    def has_placeholder(self, properties: Properties, host: Host) -> bool:
        """Return whether the host has a placeholder before any change."""
        return any(self._of(host, type_, properties["Placeholder"]) for type_ in host["Values"])

    def pairs_take_over(self, properties: Properties, hosts: Iterable[Host]) -> Changes:
        """Return the changes that delete placeholders. Raise RecordCutoverError where a PRIMARY is missing."""
        changes: Changes = {}
        for host, type_ in _typed(hosts):
            placeholder = self._of(host, type_, properties["Placeholder"])
            if placeholder and not self._of(host, type_, properties["Primary"]):
                raise RecordCutoverError(
                    f"{host['Name']} {type_} has no PRIMARY record set {properties['Primary']}: without the "
                    "placeholder DNS would not answer the name. The record was deleted by hand; deploy again."
                )
            if placeholder:
                _add(changes, {host["HostedZoneId"]: [_change("DELETE", placeholder)]})
        return changes

    def placeholders_take_over(self, properties: Properties, hosts: Iterable[Host]) -> Changes:
        """Return the changes that replace the page's SECONDARY by a placeholder where a PRIMARY exists."""
        changes: Changes = {}
        for host, type_ in _typed(hosts):
            if self._of(host, type_, properties["Placeholder"]) or not self._of(host, type_, properties["Primary"]):
                continue
            placeholder = {
                **_secondary(host, type_, properties["Placeholder"]),
                "TTL": int(properties["TtlSeconds"]),
                "ResourceRecords": [{"Value": value} for value in host["Values"][type_]],
            }
            page = self._of(host, type_, properties["Secondary"])
            _add(changes, {host["HostedZoneId"]: [_change("DELETE", page)] if page else []})
            _add(changes, {host["HostedZoneId"]: [_change("CREATE", placeholder)]})
        return changes

    def pages_return(self, properties: Properties, hosts: Iterable[Host]) -> Changes:
        """Return the changes that create the page's SECONDARY again where a placeholder exists."""
        changes: Changes = {}
        for host, type_ in _typed(hosts):
            if not self._of(host, type_, properties["Placeholder"]):
                continue
            page = properties["Pages"][host["Page"]]
            alias = {
                "DNSName": page["DomainName"],
                "HostedZoneId": properties["AliasZoneId"],
                "EvaluateTargetHealth": False,
            }
            target = (
                {"TTL": int(properties["TtlSeconds"]), "ResourceRecords": [{"Value": page["DomainName"]}]}
                if type_ == "CNAME"
                else {"AliasTarget": alias}
            )
            secondary = {
                **_secondary(host, type_, properties["Secondary"]),
                **target,
                "HealthCheckId": page["HealthCheckId"],
            }
            _add(changes, {host["HostedZoneId"]: [_change("CREATE", secondary)]})
        return changes

    def apply(self, changes: Changes) -> list[str]:
        """Apply the changes of each zone as one batch, and return their ids.

        Raise RecordCutoverError if Route 53 refuses a batch; the batches before it are undone.
        """
        identifiers: list[str] = []
        applied: Changes = {}
        for zone, batch in changes.items():
            try:
                if identifier := self._retry(partial(_submit, zone, batch), zone):
                    identifiers.append(identifier)
                applied[zone] = batch
            except ClientError as error:
                remaining = [other for other, batch in applied.items() if not self._undo(other, batch)]
                raise RecordCutoverError(_refusal(zone, error, remaining)) from error
        return identifiers

    def _undo(self, zone: str, batch: list[Change]) -> bool:
        try:
            self._retry(partial(_submit, zone, [_undone(change) for change in reversed(batch)]), zone)
        except ClientError as error:
            print(error)
            return False
        return True

    def wait_until_in_sync(self, identifiers: list[str]) -> None:
        """Wait for as long as there is time. A failure here would not help any name."""
        seconds, pending = 1.0, list(identifiers)
        while pending and left_seconds(self._context) > RESERVE_SECONDS + seconds:
            try:
                if _client("route53").get_change(Id=pending[0])["ChangeInfo"]["Status"] == "INSYNC":
                    pending.pop(0)
                    continue
            except ClientError as error:
                print(error)
            time.sleep(seconds)
            # Route 53 answers five requests a second, and many stacks may wait at a time.
            seconds = min(2 * seconds, 10.0)

    def _of(self, host: Host, type_: str, identifier: str) -> Record | None:
        zone = host["HostedZoneId"]
        if zone not in self._zones:
            self._zones[zone] = self._retry(lambda: dict(_listed(zone)), zone) or {}
        return self._zones[zone].get((host["Name"].lower(), type_, identifier))

    def _retry(self, act: Callable[[], Any], zone: str) -> Any:
        while True:
            try:
                return act()
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code")
                if code == "NoSuchHostedZone":  # it answers no name
                    return None
                if left_seconds(self._context) < RESERVE_SECONDS or not (
                    code in NOT_YET or _recovery(zone) in IN_TRANSITION
                ):
                    raise
            time.sleep(POLL_SECONDS)


def _recovery(zone: str) -> str:
    """Return the zone's AcceleratedRecoveryStatus; empty if it has none, or if it cannot be read."""
    try:
        features = _client("route53").get_hosted_zone(Id=zone)["HostedZone"].get("Features", {})
    except ClientError as error:
        print(error)
        return ""
    return str(features.get("AcceleratedRecoveryStatus", ""))


def _refusal(zone: str, error: ClientError, remaining: list[str]) -> str:
    """Return the message about a refused batch; `remaining` are zones whose changes could not be undone."""
    message, advice = error.response.get("Error", {}).get("Message") or str(error), ""
    if (recovery := _recovery(zone)) in IN_TRANSITION:
        message, advice = f"accelerated recovery is {recovery}", "Deploy again when it has ended."
    elif error.response.get("Error", {}).get("Code") == "InvalidChangeBatch":
        advice = "`understudy preflight` lists the Change Guardrails and record set protections of the zone."
    state = f"Changes of {', '.join(remaining)} could not be undone." if remaining else "No record set was changed."
    return f"Route 53 refused the changes of hosted zone {zone}: {message}. {state} {advice}".rstrip()


def _listed(zone: str) -> Iterator[tuple[tuple[str, str, str], Record]]:
    pages = _client("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    for page in pages:
        for record in page["ResourceRecordSets"]:
            # \052 is Route 53's form of an asterisk.
            name = record["Name"].replace("\\052", "*").lower()
            yield (name, record["Type"], record.get("SetIdentifier", "")), record


def _submit(zone: str, batch: list[Change]) -> str | None:
    if not batch:
        return None
    print(
        [
            (change["Action"], change["ResourceRecordSet"]["Name"], change["ResourceRecordSet"]["Type"])
            for change in batch
        ]
    )
    answer = _client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})
    identifier: str = answer["ChangeInfo"]["Id"]
    return identifier


def _add(changes: Changes, more: Changes) -> None:
    for zone, batch in more.items():
        changes.setdefault(zone, []).extend(batch)


def _change(action: str, record: Record) -> Change:
    return {"Action": action, "ResourceRecordSet": record}


def _undone(change: Change) -> Change:
    return _change({"CREATE": "DELETE", "DELETE": "CREATE"}[change["Action"]], change["ResourceRecordSet"])


def _secondary(host: Host, type_: str, identifier: str) -> Record:
    return {"Name": host["Name"], "Type": type_, "SetIdentifier": identifier, "Failover": "SECONDARY"}


def _typed(hosts: Iterable[Host]) -> Iterator[tuple[Host, str]]:
    return ((host, type_) for host in hosts for type_ in host["Values"])


def _key(host: Host) -> tuple[str, str]:
    return host["HostedZoneId"], host["Name"]


def _physical_id(hosts: list[Host], adopted: Collection[tuple[str, str]]) -> str:
    """Return an id with a bit for each host: a Delete gets only the id, which has 1,024 bytes at most."""
    bits = "".join(str(int(_key(host) in adopted)) for host in hosts)
    return f"{PREFIX}-{int(bits or '0', 2):x}"


def _adopted(identifier: str, hosts: list[Host]) -> list[bool]:
    bits = int(identifier.rpartition("-")[2], 16)
    return [bool(bits >> number & 1) for number in reversed(range(len(hosts)))]


def _client(service: str) -> Any:
    return aws_client.client(service, aws_client.ADAPTIVE)
