"""Every check, in the order of the report: from what is deployed to what clients meet."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from understudy_failover.operations.finding import Finding, unknown
from understudy_failover.operations.verify import (
    account,
    answers,
    certificates,
    distribution,
    dns_answers,
    health,
    page,
    page_health,
    page_requests,
    records,
    subscriptions,
    switches,
)
from understudy_failover.operations.verify.deployment import ERRORS, Deployment, in_words


@dataclass(frozen=True)
class Check:
    """`run` may raise one of `known.ERRORS`: then the result of this check is unknown, and the next one runs."""

    name: str
    run: Callable[[Deployment], Iterable[Finding]]
    per_certificate: bool = False
    """Whether it looks at what each certificate has (`Deployment.under`), not at the whole installation."""

    def findings(self, deployment: Deployment) -> Iterator[Finding]:
        """What it found; never raises for what AWS and the network do."""
        for part in deployment.parts if self.per_certificate else [deployment]:
            try:
                for finding in self.run(part):
                    yield replace(finding, check=self.name)
            except ERRORS as error:
                yield replace(unknown("not-seen", part.settings.app, in_words(error)), check=self.name)


CHECKS = (
    Check("clock", account.clock),
    Check("stacks", distribution.stacks),
    Check("leftovers", distribution.leftovers),
    Check("distribution", distribution.deployed, per_certificate=True),
    Check("alternate domain names", distribution.aliases, per_certificate=True),
    Check("conflicting aliases", account.conflicting_aliases, per_certificate=True),
    Check("viewer certificate", certificates.attached, per_certificate=True),
    Check("certificate lifetime", certificates.lifetime, per_certificate=True),
    Check("orphaned certificates", certificates.orphans, per_certificate=True),
    Check("HTTP version", distribution.http_version, per_certificate=True),
    Check("IPv6", distribution.ipv6, per_certificate=True),
    Check("default root object", distribution.root_object, per_certificate=True),
    Check("viewer protocol policy", distribution.protocol_policy, per_certificate=True),
    Check("error responses", distribution.error_responses, per_certificate=True),
    Check("response headers", distribution.headers_policies, per_certificate=True),
    Check("edge functions", distribution.edge_functions, per_certificate=True),
    Check("page objects", page.objects, per_certificate=True),
    Check("page access", page.access, per_certificate=True),
    Check("access logs", page.written, per_certificate=True),
    Check("log retention", page.retention, per_certificate=True),
    Check("TLS", answers.tls, per_certificate=True),
    Check("answers", answers.pages, per_certificate=True),
    Check("plain HTTP", answers.plain_http, per_certificate=True),
    Check("record pairs", records.pairs),
    Check("TTL", records.ttls),
    Check("bypasses", records.bypasses),
    Check("dependent names", records.dependents),
    Check("name servers", dns_answers.authoritative),
    Check("serving", dns_answers.serving),
    Check("delegation", dns_answers.delegated),
    Check("resolver", dns_answers.resolver),
    Check("calculated checks", health.calculated),
    Check("server checks", health.servers),
    Check("switch checks", health.switches),
    Check("page checks", page_health.checks),
    Check("server verdicts", health.server_verdicts),
    Check("switch verdicts", health.switch_verdicts),
    Check("page verdicts", page_health.verdicts),
    Check("page requests", page_requests.requests, per_certificate=True),
    Check("switches", switches.switches),
    Check("switch objects", switches.contents),
    Check("windows", switches.windows),
    Check("subscriptions", subscriptions.subscriptions),
    Check("pricing plan", account.pricing_plan, per_certificate=True),
    Check("certificate quota", account.certificate_quota),
    Check("health check quota", account.health_check_quota),
)
