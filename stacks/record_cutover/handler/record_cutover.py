"""Custom::RecordCutover: every host name of a stack is answered while its failover pair comes, and after it has gone.

Made when every PRIMARY is there, deleted while they still are. Where the PRIMARY of a name is not there yet, or is
about to go, a placeholder answers: a SECONDARY of our own with the server's answers. Route 53 accepts only one
SECONDARY of a name and type, so the placeholder makes room for the page's, and the other way round, in one change.
See docs/decisions/0011-adoption.md.

Deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any, Protocol

import aws_client
from botocore.config import Config
from botocore.exceptions import ClientError

POLL_SECONDS = 2
RESERVE_SECONDS = 20
"""Kept from the Lambda's time to answer CloudFormation."""
NOT_YET = {"PriorRequestNotComplete", "Throttling", "ThrottlingException"}
"""Errors of too many changes at once."""
IN_TRANSITION = {"ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED"}
"""States of a zone's accelerated recovery, of some minutes, in which Route 53 refuses every change.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneFeatures.html
"""
PREFIX = "record-cutover"

# Route 53 answers five requests a second for a whole account; `adaptive` keeps to what it gets.
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "adaptive", "total_max_attempts": 8})

Properties = dict[str, Any]
Host = dict[str, Any]
Record = dict[str, Any]
Change = dict[str, Any]
Changes = dict[str, list[Change]]
"""By the id of the zone."""


class RecordCutoverError(Exception):
    """Text for CloudFormation's event."""


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""


