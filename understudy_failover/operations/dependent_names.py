"""Other names that lead to a host, or that a wildcard host does not cover, and the effect of a failover on them.

While the page is up, a host's name leads to CloudFront, which answers alternate domain names over HTTP and HTTPS only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.https_records import TYPES, target
from understudy_failover.settings import Host, Server, Settings

ANSWERS = {"A", "AAAA", "CNAME"}
SPF = "v=spf1"
HOW_MANY = 5
"""CNAME and alias records in a chain that are followed."""


@dataclass(frozen=True)
class DependentName:
    """A record set that depends on a host; `effect` is the effect of a failover."""

    name: str
    type: str
    host: str
    effect: str
    advice: str

    @property
    def subject(self) -> str:
        return f"{self.name} {self.type}"


def dependent_names(
    settings: Settings, records: Mapping[str, Sequence[RecordSet]], hosts: Iterable[str] | None = None
) -> list[DependentName]:
    """Return those of all hosts, or of `hosts`; `records` are all record sets of each hosted zone, by its id."""
    owners = {host.name: (server, host) for server in settings.servers for host in server.hosts}
    every = [record for zone in records.values() for record in zone]
    leading = _leading(owners, every)
    names = [*_leading_records(owners, every, leading), *_below_wildcards(owners, every)]
    wanted = owners.keys() if hosts is None else set(hosts)
    return [name for name in names if name.host in wanted]


def delegation_above(host: Host, records: Iterable[RecordSet]) -> RecordSet | None:
    """Return the NS record set in the host's zone that delegates the host's name to other name servers, if any."""
    name = host.name.removeprefix("*.")
    return next(
        (
            record
            for record in records
            if record.type == "NS" and record.name != host.zone.name and f".{name}".endswith(f".{record.name}")
        ),
        None,
    )


def delegation_text(host: Host, record: RecordSet) -> str:
    return f"{host.zone.name} delegates {record.name} to other name servers ({record}), so no resolver asks this zone"


Owners = Mapping[str, tuple[Server, Host]]


def _leading(owners: Owners, records: Sequence[RecordSet]) -> dict[str, str]:
    """Return the host by every name that leads to it, the hosts' own included."""
    existing = {record.name for record in records}

    def covering(name: str) -> str | None:
        if name in owners:
            return name
        wildcard = f"*.{name.partition('.')[2]}"
        return wildcard if wildcard in owners and name not in existing else None

    leading = {name: name for name in owners}
    for _ in range(HOW_MANY):
        for record in records:
            if record.name in leading or record.type not in ANSWERS:
                continue
            for name in (record.alias_target, *(record.values if record.type == "CNAME" else ())):
                plain = _plain(name)
                if host := leading.get(plain) or covering(plain):
                    leading[record.name] = host
    for record in records:
        for name in _targets(record):
            if name not in leading and (host := covering(name)):
                leading[name] = host
    return leading


def _leading_records(
    owners: Owners, records: Sequence[RecordSet], leading: Mapping[str, str]
) -> Iterator[DependentName]:
    for record in records:
        if record.name in owners and record.type in ANSWERS:
            continue  # the pair
        for name in _targets(record):
            host = leading.get(name)
            if host is None or (record.name == host and record.type in TYPES):
                continue  # HTTPS records of hosts have checks of their own
            effect, advice = _effect(record, *owners[host])
            yield DependentName(record.name, record.type, host, effect, advice)
            break
        if record.type == "TXT":
            yield from _spf(record, owners, leading, records)


def _targets(record: RecordSet) -> list[str]:
    """Return the names that clients of the record look up next."""
    match record.type:
        case "CNAME" | "NS":
            names = [record.alias_target, *record.values]
        case "A" | "AAAA":
            names = [record.alias_target]
        case "MX" | "SRV":
            names = [value.split()[-1] for value in record.values if value.split()]
        case "HTTPS" | "SVCB":
            names = [record.alias_target, *(target(value) for value in record.values)]
        case _:
            names = []
    return [_plain(name) for name in names if _plain(name)]


