"""One look at a deployment. Nothing here raises for what AWS and the network do: what is unseen is listed."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from botocore.exceptions import ConnectionError as NoConnection, HTTPClientError

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import OWN_RESOLVER
from understudy_failover.operations.kept_failure import ANOTHER_RESOLVER, kept_failure
from understudy_failover.operations.sight import Answers, OnStage, Sight, Visit, client_name, resolve, visit
from understudy_failover.operations.switch import Position, SwitchError, Switches
from understudy_failover.operations.tls_probe import Presented, presented
from understudy_failover.operations.verify import page_health
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.health import ENDPOINT, Joined, joined, unhealthy_part_since, verdict
from understudy_failover.operations.verify.known import ERRORS, in_words
from understudy_failover.operations.verify.page_requests import PageRequests, page_requests
from understudy_failover.operations.windows import Window, Windows
from understudy_failover.settings import Host, Server

WORKERS = 8
Found = TypeVar("Found")


class LocalFault(StrEnum):
    """What is wrong with this machine, so that nothing follows for the hosts."""

    NO_AWS = "no-aws"
    NO_DNS = "no-dns"
    NO_NETWORK = "no-network"
    REACHES_NO_HOST = "reaches-no-host"

    @property
    def text(self) -> str:
        """What is wrong, and what to do."""
        return LOCAL_FAULTS[self]


LOCAL_FAULTS = {
    LocalFault.NO_AWS: "this machine cannot reach AWS's APIs; check its network and AWS_ENDPOINT_URL",
    LocalFault.NO_DNS: "this machine has no DNS: neither its resolver nor the zones' name servers answer; try again, "
    "or name another resolver: `--resolver 1.1.1.1:53`",
    LocalFault.NO_NETWORK: "this machine has no network; connect it, and try again",
    LocalFault.REACHES_NO_HOST: "this machine reaches no host, but Route 53's health checkers do: "
    "check its own network",
}


@dataclass(frozen=True)
class FailingResolver:
    """A resolver that gives no answer although the zones' name servers do."""

    address: str

    @property
    def text(self) -> str:
        """What is wrong, and what to do."""
        return f"{kept_failure(self.address)}; {ANOTHER_RESOLVER}"


@dataclass(frozen=True)
class HostStatus:
    """Who is on stage for a host."""

    host: Host
    server: Server
    visit: Visit
    authoritative: Answers
    resolvers: Mapping[str, Answers]
    """By the address of each."""
    certificate: Presented | None
    """Of whoever answers now."""
    since: datetime | None = None
    why: str = ""
    judged: bool = True
    """Whether the visit says something of the host; not where this machine's own network is at fault."""

    @property
    def seen(self) -> str:
        """Who is on stage, or `unknown`."""
        return str(self.visit.on_stage) if self.judged else "unknown"

    @property
    def moves(self) -> bool:
        """Whether name servers and clients are not of one mind (yet)."""
        if self.authoritative.fault:
            return False
        if self.visit.on_stage is OnStage.SERVER:
            return self.authoritative.are_of_page(self.server)
        return self.visit.on_stage is OnStage.PAGE and self.authoritative.are_of_server(self.server)


@dataclass
class Look:
    """Everything that could be seen at one moment."""

    at: datetime
    hosts: list[HostStatus] = field(default_factory=list)
    positions: dict[str, Position | None] | None = None
    windows: list[Window] | None = None
    health: dict[str, tuple[bool | None, str]] | None = None
    """By server, or server and host, and by page: what the checkers say of it."""
    page_requests: list[PageRequests] | None = None
    """By certificate; not asked for while a host is on the page, where they are no news."""
    unseen: list[str] = field(default_factory=list)
    """What could not be seen, and why."""
    local_faults: list[LocalFault | FailingResolver] = field(default_factory=list)
    unreachable_apis: int = 0
    """Questions to AWS's APIs that were not answered at all."""

    @property
    def all_on_servers(self) -> bool:
        """Whether every host is where it belongs."""
        return all(one.visit.on_stage is OnStage.SERVER for one in self.hosts)

    @property
    def any_off_server(self) -> bool:
        """Whether some host is known not to be where it belongs."""
        return any(one.judged and one.visit.on_stage is not OnStage.SERVER for one in self.hosts)


def look(deployment: Deployment) -> Look:
    """Asks everybody once."""
    found = Look(deployment.now())
    found.positions = _seen(found, "switches", lambda: _positions(deployment))
    found.windows = _seen(found, "windows", lambda: _windows(deployment))
    checks = _seen(found, "health checks", lambda: joined(deployment)) or []
    found.health = _seen(found, "what the health checkers say", lambda: _health(deployment, checks)) if checks else None
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="status") as workers:
        pairs = deployment.hosts
        found.hosts = list(workers.map(lambda pair: _host(deployment, found, checks, *pair), pairs))
    if faults := sorted({one.authoritative.fault for one in found.hosts if one.authoritative.fault}):
        found.unseen.append(f"name servers: {faults[0]}")
    for name in found.hosts[0].resolvers:
        faults = sorted({one.resolvers[name].fault for one in found.hosts if one.resolvers[name].fault})
        if faults and not any(_keeps_failure(one, name) for one in found.hosts):
            found.unseen.append(f"resolver {name}: {faults[0]}".replace("  ", " "))
    blame_resolvers(found)
    blame_this_machine(deployment, found)
    if found.all_on_servers:
        found.page_requests = _seen(
            found, "requests to the page", lambda: [page_requests(part) for part in deployment.parts]
        )
    return found


