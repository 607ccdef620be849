"""One observation of a deployment. Errors of AWS and the network do not raise: what is unknown is listed."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from botocore.exceptions import ConnectionError as NoConnection, HTTPClientError

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER, cached_failure
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import OWN_RESOLVER
from understudy_failover.operations.observation import (
    Answers,
    HttpsProbe,
    Observation,
    ServedBy,
    client_name,
    probe_https,
    resolve,
)
from understudy_failover.operations.switch import Position, SwitchError, Switches
from understudy_failover.operations.tls_probe import Presented, presented
from understudy_failover.operations.verify import page_health
from understudy_failover.operations.verify.deployment import ERRORS, Deployment, in_words
from understudy_failover.operations.verify.health import ENDPOINT, Joined, joined, unhealthy_part_since, verdict
from understudy_failover.operations.verify.page_requests import PageRequests, page_requests
from understudy_failover.operations.windows import Window, Windows
from understudy_failover.settings import Host, Server

WORKERS = 8
Result = TypeVar("Result")


class LocalFault(StrEnum):
    """A fault of this machine, so that nothing is known of the hosts."""

    NO_AWS = "no-aws"
    NO_DNS = "no-dns"
    NO_NETWORK = "no-network"
    REACHES_NO_HOST = "reaches-no-host"

    @property
    def text(self) -> str:
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
        return f"{cached_failure(self.address)}; {ANOTHER_RESOLVER}"


@dataclass(frozen=True)
class HostStatus:
    host: Host
    server: Server
    probe: HttpsProbe
    authoritative: Answers
    resolvers: Mapping[str, Answers]
    """By the address of each resolver."""
    certificate: Presented | None
    """As presented now."""
    since: datetime | None = None
    why: str = ""
    judged: bool = True
    """Whether the visit says something about the host; not where this machine's own network is at fault."""

    @property
    def served_by(self) -> str:
        """Return what serves the host, or `unknown`."""
        return str(self.probe.served_by) if self.judged else "unknown"

    @property
    def moves(self) -> bool:
        """Return whether name servers and clients differ, as during a failover."""
        if self.authoritative.fault:
            return False
        if self.probe.served_by is ServedBy.SERVER:
            return self.authoritative.are_of_page(self.server)
        return self.probe.served_by is ServedBy.PAGE and self.authoritative.are_of_server(self.server)


@dataclass
class Snapshot:
    """The state of everything at one moment."""

    at: datetime
    hosts: list[HostStatus] = field(default_factory=list)
    positions: dict[str, Position | None] | None = None
    windows: list[Window] | None = None
    health: dict[str, tuple[bool | None, str]] | None = None
    """The health checkers' results, by server, or server and host, and by page."""
    page_requests: list[PageRequests] | None = None
    """By certificate; not read while a host is on the page, where requests are expected."""
    unseen: list[str] = field(default_factory=list)
    """What is unknown, and why."""
    local_faults: list[LocalFault | FailingResolver] = field(default_factory=list)
    unreachable_apis: int = 0
    """Requests to AWS's APIs without any answer."""

    @property
    def all_on_servers(self) -> bool:
        return all(host.probe.served_by is ServedBy.SERVER for host in self.hosts)

    @property
    def any_off_server(self) -> bool:
        """Return whether some host is known not to be on its server."""
        return any(host.judged and host.probe.served_by is not ServedBy.SERVER for host in self.hosts)


def take_snapshot(deployment: Deployment) -> Snapshot:
    result = Snapshot(deployment.now())
    result.positions = _try(result, "switches", lambda: _positions(deployment))
    result.windows = _try(result, "windows", lambda: _windows(deployment))
    checks = _try(result, "health checks", lambda: joined(deployment)) or []
    result.health = (
        _try(result, "what the health checkers say", lambda: _health(deployment, checks)) if checks else None
    )
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="status") as workers:
        pairs = deployment.hosts
        result.hosts = list(workers.map(lambda pair: _host(deployment, result, checks, *pair), pairs))
    if faults := sorted({host.authoritative.fault for host in result.hosts if host.authoritative.fault}):
        result.unseen.append(f"name servers: {faults[0]}")
    for name in result.hosts[0].resolvers:
        faults = sorted({host.resolvers[name].fault for host in result.hosts if host.resolvers[name].fault})
        if faults and not any(_keeps_failure(host, name) for host in result.hosts):
            result.unseen.append(f"resolver {name}: {faults[0]}".replace("  ", " "))
    blame_resolvers(result)
    blame_this_machine(deployment, result)
    if result.all_on_servers:
        result.page_requests = _try(
            result, "requests to the page", lambda: [page_requests(part) for part in deployment.parts]
        )
    return result


def blame_resolvers(snapshot: Snapshot) -> None:
    """Mark hosts as unknown where a resolver fails while the zone's name servers answer."""
    failing = [
        host.probe.unresolved_by
        for host in snapshot.hosts
        if Observation(host.authoritative, host.probe).cached_failure
    ]
    failing += [name for host in snapshot.hosts for name in host.resolvers if _keeps_failure(host, name)]
    if failing:
        named = [name for name in failing if name != OWN_RESOLVER] or failing
        snapshot.local_faults += map(FailingResolver, dict.fromkeys(named))
    snapshot.hosts = [
        replace(host, judged=False, since=None, why="")
        if Observation(host.authoritative, host.probe).cached_failure
        else host
        for host in snapshot.hosts
    ]