def _effect(record: RecordSet, server: Server, host: Host) -> tuple[str, str]:
    addresses = " and ".join(str(address) for address in server.addresses) or server.cname or "the server"
    own_name = f"give it a name of its own that does not fail over, with {addresses}"
    while_up = f"while the page of {host.name} is up"
    match record.type:
        case "MX":
            return f"mail is sent to CloudFront {while_up}, which accepts none: delayed, in the end lost", own_name
        case "NS":
            return (
                f"{record.name} is delegated to CloudFront {while_up}, which is no name server: not answered",
                own_name,
            )
        case "SRV":
            return f"its clients connect to CloudFront {while_up}, which speaks HTTP alone: no service", own_name
    adopt = f"`understudy import {quote(record.name)} --apply`"
    add = f'add "{record.name}" to the hosts of {server.name}, then {adopt} and '
    return (
        f"leads to CloudFront {while_up}, which does not know this name: a TLS error or status 403, not the page",
        f"{add}`cdk deploy --all`; or let it lead to {addresses} itself",
    )


def _spf(
    record: RecordSet, owners: Owners, leading: Mapping[str, str], records: Sequence[RecordSet]
) -> Iterator[DependentName]:
    for value in record.values:
        words = value.replace('" "', "").strip('"').split()
        if not words or words[0].lower() != SPF:
            continue
        for word in words[1:]:
            mechanism, _, name = word.lstrip("+?~-").lower().partition(":")
            kind, _, _ = mechanism.partition("/")
            domain = _plain(name.partition("/")[0]) or record.name
            names = {"a": [domain], "mx": _mail_servers(domain, records)}.get(kind, [])
            host = next((leading[name] for name in names if name in leading), None)
            if host:
                server, _ = owners[host]
                literal = " ".join(f"ip{address.version}:{address}" for address in server.addresses)
                yield DependentName(
                    record.name,
                    "TXT",
                    host,
                    f"SPF {word} means CloudFront's addresses while the page of {host} is up: mail that {server.name} "
                    "sends meanwhile fails SPF",
                    f"write {literal or 'the addresses'} in place of {word}",
                )
                return


def _mail_servers(domain: str, records: Sequence[RecordSet]) -> list[str]:
    return [name for record in records if (record.name, record.type) == (domain, "MX") for name in _targets(record)]


def _below_wildcards(owners: Owners, records: Sequence[RecordSet]) -> Iterator[DependentName]:
    """Yield names that exist below a wildcard host: the wildcard does not answer for them (RFC 4592, section 2.2)."""
    for wildcard in (name for name in owners if name.startswith("*.")):
        base = wildcard.removeprefix("*.")
        types: dict[str, set[str]] = {}
        for record in records:
            labels = record.name.removesuffix(f".{base}").split(".") if record.name.endswith(f".{base}") else []
            for index in range(len(labels)):
                name = ".".join((*labels[index:], base))
                types.setdefault(name, set()).update({record.type} if index == 0 else set())
        for name, existing in sorted(types.items()):
            if name in owners or name == wildcard or name.startswith(("_", "*.")):
                continue
            server, _ = owners[wildcard]
            if "NS" in existing:
                effect = f"is delegated elsewhere: {wildcard} does not cover it, and it shows no page"
                advice = "nothing, if that is meant"
            elif existing & ANSWERS:
                effect = f"has its own records: {wildcard} does not cover it, it does not fail over and shows no page"
                advice = f'add "{name}" to the hosts of {server.name}, unless another machine serves it'
            else:
                reason = f"for its {', '.join(sorted(existing))} record" if existing else "for names below it"
                effect = f"exists {reason}, so {wildcard} does not answer for it: no address"
                advice = f'add "{name}" to the hosts of {server.name}, then `cdk deploy --all`'
            yield DependentName(name, ", ".join(sorted(existing)) or "-", wildcard, effect, advice)


def _plain(name: str) -> str:
    return name.strip().rstrip(".").lower()
