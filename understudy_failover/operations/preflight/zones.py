"""Hosted zones: there, public, of the name that failover.toml says, asked by public DNS, and open for our changes."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from understudy_failover.contract.documentation import documentation
from understudy_failover.operations.delegation import Outcome, delegation
from understudy_failover.operations.finding import Finding, failed, passed, unknown, warning
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.record_import.plans import record_import
from understudy_failover.operations.record_import.states import State, name as name_of
from understudy_failover.operations.zone_rules import (
    ACTIVE_RECORD,
    ALIAS_TARGET,
    ZoneRules,
    locked,
    refusals,
    zone_rules,
)
from understudy_failover.settings import HostedZone


def zones(subject: Subject) -> Iterator[Finding]:
    """Every zone; needs route53:GetHostedZone, ListResourceRecordSets and ListResourceRecordSetProtections."""
    route53 = subject.client("route53")
    for zone in subject.settings.zones:
        try:
            answer = route53.get_hosted_zone(Id=zone.id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchHostedZone":
                raise
            yield failed(
                "zone-missing",
                zone.name,
                f"this account has no hosted zone {zone.id}",
                "copy the id from `aws route53 list-hosted-zones`; are these the credentials of the right account?",
            )
            continue
        name = answer["HostedZone"]["Name"].rstrip(".")
        if name != zone.name:
            yield failed(
                "zone-of-other-name",
                zone.name,
                f"hosted zone {zone.id} is that of {name}",
                "correct its name or its id in failover.toml",
            )
        elif answer["HostedZone"]["Config"]["PrivateZone"]:
            yield failed(
                "zone-private",
                zone.name,
                f"hosted zone {zone.id} is private: public DNS does not ask it, and failover works in public zones",
                "name the public hosted zone",
            )
        else:
            own = {server.rstrip(".").lower() for server in answer["DelegationSet"]["NameServers"]}
            yield _delegation(subject, zone.name, zone.id, own)
            yield from _rules(subject, zone, zone_rules(route53, zone.id, answer["HostedZone"]))


def _delegation(subject: Subject, name: str, zone_id: str, own: set[str]) -> Finding:
    answer = delegation(subject.reach, name, zone_id, own)
    if answer.outcome is Outcome.OURS:
        return passed(name, f"hosted zone {zone_id} is the one that public DNS asks: {answer.text}")
    report = unknown if answer.outcome.is_unknown else failed
    if answer.outcome is Outcome.PARTLY:
        report = warning
    return report(answer.outcome, name, answer.text, answer.advice)


def _rules(subject: Subject, zone: HostedZone, rules: ZoneRules) -> Iterator[Finding]:
    """What the zone refuses of the next deploy, or `import` before it; and what of later commands."""
    for missing in rules.unknown:
        yield unknown(
            "zone-rules-unread",
            zone.name,
            f"could not read what hosted zone {zone.id} refuses ({missing})",
            f"look at the zone in Route 53's console; what preflight needs: {documentation('permissions')}",
        )
    if lock := locked(rules):
        yield failed(lock.id, zone.name, lock.text, lock.advice)
        return
    recovery_failed = rules.recovery.endswith("_FAILED")
    if recovery_failed:
        yield warning(
            "recovery-failed",
            zone.name,
            f"accelerated recovery of hosted zone {zone.id} is {rules.recovery}",
            f"see FailureReasons of `aws route53 get-hosted-zone --id {zone.id}`; changes are taken",
        )
    try:
        host_findings = [*_of_hosts(subject, zone, rules)]
    except ClientError as error:
        if error.operation_name != "ListResourceRecordSets":
            raise
        return  # reported of the records
    yield from host_findings
    if not host_findings and not recovery_failed and not rules.unknown:
        yield passed(zone.name, _open(rules))


def _of_hosts(subject: Subject, zone: HostedZone, rules: ZoneRules) -> Iterator[Finding]:
    records = subject.records(zone.id)
    for server in subject.settings.servers:
        for host in server.hosts:
            if host.zone.id != zone.id:
                continue
            name = name_of(host, server, records)
            if name.state is State.PAIR:
                # The next deploy leaves them alone; whatever moves them later is refused.
                changes = [{"Action": "CREATE", "ResourceRecordSet": record.raw} for record in name.records]
                for refusal in refusals(rules, changes, records):
                    text = f"{refusal.text}; changed settings of it, `detach` and `destroy` would be refused"
                    yield warning(refusal.id, host.name, text, refusal.advice)
                continue
            creations = [
                {"Action": "CREATE", "ResourceRecordSet": {"Name": host.name, "Type": type_}} for type_ in name.types
            ]
            for refusal in refusals(
                rules, [*record_import(name, subject.settings.timing.ttl_seconds).changes, *creations], records
            ):
                report = failed if refusal.certain else warning
                yield report(
                    refusal.id, host.name, f"{refusal.text}; `import` and the deploy would be refused", refusal.advice
                )


def _open(rules: ZoneRules) -> str:
    text = f"hosted zone {rules.zone_id} ({rules.tier}) refuses no change of its hosts"
    later = {
        ACTIVE_RECORD: "`detach --remove`, a change between addresses and CNAME and the rollback of a first deploy "
        "while resolvers still ask",
        ALIAS_TARGET: "the same of a name that another record of the zone is an alias to",
    }
    refused = [
        f"{guardrail} refuses {what}" for guardrail, what in later.items() if guardrail in (rules.guardrails or ())
    ]
    return "; ".join([text, *refused])