def handle(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return the physical id. That of a Create says which of its hosts had a placeholder, for a rollback."""
    properties, rolls_back = event["ResourceProperties"], _rolls_back(event["StackId"])
    there = Records(context)
    if event["RequestType"] == "Create":
        hosts = properties["Hosts"]
        changes = there.pairs_take_over(properties, hosts)
        adopted = {_key(host) for host in hosts if there.has_placeholder(properties, host)}
        there.apply(changes)
        return {"PhysicalResourceId": _physical_id(hosts, adopted)}
    identifier = event["PhysicalResourceId"]
    if event["RequestType"] == "Delete":
        hosts = properties["Hosts"]
        if rolls_back:  # of a first deploy: a name that had no record before gets none
            hosts = [host for host, adopted in zip(hosts, _adopted(identifier, hosts), strict=True) if adopted]
        # CloudFormation deletes the PRIMARYs next: by then every name server has to know the placeholders.
        there.wait_until_in_sync(there.apply(there.placeholders_take_over(properties, hosts)))
        return {"PhysicalResourceId": identifier}
    before = event["OldResourceProperties"]
    names, names_before = ({_key(host) for host in one["Hosts"]} for one in (properties, before))
    leaving = [host for host in before["Hosts"] if _key(host) not in names]
    coming = [host for host in properties["Hosts"] if _key(host) not in names_before]
    changes = there.pairs_take_over(properties, properties["Hosts"])
    if rolls_back:
        # The pairs of hosts that were leaving are CloudFormation's again, which believes that they never went.
        _add(changes, there.pages_return(properties, coming))
    # A rollback comes here, too, for hosts that the failed update brought: whether one had a record before is not
    # known any more, and a record too many does less harm than a name without an answer.
    _add(changes, there.placeholders_take_over(before, leaving))
    there.wait_until_in_sync(there.apply(changes))
    return {"PhysicalResourceId": identifier}


class Records:
    """The record sets of hosts, read once from each zone, and changes of them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._zones: dict[str, dict[tuple[str, str, str], Record]] = {}

    def has_placeholder(self, properties: Properties, host: Host) -> bool:
        """Return whether a placeholder answers for the host, before anything is applied."""
        return any(self._of(host, type_, properties["Placeholder"]) for type_ in host["Values"])

    def pairs_take_over(self, properties: Properties, hosts: Iterable[Host]) -> Changes:
        """Return the changes that delete the placeholders of hosts whose PRIMARYs are there.

        Raises:
            RecordCutoverError: a PRIMARY is not; without its placeholder the name would not be answered.
        """
        changes: Changes = {}
        for host, type_ in _typed(hosts):
            placeholder = self._of(host, type_, properties["Placeholder"])
            if placeholder and not self._of(host, type_, properties["Primary"]):
                raise RecordCutoverError(
                    f"{host['Name']} {type_} has no PRIMARY record set {properties['Primary']}: without the "
                    "placeholder the name would not be answered. Somebody deleted it; deploy again."
                )
            if placeholder:
                _add(changes, {host["HostedZoneId"]: [_change("DELETE", placeholder)]})
        return changes

    def placeholders_take_over(self, properties: Properties, hosts: Iterable[Host]) -> Changes:
        """Return the changes that put placeholders in the place of the page, where a PRIMARY is there."""
        changes: Changes = {}
        for host, type_ in _typed(hosts):
            if self._of(host, type_, properties["Placeholder"]) or not self._of(host, type_, properties["Primary"]):
                continue
            placeholder = {
                **_secondary(host, type_, properties["Placeholder"]),
                "TTL": int(properties["TtlSeconds"]),
                "ResourceRecords": [{"Value": one} for one in host["Values"][type_]],
            }
            page = self._of(host, type_, properties["Secondary"])
            _add(changes, {host["HostedZoneId"]: [_change("DELETE", page)] if page else []})
            _add(changes, {host["HostedZoneId"]: [_change("CREATE", placeholder)]})
        return changes

    def pages_return(self, properties: Properties, hosts: Iterable[Host]) -> Changes:
        """Return the changes that make the page's SECONDARYs again, where placeholders are in their places."""
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
        """Apply the changes of each zone as one: there is no moment in between. Return the ids of the changes.

        Raises:
            RecordCutoverError: Route 53 refused those of a zone; what was applied before is taken back.
        """
        identifiers: list[str] = []
        applied: Changes = {}
        for zone, batch in changes.items():
            try:
                if identifier := self._patiently(partial(_submit, zone, batch), zone):
                    identifiers.append(identifier)
                applied[zone] = batch
            except ClientError as error:
                kept = [other for other, done in applied.items() if not self._take_back(other, done)]
                raise RecordCutoverError(_refusal(zone, error, kept)) from error
        return identifiers

    def _take_back(self, zone: str, batch: list[Change]) -> bool:
        try:
            self._patiently(partial(_submit, zone, [_undone(change) for change in reversed(batch)]), zone)
        except ClientError as error:
            print(error)
            return False
        return True

    def wait_until_in_sync(self, identifiers: list[str]) -> None:
        """Wait as long as there is time: to fail here would keep no name answered any better."""
        seconds, pending = 1.0, list(identifiers)
        while pending and self._left_seconds() > RESERVE_SECONDS + seconds:
            try:
                if _client("route53").get_change(Id=pending[0])["ChangeInfo"]["Status"] == "INSYNC":
                    pending.pop(0)
                    continue
            except ClientError as error:
                print(error)
            time.sleep(seconds)
            # Of many stacks at once each asks less and less, as Route 53 answers five requests a second.
            seconds = min(2 * seconds, 10.0)

    def _of(self, host: Host, type_: str, identifier: str) -> Record | None:
        zone = host["HostedZoneId"]
        if zone not in self._zones:
            self._zones[zone] = self._patiently(lambda: dict(_listed(zone)), zone) or {}
        return self._zones[zone].get((host["Name"].lower(), type_, identifier))

    def _patiently(self, act: Callable[[], Any], zone: str) -> Any:
        while True:
            try:
                return act()
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code")
                if code == "NoSuchHostedZone":  # no name can be answered from it
                    return None
                if self._left_seconds() < RESERVE_SECONDS or not (code in NOT_YET or _recovery(zone) in IN_TRANSITION):
                    raise
            time.sleep(POLL_SECONDS)

    def _left_seconds(self) -> float:
        return self._context.get_remaining_time_in_millis() / 1000


def _recovery(zone: str) -> str:
    """Return the zone's AcceleratedRecoveryStatus; empty where it has none, or cannot be read."""
    try:
        features = _client("route53").get_hosted_zone(Id=zone)["HostedZone"].get("Features", {})
    except ClientError as error:
        print(error)
        return ""
    return str(features.get("AcceleratedRecoveryStatus", ""))


def _refusal(zone: str, error: ClientError, kept: list[str]) -> str:
    """Return what to tell of a refused batch; `kept` are zones whose changes could not be taken back."""
    message, advice = error.response.get("Error", {}).get("Message") or str(error), ""
    if (recovery := _recovery(zone)) in IN_TRANSITION:
        message, advice = f"accelerated recovery is {recovery}", "Deploy again when that has ended."
    elif error.response.get("Error", {}).get("Code") == "InvalidChangeBatch":
        advice = "`understudy preflight` says which Change Guardrails and record set protections the zone has."
    state = f"Changes of {', '.join(kept)} could not be taken back." if kept else "No record set was changed."
    return f"Route 53 refused the changes of hosted zone {zone}: {message}. {state} {advice}".rstrip()


def _listed(zone: str) -> Iterator[tuple[tuple[str, str, str], Record]]:
    pages = _client("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    for page in pages:
        for record in page["ResourceRecordSets"]:
            # Route 53 writes an asterisk so.
            name = record["Name"].replace("\\052", "*").lower()
            yield (name, record["Type"], record.get("SetIdentifier", "")), record


def _submit(zone: str, batch: list[Change]) -> str | None:
    if not batch:
        return None
    print([(one["Action"], one["ResourceRecordSet"]["Name"], one["ResourceRecordSet"]["Type"]) for one in batch])
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
    """Return an id with a bit for each of the hosts: an id has 1,024 bytes, and a Delete gets nothing else."""
    bits = "".join(str(int(_key(host) in adopted)) for host in hosts)
    return f"{PREFIX}-{int(bits or '0', 2):x}"


def _adopted(identifier: str, hosts: list[Host]) -> list[bool]:
    bits = int(identifier.rpartition("-")[2], 16)
    return [bool(bits >> number & 1) for number in reversed(range(len(hosts)))]


def _rolls_back(stack_id: str) -> bool:
    (stack,) = _client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stack["StackStatus"]


def _client(service: str) -> Any:
    return aws_client.client(service, CONFIG)