def _keeps_failure(host: HostStatus, resolver: str) -> bool:
    return host.resolvers[resolver].failed and not host.authoritative.fault


def blame_this_machine(deployment: Deployment, snapshot: Snapshot) -> None:
    """Mark all hosts as unknown where none can be reached because of this machine."""
    if snapshot.unreachable_apis and snapshot.positions is None and snapshot.windows is None:
        snapshot.local_faults.append(LocalFault.NO_AWS)
    judged = [host for host in snapshot.hosts if host.judged]
    if not judged or any(host.probe.served_by is not ServedBy.NOBODY or not host.probe.trusted for host in judged):
        return
    answers = [answer for host in snapshot.hosts for answer in (host.authoritative, *host.resolvers.values())]
    if not deployment.reach.has_network:
        fault = LocalFault.NO_NETWORK
    elif all(answer.silent for answer in answers):
        fault = LocalFault.NO_DNS
    elif snapshot.health and all(is_healthy for is_healthy, _ in snapshot.health.values()):
        fault = LocalFault.REACHES_NO_HOST
    else:
        return
    snapshot.local_faults.insert(0, fault)
    snapshot.hosts = [replace(host, judged=False, since=None, why="") for host in snapshot.hosts]


def _try(snapshot: Snapshot, what: str, ask: Callable[[], Result]) -> Result | None:
    try:
        return ask()
    except (*ERRORS, SwitchError) as error:
        snapshot.unreachable_apis += isinstance(error, NoConnection | HTTPClientError)
        snapshot.unseen.append(f"{what}: {in_words(error)}")
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
        check.named(part): verdict(deployment, check.children[part])
        for check in checks
        for part in check.endpoints
        if part in check.children
    } | {
        page_health.subject(deployment, certificate): verdict(deployment, identifier)
        for identifier, certificate in page_health.identifiers(deployment).items()
    }


def _host(deployment: Deployment, snapshot: Snapshot, checks: list[Joined], server: Server, host: Host) -> HostStatus:
    try:
        authoritative = resolve(host, deployment.name_servers(host.zone)[0])
    except ERRORS as error:
        authoritative = Answers((), (), in_words(error), silent=True)
    try:
        resolved = {str(resolver): resolve(host, resolver) for resolver in deployment.reach.asked_resolvers()}
    except ERRORS as error:
        resolved = {"": Answers((), (), in_words(error))}
    try:
        name = client_name(host)
        certificate = presented(
            name, name, timeout_seconds=deployment.reach.timeout_seconds, proxy=deployment.reach.proxy
        )
    except UnreachableError:
        certificate = None
    visited = probe_https(host, deployment.reach.client())
    since, why = reason(deployment, snapshot, checks, server=server, host=host, probe=visited)
    return HostStatus(host, server, visited, authoritative, resolved, certificate, since, why)


def reason(
    deployment: Deployment, snapshot: Snapshot, checks: list[Joined], *, server: Server, host: Host, probe: HttpsProbe
) -> tuple[datetime | None, str]:
    if probe.served_by is ServedBy.SERVER:
        return None, ""
    for name in deployment.settings.switches_of(server):
        whose = "the switch of all servers" if name == FOR_ALL else f"the switch of {name}"
        position = (snapshot.positions or {}).get(name)
        if position:
            return position.since, f"{whose} is on"
    own = next((check for check in checks if host in check.hosts), None)
    since, why = _reason_of_health(deployment, snapshot, own) if own else (None, "")
    page, _ = (snapshot.health or {}).get(page_health.subject(deployment, host.certificate), (None, ""))
    if why and page is False and probe.served_by is ServedBy.NOBODY:
        why += "; the maintenance page cannot be reached either, so DNS answers the server"
    return since, why or ("" if probe.served_by is ServedBy.NOBODY else "why cannot be seen")


def _reason_of_health(deployment: Deployment, snapshot: Snapshot, own: Joined) -> tuple[datetime | None, str]:
    """Return the reason by the health checks; nothing where it is unknown."""
    results = {part: (snapshot.health or {}).get(own.named(part), (None, "")) for part in own.endpoints}
    for part, (healthy, text) in results.items():
        if healthy is False:
            address = f" at {part.removeprefix(ENDPOINT)}" if len(results) > 1 else ""
            return unhealthy_part_since(deployment, own, part, snapshot.at), f"the server is down{address}: {text}"
    if any(healthy is None for healthy, _ in results.values()):
        return None, ""
    for part in own.holds:
        if since := unhealthy_part_since(deployment, own, part, snapshot.at):
            minutes = deployment.settings.timing.failback_hold_minutes
            return (
                since,
                f"its server is healthy again; the fail-back hold lasts until it has been healthy for {minutes} min",
            )
    return None, "its server is healthy and no switch is on: the fail-back goes on, or a record set is wrong"
