"""Whether public DNS delegates to a hosted zone, by the answers of the name servers and not by their names."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.operations.cached_failure import TWO_RESOLVERS, cached_failure
from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.operations.reach import Reach

PRIVATE_ZONES = {"ns-0.awsdns-00.com", "ns-512.awsdns-00.net", "ns-1024.awsdns-00.org", "ns-1536.awsdns-00.co.uk"}
"""The name servers of every private hosted zone.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html
"""
DNS_PORT = 53


class Outcome(StrEnum):
    """The state of a delegation; the values are ids of findings."""

    OURS = "delegation-ours"
    PARTLY = "delegation-partly"
    """Also to name servers of another zone."""
    ELSEWHERE = "delegation-elsewhere"
    NOWHERE = "delegation-nowhere"
    SILENT = "delegation-silent"
    """To name servers that do not answer for the zone."""
    BOGUS = "delegation-bogus"
    KEPT_FAILURE = "delegation-resolver-fails"
    """The resolver gives no answer, but the zone's name servers do."""
    NO_RESOLVER = "no-resolver"
    INSIDE_VPC = "inside-vpc"
    NO_NETWORK = "no-network"
    NO_DNS = "no-dns"

    @property
    def is_unknown(self) -> bool:
        """Return whether this machine cannot determine the delegation."""
        return self in {
            Outcome.KEPT_FAILURE,
            Outcome.NO_RESOLVER,
            Outcome.INSIDE_VPC,
            Outcome.NO_NETWORK,
            Outcome.NO_DNS,
        }


@dataclass(frozen=True)
class Delegation:
    outcome: Outcome
    text: str
    advice: str = ""


def delegation(reach: Reach, zone: str, zone_id: str, own: Collection[str]) -> Delegation:
    """Return the state of the delegation of `zone`; `own` are the names of the hosted zone's name servers. Never raise.

    White-label name servers have names of the owner and addresses of the hosted zone's servers.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/white-label-name-servers.html
    """
    ours = {name.rstrip(".").lower() for name in own}
    try:
        resolvers = reach.asked_resolvers()
    except DnsError as error:
        return Delegation(Outcome.NO_RESOLVER, str(error), "name a resolver: `--resolver 1.1.1.1:53`")
    for resolver in resolvers:
        try:
            known = {name.rstrip(".").lower() for name in resolver.records(zone, "NS").values}
        except DnsError as error:
            result = _unanswered(reach, resolver, zone, error)
            if result.outcome is Outcome.SILENT:
                continue  # the other resolver may not have cached the failure
            return result
        return _judged(resolver, zone, zone_id, ours, known)
    if len(resolvers) == 1 and _answers(reach, resolvers[0], zone, ours):
        return Delegation(Outcome.KEPT_FAILURE, cached_failure(resolvers[0]), TWO_RESOLVERS)
    return Delegation(
        Outcome.SILENT,
        f"name servers do not answer for it: {' and '.join(map(str, resolvers))} say SERVFAIL",
        "compare the name servers at your registrar with those of the hosted zone",
    )


def _judged(resolver: NameServer, zone: str, zone_id: str, own: set[str], known: set[str]) -> Delegation:
    if not known:
        text = "no name servers: the zone is not delegated"
        return Delegation(Outcome.NOWHERE, text, _at_registrar(zone_id, own))
    if known == PRIVATE_ZONES and known != own:
        return Delegation(
            Outcome.INSIDE_VPC,
            f"{resolver} answers from a private hosted zone of this name, as inside a VPC, not as the internet does",
            "ask a public resolver: `--resolver 1.1.1.1:53`, or run it outside of the VPC",
        )
    strangers = sorted(name for name in known - own if not _is_ours(resolver, name, own, zone))
    if not strangers:
        aliases = f", which lead to the servers of {zone_id}" if known - own else ""
        return Delegation(Outcome.OURS, f"{', '.join(sorted(known))}{aliases}")
    if len(strangers) < len(known):
        return Delegation(
            Outcome.PARTLY,
            f"some of its name servers are not of hosted zone {zone_id}: {', '.join(strangers)}",
            "remove them at your registrar, and from the zone's own NS record: they do not answer the failover records",
        )
    return Delegation(
        Outcome.ELSEWHERE,
        f"public DNS asks {', '.join(strangers)}, which are not of hosted zone {zone_id}",
        f"{_at_registrar(zone_id, own)}; or name the hosted zone that is asked in failover.toml",
    )


def _at_registrar(zone_id: str, own: Collection[str]) -> str:
    return f"set the name servers at your registrar to those of {zone_id}: {', '.join(sorted(own))}"


def _is_ours(resolver: NameServer, name: str, own: Collection[str], zone: str) -> bool:
    """Return whether a name server with another name is one of ours, by its addresses or the zone's SOA record."""
    try:
        addresses = set(resolver.addresses(name, "A"))
        ours = {address for server in own for address in resolver.addresses(server, "A")}
    except DnsError:
        return False
    if not addresses or not ours:
        return False
    if addresses <= ours:
        return True
    try:
        answers = [NameServer(address, DNS_PORT).records(zone, "SOA").values for address in (*addresses, min(ours))]
    except DnsError:
        return False
    return bool(answers[-1]) and all(answer == answers[-1] for answer in answers)


def _answers(reach: Reach, resolver: NameServer, zone: str, own: Collection[str]) -> bool:
    """Return whether a name server of the hosted zone answers for it."""
    try:
        servers = (
            [NameServer(*reach.name_server)]
            if reach.name_server
            else [NameServer(address, DNS_PORT) for name in own for address in resolver.addresses(name, "A")]
        )
    except DnsError:
        return False
    for server in servers:
        try:
            return bool(server.records(zone, "SOA").values)
        except DnsError:
            continue
    return False


def _unanswered(reach: Reach, resolver: NameServer, zone: str, error: DnsError) -> Delegation:
    if error.rcode == "SERVFAIL":
        try:
            unchecked = resolver.records(zone, "NS", checked=False).values
        except DnsError:
            unchecked = ()
        if unchecked:
            return Delegation(
                Outcome.BOGUS,
                "DNSSEC validation fails: validating resolvers, and their users, get no answer",
                "remove the DS record at your registrar, or publish the one that `aws route53 get-dnssec` shows",
            )
        return Delegation(Outcome.SILENT, str(error))
    return _local_fault(reach, f"{resolver}: {error}")


def _local_fault(reach: Reach, fault: str) -> Delegation:
    """Return why DNS does not answer at all: this machine's network, or its resolver."""
    if not reach.has_network:
        return Delegation(Outcome.NO_NETWORK, "this machine has no network", "connect it, and try again")
    return Delegation(
        Outcome.NO_DNS,
        f"this machine has no DNS ({fault})",
        "try again, or ask another resolver: `--resolver 1.1.1.1:53`",
    )