def blame_resolvers(found: Look) -> None:
    """Judge no host that could not be asked because a resolver fails while the zone's name servers answer."""
    failing = [one.visit.unresolved_by for one in found.hosts if Sight(one.authoritative, one.visit).kept_failure]
    failing += [name for one in found.hosts for name in one.resolvers if _keeps_failure(one, name)]
    if failing:
        named = [name for name in failing if name != OWN_RESOLVER] or failing
        found.local_faults += map(FailingResolver, dict.fromkeys(named))
    found.hosts = [
        replace(one, judged=False, since=None, why="") if Sight(one.authoritative, one.visit).kept_failure else one
        for one in found.hosts
    ]


def _keeps_failure(one: HostStatus, resolver: str) -> bool:
    return one.resolvers[resolver].failed and not one.authoritative.fault


def blame_this_machine(deployment: Deployment, found: Look) -> None:
    """Where no host can be reached from here for a reason of this machine's own, judge none of them."""
    if found.unreachable_apis and found.positions is None and found.windows is None:
        found.local_faults.append(LocalFault.NO_AWS)
    judged = [one for one in found.hosts if one.judged]
    if not judged or any(one.visit.on_stage is not OnStage.NOBODY or not one.visit.trusted for one in judged):
        return
    answers = [answer for one in found.hosts for answer in (one.authoritative, *one.resolvers.values())]
    if not deployment.reach.has_network:
        fault = LocalFault.NO_NETWORK
    elif all(answer.silent for answer in answers):
        fault = LocalFault.NO_DNS
    elif found.health and all(is_healthy for is_healthy, _ in found.health.values()):
        fault = LocalFault.REACHES_NO_HOST
    else:
        return
    found.local_faults.insert(0, fault)
    found.hosts = [replace(one, judged=False, since=None, why="") for one in found.hosts]


def _seen(found: Look, what: str, ask: Callable[[], Found]) -> Found | None:
    try:
        return ask()
    except (*ERRORS, SwitchError) as error:
        found.unreachable_apis += isinstance(error, NoConnection | HTTPClientError)
        found.unseen.append(f"{what}: {in_words(error)}")
        return None


def _positions(deployment: Deployment) -> dict[str, Position | None]:
    names = deployment.settings.switches
    if not names:
        return {}
    return Switches(deployment.client("s3"), deployment.settings.app, deployment.account()).positions(names)


def _windows(deployment: Deployment) -> list[Window]:
    settings = deployment.settings
    if not settings.has_switches:
        return []
    return Windows(deployment.client("scheduler"), settings.app, deployment.account(), settings.switches).all()


def _health(deployment: Deployment, checks: list[Joined]) -> dict[str, tuple[bool | None, str]]:
    return {
        one.named(part): verdict(deployment, one.children[part])
        for one in checks
        for part in one.endpoints
        if part in one.children
    } | {
        page_health.subject(deployment, certificate): verdict(deployment, identifier)
        for identifier, certificate in page_health.identifiers(deployment).items()
    }


def _host(deployment: Deployment, found: Look, checks: list[Joined], server: Server, host: Host) -> HostStatus:
    try:
        authoritative = resolve(host, deployment.name_servers(host.zone)[0])
    except ERRORS as error:
        authoritative = Answers((), (), in_words(error), silent=True)
    try:
        resolved = {str(one): resolve(host, one) for one in deployment.reach.asked_resolvers()}
    except ERRORS as error:
        resolved = {"": Answers((), (), in_words(error))}
    try:
        name = client_name(host)
        certificate = presented(
            name, name, timeout_seconds=deployment.reach.timeout_seconds, proxy=deployment.reach.proxy
        )
    except UnreachableError:
        certificate = None
    seen = visit(host, deployment.reach.client())
    since, why = reason(deployment, found, checks, server=server, host=host, seen=seen)
    return HostStatus(host, server, seen, authoritative, resolved, certificate, since, why)


def reason(
    deployment: Deployment, found: Look, checks: list[Joined], *, server: Server, host: Host, seen: Visit
) -> tuple[datetime | None, str]:
    """Since when and why a host is not on its server."""
    if seen.on_stage is OnStage.SERVER:
        return None, ""
    for name in deployment.settings.switches_of(server):
        whose = "the switch of all servers" if name == FOR_ALL else f"the switch of {name}"
        position = (found.positions or {}).get(name)
        if position:
            return position.since, f"{whose} is on"
    own = next((one for one in checks if host in one.hosts), None)
    since, why = _reason_of_health(deployment, found, own) if own else (None, "")
    page, _ = (found.health or {}).get(page_health.subject(deployment, host.certificate), (None, ""))
    if why and page is False and seen.on_stage is OnStage.NOBODY:
        why += "; nor can the maintenance page be reached, so that the server is answered"
    return since, why or ("" if seen.on_stage is OnStage.NOBODY else "why cannot be seen")


def _reason_of_health(deployment: Deployment, found: Look, own: Joined) -> tuple[datetime | None, str]:
    """Nothing where it cannot be seen."""
    said = {part: (found.health or {}).get(own.named(part), (None, "")) for part in own.endpoints}
    for part, (healthy, told) in said.items():
        if healthy is False:
            address = f" at {part.removeprefix(ENDPOINT)}" if len(said) > 1 else ""
            return unhealthy_part_since(deployment, own, part, found.at), f"the server is down{address}: {told}"
    if any(healthy is None for healthy, _ in said.values()):
        return None, ""
    for part in own.holds:
        if since := unhealthy_part_since(deployment, own, part, found.at):
            minutes = deployment.settings.timing.failback_hold_minutes
            return since, f"its server is healthy again, and held back until it has been so for {minutes} min"
    return None, "its server is healthy and no switch is on: clients will be back, or a record set is wrong"
