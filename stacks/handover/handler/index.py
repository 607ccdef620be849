"""Custom::Handover: a host name is answered while its failover pair comes, and after it has gone.

Between the PRIMARY and the SECONDARY of a pair: made when there is a PRIMARY, deleted while there still is one. Until
the PRIMARY is there, and from the moment it goes, a SECONDARY of our own with the server's answers answers. Route 53
takes only one SECONDARY of a name and type, so ours makes room for the page's, and the other way round.
See docs/decisions/0011-adoption.md.

This folder is deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

import time
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

POLL_SECONDS = 2
RESERVE_SECONDS = 10
"""Kept from the Lambda's time to answer CloudFormation."""
NOT_YET = {"AccessDenied", "PriorRequestNotComplete", "Throttling", "ThrottlingException"}
"""Errors of a policy that was made a moment ago, and of too many changes at once."""

# Route 53 answers five requests a second for a whole account; `adaptive` keeps to what it gets.
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "adaptive", "total_max_attempts": 8})

Record = dict[str, Any]


class HandoverError(Exception):
    """Text for CloudFormation's event."""


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Time left until Lambda ends this invocation."""


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Answers the CDK provider framework."""
    properties = event["ResourceProperties"]
    identifier = f"{properties['HostedZoneId']}/{properties['Name']}"
    if event["RequestType"] == "Delete":
        # Of a name that had no record before, a roll-back leaves none.
        if not (event["PhysicalResourceId"].endswith("/new") and _is_rolling_back(event["StackId"])):
            change_id = _patiently(lambda: _hand_back(properties), context)
            # CloudFormation deletes the PRIMARY next: by then every name server has to know ours.
            _wait_until_in_sync(change_id, context)
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    adopted = _patiently(lambda: _take_over(properties), context)
    if event["RequestType"] == "Update" and event["PhysicalResourceId"].startswith(f"{identifier}/"):
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    return {"PhysicalResourceId": f"{identifier}/{'adopted' if adopted else 'new'}"}


def _take_over(properties: dict[str, Any]) -> bool:
    """Deletes our own SECONDARY record sets; answers whether there were any."""
    changes = []
    for records in _by_type(properties).values():
        kept = records.get(properties["Kept"])
        if kept is None:
            continue
        if properties["Primary"] not in records:
            raise HandoverError(
                f"{kept['Name']} {kept['Type']} has no PRIMARY record set {properties['Primary']}: without ours "
                "nobody would answer. Somebody deleted it; deploy again."
            )
        changes.append({"Action": "DELETE", "ResourceRecordSet": kept})
    _change(properties, changes)
    return bool(changes)


def _hand_back(properties: dict[str, Any]) -> str | None:
    """Makes our own SECONDARY record sets, which answer as the server's PRIMARY did when the PRIMARY goes.

    Answers the id of the change, if there was one to make.
    """
    changes = []
    for type_, records in _by_type(properties).items():
        if properties["Kept"] in records or properties["Primary"] not in records:
            continue
        if page := records.get(properties["Secondary"]):  # deleted by now, if all goes as it should
            changes.append({"Action": "DELETE", "ResourceRecordSet": page})
        kept = {
            "Name": properties["Name"],
            "Type": type_,
            "SetIdentifier": properties["Kept"],
            "Failover": "SECONDARY",
            "TTL": int(properties["TtlSeconds"]),
            "ResourceRecords": [{"Value": one} for one in properties["Values"][type_]],
        }
        changes.append({"Action": "CREATE", "ResourceRecordSet": kept})
    return _change(properties, changes)


def _by_type(properties: dict[str, Any]) -> dict[str, dict[str, Record]]:
    """The name's record sets by type, of those that the pair has, and set identifier."""
    found: dict[str, dict[str, Record]] = {type_: {} for type_ in properties["Values"]}
    name = properties["Name"].lower()
    start: dict[str, Any] = {"StartRecordName": name}
    while start:
        answer = _client("route53").list_resource_record_sets(HostedZoneId=properties["HostedZoneId"], **start)
        for record in answer["ResourceRecordSets"]:
            # Route 53 writes an asterisk so.
            if record["Name"].replace("\\052", "*").lower() != name:
                return found
            if record["Type"] in found:
                found[record["Type"]][record.get("SetIdentifier", "")] = record
        start = (
            {
                "StartRecordName": answer["NextRecordName"],
                "StartRecordType": answer["NextRecordType"],
                **({"StartRecordIdentifier": one} if (one := answer.get("NextRecordIdentifier")) else {}),
            }
            if answer["IsTruncated"]
            else {}
        )
    return found


def _change(properties: dict[str, Any], changes: list[dict[str, Any]]) -> str | None:
    if not changes:
        return None
    print([(one["Action"], one["ResourceRecordSet"]["Name"], one["ResourceRecordSet"]["Type"]) for one in changes])
    # All or nothing: there is no moment in between.
    answer = _client("route53").change_resource_record_sets(
        HostedZoneId=properties["HostedZoneId"], ChangeBatch={"Changes": changes}
    )
    identifier: str = answer["ChangeInfo"]["Id"]
    return identifier


def _wait_until_in_sync(change_id: str | None, context: Context) -> None:
    """As long as there is time: to fail here would keep nobody answered any better."""
    seconds = 1.0
    while change_id and context.get_remaining_time_in_millis() / 1000 > RESERVE_SECONDS + seconds:
        try:
            if _client("route53").get_change(Id=change_id)["ChangeInfo"]["Status"] == "INSYNC":
                return
        except ClientError as error:
            print(error)
        time.sleep(seconds)
        # Of many hosts at once each asks less and less, as Route 53 answers five requests a second.
        seconds = min(2 * seconds, 10.0)


def _patiently(act: Any, context: Context) -> Any:
    while True:
        try:
            return act()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            if code == "NoSuchHostedZone":  # nobody can be answered from it
                return None
            if code not in NOT_YET or context.get_remaining_time_in_millis() / 1000 < RESERVE_SECONDS:
                raise
        time.sleep(POLL_SECONDS)


def _is_rolling_back(stack_id: str) -> bool:
    (stack,) = _client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stack["StackStatus"]


def _client(service: str) -> Any:
    return boto3.client(service, config=CONFIG)
