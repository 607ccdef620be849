"""What name servers and resolvers really answer."""

from collections.abc import Iterator
from itertools import islice

from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER, cached_failure
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.delegation import Outcome, delegation
from understudy_failover.operations.finding import Finding, failed, noted, passed, unknown
from understudy_failover.operations.https_records import TYPES, values_lead_elsewhere
from understudy_failover.operations.name_server import NameServer
from understudy_failover.operations.observation import Answers, client_name, resolve
from understudy_failover.operations.repair.plan import name_key
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.health import held_since
from understudy_failover.page import MARKER_HEADER
from understudy_failover.settings import Host, Server

SHOWN = 4
"""Addresses that are neither server nor page; each may take a whole time-out."""
COMPARE = "compare with `aws route53 list-resource-record-sets --hosted-zone-id {zone}`"


def authoritative(deployment: Deployment) -> Iterator[Finding]:
    """Every name server of the zone answers with the server or the page."""
    for server, host in deployment.hosts:
        wrong = [
            text for name_server in deployment.name_servers(host.zone) for text in _wrong(name_server, server, host)
        ]
        if wrong:
            yield failed(
                "name-server-wrong",
                host.name,
                "; ".join(wrong),
                deployment.cure(name_key(host.name), otherwise=COMPARE.format(zone=host.zone.id)),
            )
        else:
            yield passed(host.name, f"{len(deployment.name_servers(host.zone))} asked")


def serving(deployment: Deployment) -> Iterator[Finding]:
    """After a deploy and without an outage, the server serves every host, or `failback_hold_minutes` delays that."""
    for server, host in deployment.hosts:
        answers = resolve(host, deployment.name_servers(host.zone)[0])
        if answers.are_of_page(server) and held_since(deployment, host):
            minutes = deployment.settings.timing.failback_hold_minutes
            text = f"on the maintenance page: its server is healthy again, and held back for {minutes} min"
            yield noted("held-back", host.name, text, "nothing is to be done; `understudy status` shows since when")
        elif answers.are_of_page(server):
            yield failed(
                "on-page",
                host.name,
                "is on the maintenance page",
                "a server down or a switch on? `understudy status` shows why",
            )
        elif answers.are_of_server(server):
            yield passed(host.name, str(answers))
        else:
            yield unknown(
                "led-nowhere",
                host.name,
                f"neither on the server nor on the page: {answers}",
                deployment.cure(name_key(host.name), otherwise=COMPARE.format(zone=host.zone.id)),
            )


def delegated(deployment: Deployment) -> Iterator[Finding]:
    """Public DNS delegates to the name servers of the hosted zone."""
    for zone in deployment.settings.zones:
        answer = delegation(deployment.reach, zone.name, zone.id, deployment.delegation_set(zone))
        if answer.outcome is Outcome.OURS:
            yield passed(zone.name, answer.text)
        else:
            report = unknown if answer.outcome.is_unknown else failed
            yield report(answer.outcome, zone.name, answer.text, answer.advice)


def resolver(deployment: Deployment) -> Iterator[Finding]:
    """A resolver answers with the server or the page; cached answers are right within their TTL."""
    for asked in deployment.reach.asked_resolvers():
        for server, host in deployment.hosts:
            answers = resolve(host, asked)
            if answers.failed and not resolve(host, deployment.name_servers(host.zone)[0]).fault:
                yield unknown("resolver-keeps-failure", host.name, cached_failure(asked), ANOTHER_RESOLVER)
            elif answers.fault:
                yield unknown(
                    "resolver-silent", host.name, answers.fault, f"is {asked} a resolver? --resolver names another"
                )
            elif wrong := list(islice(_strange(deployment, answers, server, host), SHOWN)):
                yield failed(
                    "resolver-strange",
                    host.name,
                    f"{asked} answers {', '.join(wrong)}: neither server nor page",
                    "is it a resolver that filters, or a hosts file? Ask another with --resolver",
                )
            else:
                yield passed(host.name, str(answers))


def _strange(deployment: Deployment, answers: Answers, server: Server, host: Host) -> Iterator[str]:
    """Addresses that are neither the server's nor of the page."""
    if server.cname and answers.alias == server.cname:
        return  # that name decides which addresses those are
    if not answers.ipv4:
        yield "no IPv4 address"
    known = {str(address) for address in server.addresses}
    part = deployment.under(host.certificate)
    for address in (*answers.ipv4, *answers.ipv6):
        if address in known or address in (*part.edge_addresses("A"), *part.edge_addresses("AAAA")):
            continue
        # CloudFront has more addresses than it tells at once: whoever shows the page is one of them.
        try:
            if MARKER_HEADER not in deployment.reach.client().request(client_name(host), address=address).headers:
                yield address
        except UnreachableError:
            yield address


def _wrong(name_server: NameServer, server: Server, host: Host) -> Iterator[str]:
    answers = resolve(host, name_server)
    if answers.fault:
        yield f"{name_server}: {answers.fault}"
    elif not answers.are_of_server(server) and not answers.are_of_page(server):
        yield f"{name_server} answers {answers}: neither server nor page"
    for kind in TYPES:
        if values_lead_elsewhere(name_server.records(client_name(host), kind).values):
            yield f"{name_server} answers a record of type {kind}, which leads browsers past the pair"
