"""Hosted zones: there, public, of the name that failover.toml says, and the ones that the world asks."""

from collections.abc import Iterator

import dns.exception
import dns.resolver
from botocore.exceptions import ClientError

from understudy_failover.operations.preflight.finding import Area, Finding
from understudy_failover.operations.preflight.subject import Subject

AREA = Area("zone")
LIMIT_SECONDS = 5.0


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
                f"hosted zone {zone.id} is private: the world does not ask it, and failover works in public zones",
                "name the public hosted zone",
            )
        else:
            own = {server.rstrip(".").lower() for server in answer["DelegationSet"]["NameServers"]}
            yield _delegation(subject, zone.name, zone.id, own)


def _delegation(subject: Subject, name: str, zone_id: str, own: set[str]) -> Finding:
    try:
        answered = _name_servers(subject, name)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return AREA.failed(
            name,
            "nobody delegates it: the world gets no name servers for it",
            f"give your registrar the name servers of {zone_id}: {', '.join(sorted(own))}",
        )
    except dns.exception.DNSException as error:
        return AREA.unknown(name, f"its delegation could not be asked for: {error}", "check that this machine has DNS")
    strangers = sorted(answered - own)
    if not strangers:
        return AREA.passed(name, f"hosted zone {zone_id} is the one that the world asks")
    if answered & own:
        return AREA.warning(
            name,
            f"some of its name servers are not of hosted zone {zone_id}: {', '.join(strangers)}",
            "remove them at your registrar, and from the zone's own NS record: they know nothing of the failover",
        )
    return AREA.failed(
        name,
        f"the world asks {', '.join(strangers)}, which are not of hosted zone {zone_id}",
        f"give your registrar the zone's own name servers, {', '.join(sorted(own))}, or name the zone that is asked",
    )


def _name_servers(subject: Subject, name: str) -> set[str]:
    if subject.reach.resolvers:
        resolver = dns.resolver.Resolver(configure=False)
        address, resolver.port = subject.reach.resolvers[0]
        resolver.nameservers = [address]
    else:
        resolver = dns.resolver.Resolver()
    answer = resolver.resolve(f"{name}.", "NS", lifetime=LIMIT_SECONDS)
    return {str(record.target).rstrip(".").lower() for record in answer}
