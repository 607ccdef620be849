"""Hosted zones: there, public, of the name that failover.toml says, and the ones that public DNS asks."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from understudy_failover.operations.delegation import Outcome, delegation
from understudy_failover.operations.preflight.finding import Area, Finding
from understudy_failover.operations.preflight.subject import Subject

AREA = Area("zone")


def zones(subject: Subject) -> Iterator[Finding]:
    """Every zone of the settings; needs route53:GetHostedZone."""
    route53 = subject.client("route53")
    for zone in subject.settings.zones:
        try:
            answer = route53.get_hosted_zone(Id=zone.id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchHostedZone":
                raise
            yield AREA.failed(
                zone.name,
                f"this account has no hosted zone {zone.id}",
                "copy the id from `aws route53 list-hosted-zones`; are these the credentials of the right account?",
            )
            continue
        name = answer["HostedZone"]["Name"].rstrip(".")
        if name != zone.name:
            yield AREA.failed(
                zone.name, f"hosted zone {zone.id} is that of {name}", "correct its name or its id in failover.toml"
            )
        elif answer["HostedZone"]["Config"]["PrivateZone"]:
            yield AREA.failed(
                zone.name,
                f"hosted zone {zone.id} is private: public DNS does not ask it, and failover works in public zones",
                "name the public hosted zone",
            )
        else:
            own = {server.rstrip(".").lower() for server in answer["DelegationSet"]["NameServers"]}
            yield _delegation(subject, zone.name, zone.id, own)


def _delegation(subject: Subject, name: str, zone_id: str, own: set[str]) -> Finding:
    found = delegation(subject.reach, name, zone_id, own)
    match found.outcome:
        case Outcome.OURS:
            return AREA.passed(name, f"hosted zone {zone_id} is the one that public DNS asks: {found.text}")
        case Outcome.PARTLY:
            return AREA.warning(name, found.text, found.advice)
        case Outcome.UNKNOWN:
            return AREA.unknown(name, found.text, found.advice)
    return AREA.failed(name, found.text, found.advice)
