"""Remove the resources of a ledger, the newest first, found by name, caller reference or tag."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations.confirm.context import error_code
from understudy_failover.operations.confirm.ledger import Entry, Ledger, LedgerError
from understudy_failover.operations.lookups import distributions, members, stack

TAG = "understudy:confirm"
"""Of distributions, whose caller reference no list shows."""
ATTEMPTS = 120
PAUSE_SECONDS = 30.0
"""Between attempts: an hour in all. A distribution takes some minutes to be disabled everywhere, and IAM may refuse to
delete its certificate for half an hour more (cloud-gov/cg-scripts, issue 170)."""
Client = Callable[[str], Any]
Pause = Callable[[float], None]
"""Wait so many seconds; nothing interrupts it."""
GONE = {
    "NoSuchBucket",
    "NoSuchEntity",
    "NoSuchFunctionExists",
    "NoSuchHostedZone",
    "NoSuchHealthCheck",
    "NoSuchDistribution",
    "NoSuchOriginAccessControl",
    "ResourceNotFoundException",
    "ResourceNotFound",
}


class NeverError(Exception):
    """Waiting does not help: the text says why. Such as a resource of the name that a run did not create."""


class NotYetError(Exception):
    """The resource cannot be deleted yet."""


def remove_all(ledger: Ledger, client: Client, pause: Pause, say: Callable[[str], None]) -> list[str]:
    """Remove every resource of the ledger; return what is left, with AWS's reason.

    In rounds: an older resource can be in the way of a newer one, such as a distribution that uses a certificate.
    """
    left: dict[Entry, str] = {}
    waiting = [*reversed(ledger.entries)]
    for number in range(ATTEMPTS):
        if number:
            pause(PAUSE_SECONDS)
        for entry in list(waiting):
            try:
                _remove(entry, client)
            except NotYetError as error:
                left[entry] = str(error)
                if not number:
                    say(f"removing {entry.kind} {entry.name}: not yet ({error})")
                continue
            except NeverError as error:
                left[entry] = str(error)
            else:
                left.pop(entry, None)
                # The resource is gone: a file that cannot be written must not keep the others.
                with suppress(LedgerError):
                    ledger.remove(entry)
            waiting.remove(entry)
        if not waiting:
            break
    return [f"{entry.kind} {entry.name}: {reason}" for entry, reason in left.items()]


def _remove(entry: Entry, client: Client) -> None:
    if not (remover := REMOVERS.get(entry.kind)):
        raise NeverError("this version of understudy cannot remove a resource of this kind")
    try:
        remover(client, entry.name)
    except ClientError as error:
        if error_code(error) not in GONE:
            is_denied = error_code(error) in {"AccessDenied", "AccessDeniedException"}
            raise (NeverError if is_denied else NotYetError)(str(error)) from error
    except BotoCoreError as error:
        raise NotYetError(str(error)) from error


def _hosted_zone(client: Client, reference: str) -> None:
    route53 = client("route53")
    for zone in members(route53, "list_hosted_zones", "HostedZones"):
        if zone["CallerReference"] != reference:
            continue
        if not zone["Name"].startswith(f"{reference}."):
            raise NeverError(f"the hosted zone is {zone['Name']}, which no run has created")
        records = members(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
        doomed = [record for record in records if record["Type"] not in {"NS", "SOA"}]
        if doomed:
            # Aliases go with their targets, in one batch.
            changes = [{"Action": "DELETE", "ResourceRecordSet": record} for record in doomed]
            route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": changes})
        route53.delete_hosted_zone(Id=zone["Id"])


def _health_check(client: Client, reference: str) -> None:
    route53 = client("route53")
    for check in list(members(route53, "list_health_checks", "HealthChecks")):
        if check["CallerReference"] == reference:
            route53.delete_health_check(HealthCheckId=check["Id"])


def _alarm(client: Client, name: str) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[name])


def _bucket(client: Client, name: str) -> None:
    s3 = client("s3")
    for item in list(members(s3, "list_objects_v2", "Contents", Bucket=name)):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


def _origin_access_control(client: Client, name: str) -> None:
    cloudfront = client("cloudfront")
    for control in _items(cloudfront, "list_origin_access_controls", "OriginAccessControlList"):
        if control["Name"] == name:
            etag = cloudfront.get_origin_access_control(Id=control["Id"])["ETag"]
            cloudfront.delete_origin_access_control(Id=control["Id"], IfMatch=etag)


def _distribution(client: Client, token: str) -> None:
    cloudfront = client("cloudfront")
    for summary in distributions(cloudfront):
        tags = cloudfront.list_tags_for_resource(Resource=summary["ARN"])["Tags"].get("Items", [])
        if not any((tag["Key"], tag.get("Value")) == (TAG, token) for tag in tags):
            continue
        current = cloudfront.get_distribution(Id=summary["Id"])
        config, etag = current["Distribution"]["DistributionConfig"], current["ETag"]
        if config["CallerReference"] != token:
            raise NeverError(f"distribution {summary['Id']} has the tag, but no run has created it")
        if config["Enabled"]:
            cloudfront.update_distribution(
                Id=summary["Id"], IfMatch=etag, DistributionConfig={**config, "Enabled": False}
            )
            current = cloudfront.get_distribution(Id=summary["Id"])
        if current["Distribution"]["Status"] != "Deployed":
            raise NotYetError("CloudFront disables it, which takes some minutes")
        cloudfront.delete_distribution(Id=summary["Id"], IfMatch=current["ETag"])


def _edge_function(client: Client, name: str) -> None:
    cloudfront = client("cloudfront")
    etag = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
    cloudfront.delete_function(Name=name, IfMatch=etag)


def _server_certificate(client: Client, name: str) -> None:
    client("iam").delete_server_certificate(ServerCertificateName=name)


def _stack(client: Client, name: str) -> None:
    cloudformation = client("cloudformation")
    cloudformation.delete_stack(StackName=name)
    status = (stack(cloudformation, name) or {}).get("StackStatus", "DELETE_COMPLETE")
    if status != "DELETE_COMPLETE":
        raise NotYetError(f"CloudFormation says {status}")


REMOVERS: Mapping[str, Callable[[Client, str], None]] = {
    "hosted zone": _hosted_zone,
    "health check": _health_check,
    "alarm": _alarm,
    "bucket": _bucket,
    "origin access control": _origin_access_control,
    "distribution": _distribution,
    "edge function": _edge_function,
    "server certificate": _server_certificate,
    "stack": _stack,
}


def _items(client: Any, operation: str, members: str) -> Iterator[dict[str, Any]]:
    marker: dict[str, str] = {}
    while True:
        page = getattr(client, operation)(**marker)[members]
        yield from page.get("Items", [])
        if not page.get("IsTruncated"):
            return
        marker = {"Marker": page["NextMarker"]}
