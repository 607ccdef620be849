"""The health checks of the distributions, which the SECONDARY record sets go by."""

from collections.abc import Iterator

from understudy_failover.contract.health_check_config import page_config
from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.repair.plan import check_key, name_key
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.health import Config, differing, verdict, wanted
from understudy_failover.settings import Host, Server

WITHOUT = "so that with server and page both down the page would be answered"


def subject(deployment: Deployment, certificate: str) -> str:
    """A certificate's page, for people: with its name only where there are several."""
    declared = deployment.whole.for_certificate(certificate).certificate.name
    return f"maintenance page of {declared}" if deployment.whole.certificates else "maintenance page"


def identifiers(deployment: Deployment) -> dict[str, str]:
    """The checks with checkers that the SECONDARY record sets really go by, each with its certificate's name."""
    there = deployment.health_checks()
    certificates: dict[str, str] = {}
    for server, host in deployment.hosts:
        for record in _secondaries(deployment, server, host):
            identifier = str(record.raw.get("HealthCheckId", ""))
            config = there.get(identifier, {})
            if config.get("Type") == "TCP" and not config.get("Disabled"):  # else named by `checks`
                certificates.setdefault(identifier, host.certificate)
    return certificates


def checks(deployment: Deployment) -> Iterator[Finding]:
    """Every SECONDARY uses the check of its distribution, which only connects."""
    there = deployment.health_checks()
    going: dict[tuple[str, str], list[str]] = {}
    for server, host in deployment.hosts:
        for record in _secondaries(deployment, server, host):  # what is missing is named by `pairs`
            key = (host.certificate, str(record.raw.get("HealthCheckId") or ""))
            going.setdefault(key, []).append(f"{host.name} {record.type}")
    for (certificate, identifier), several in going.items():
        name = subject(deployment, certificate)
        wrong = _wrong(identifier, there, deployment.under(certificate).domain_name())
        if wrong:
            names = {label.rpartition(" ")[0] for label in several}
            keys = (check_key(identifier), *map(name_key, sorted(names)))
            others = f" and {len(several) - 1} more" if len(several) > 1 else ""
            yield failed(
                "page-check-wrong",
                name,
                f"the SECONDARY record set of {several[0]}{others} {wrong}",
                deployment.cure(*keys),
            )
        else:
            yield passed(name, f"{len(several)} SECONDARY record sets use its check")


def verdicts(deployment: Deployment) -> Iterator[Finding]:
    """The checkers can connect to the distribution."""
    for identifier, certificate in identifiers(deployment).items():
        name = subject(deployment, certificate)
        reached, statuses = verdict(deployment, identifier)
        if reached is None:
            yield unknown("page-not-reported", name, "no checker has reported yet", "try again in a minute")
        elif reached:
            yield passed(name, statuses)
        else:
            advice = "has CloudFront trouble (health.aws.amazon.com)? A server that fails now is answered still"
            yield failed("page-not-reached", name, f"cannot be reached: {statuses}", advice)


def without_verdict(deployment: Deployment) -> list[str]:
    return [identifier for identifier in identifiers(deployment) if verdict(deployment, identifier)[0] is None]


def _secondaries(deployment: Deployment, server: Server, host: Host) -> list[RecordSet]:
    """Those of the host's pairs; without what `import` or a deploy keeps for a moment, which leads to the server."""
    return [
        record
        for record in deployment.records_of(host)
        if record.failover == "SECONDARY"
        and record.set_identifier != PLACEHOLDER
        and record.type in server.record_values
    ]


def _wrong(identifier: str, there: dict[str, Config], domain_name: str) -> str:
    if not identifier:
        return f"has no health check, {WITHOUT}"
    if identifier not in there:
        return f"goes by health check {identifier}, which does not exist, {WITHOUT}"
    # Route 53 leaves out regions that were left out: it means all of them.
    differences = differing(there[identifier], wanted(page_config(domain_name)))
    return f"goes by health check {identifier}, whose {', '.join(differences)}" if differences else ""
