"""A failover drill: steady state → outage → steady maintenance page → rollback → steady state again.

What causes the outage and where clients stand is handed in, so that the same drill runs against the embedded
AWS and against a deployment.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from operations.bounds import ALIAS_TTL_SECONDS, Bound, failback_bound, failover_bound
from operations.https_client import HttpsClient
from operations.journal import Journal, Kind
from operations.maintenance_response import REQUESTS, Asked, ask
from operations.name_server import NameServer
from operations.sight import OnStage, Sight, client_name, look
from operations.watch import Watch
from settings import Host, Server, Settings

STEP_SECONDS = 1.0
"""Between two looks at all host names."""
WORKERS = 4
"""Requests at once; the embedded AWS starts a process of Node for each that it has no idle one for."""
SHOWN_COMPLAINTS = 5

Sights = Mapping[str, Sight]
"""By host name."""


class Outage(Protocol):
    """Takes a server away, and gives it back."""

    def begin(self, server: Server) -> str:
        """From now on the server's clients are to fail over; answers what was done, for the journal."""

    def end(self, server: Server) -> str:
        """Undoes `begin`; likewise."""


class Drill:
    """Plays an outage of each of `servers` in turn; every finding goes into `journal`."""

    def __init__(
        self,
        settings: Settings,
        servers: Sequence[Server],
        *,
        outage: Outage,
        name_server: NameServer,
        client: HttpsClient,
        journal: Journal,
        audience: Callable[[Sights], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._servers = servers
        self._outage = outage
        self._name_server = name_server
        self._client = client
        self._journal = journal
        self._audience = audience
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="drill")

    def run(self) -> None:
        """Plays every outage, as long as the steady state before it holds."""
        with self._workers:
            for server in self._servers:
                if not self._all_answer_from_their_servers():
                    self._journal.write(Kind.DEVIATED, "the drill goes no further: the state before it is not steady")
                    return
                self._play(server)

    def _play(self, server: Server) -> None:
        timing, check = self._settings.timing, server.health_check
        began_at = self._journal.clock.now()
        self._journal.write(Kind.METHOD, self._outage.begin(server))
        try:
            moved = self._follow(server, OnStage.PAGE, began_at, failover_bound(check, timing))
            if moved:
                self._every_answer_is_the_maintenance_page(server)
        finally:
            ended_at = self._journal.clock.now()
            self._journal.write(Kind.METHOD, self._outage.end(server))
        self._follow(server, OnStage.SERVER, ended_at, failback_bound(check, timing))

    def _all_answer_from_their_servers(self) -> bool:
        """Waits as long as answers of before may still be in caches."""
        give_up_at = self._journal.clock.now() + ALIAS_TTL_SECONDS + STEP_SECONDS
        while wrong := [
            f"{host.name}: {_described(sight)}"
            for server, host, sight in self._look_at_all()
            if not _is_on(OnStage.SERVER, server, sight)
        ]:
            if self._journal.clock.now() >= give_up_at:
                self._journal.write(Kind.DEVIATED, f"not every host answers from its server: {'; '.join(wrong)}")
                return False
            self._journal.clock.sleep(STEP_SECONDS)
        self._journal.write(Kind.HELD, "every host answers from its server, with a certificate that clients trust")
        return True

    def _follow(self, server: Server, wanted: OnStage, since: float, bound: Bound) -> bool:
        """Looks until every client of `server` has changed over; other servers' hosts must not.

        Gives up when the bound has passed. Answers whether all changed over.
        """
        clock = self._journal.clock
        names = [host.name for host in server.hosts]
        resolved, served = Watch(names, since), Watch(names, since)
        disturbed: dict[str, str] = {}
        while True:
            began_at = clock.now()
            sights = self._look_at_all()
            ended_at = clock.now()
            for owner, host, sight in sights:
                if owner.name != server.name:
                    if not _is_on(OnStage.SERVER, owner, sight):
                        disturbed.setdefault(host.name, _described(sight))
                    continue
                resolves = _resolves_to(wanted, owner, sight)
                resolved.note(host.name, reached=resolves, began_at=began_at, ended_at=ended_at)
                reached = _is_on(wanted, owner, sight)
                served.note(host.name, reached=reached, began_at=began_at, ended_at=ended_at)
            if not served.missing or began_at - since > bound.total_seconds:
                break
            clock.sleep(STEP_SECONDS)
        self._report(server, wanted, bound, resolved, served)
        self._report_others(server, disturbed)
        return not served.missing

    def _report(self, server: Server, wanted: OnStage, bound: Bound, resolved: Watch, served: Watch) -> None:
        where = "the maintenance page" if wanted is OnStage.PAGE else "the server"
        if served.missing:
            text = f"{server.name}: not on {where} within {bound.total_seconds} s: {', '.join(served.missing)}"
            self._journal.write(Kind.DEVIATED, text)
            return
        self._journal.measure(resolved.measurement(f"{server.name}: DNS moves to {where}", bound.detection_seconds))
        self._journal.measure(served.measurement(f"{server.name}: last client on {where}", bound.total_seconds))

    def _report_others(self, server: Server, disturbed: Mapping[str, str]) -> None:
        if disturbed:
            listed = "; ".join(f"{name}: {what}" for name, what in disturbed.items())
            self._journal.write(Kind.DEVIATED, f"hosts of other servers were disturbed: {listed}")
        elif len(self._settings.servers) > 1:
            self._journal.write(Kind.HELD, f"{server.name}: hosts of other servers answered from them all the while")

    def _every_answer_is_the_maintenance_page(self, server: Server) -> None:
        """Every kind of request to every host, and every address that DNS answers for it."""
        questions: dict[str, tuple[Asked, ...]] = {}
        for host in server.hosts:
            sight = look(host, self._name_server, self._client)
            addresses = (*sight.ipv4, *sight.ipv6)
            by_address = (Asked("GET", "/", address=address) for address in addresses)
            questions[client_name(host)] = (*REQUESTS, *by_address)
        found = ask(questions, self._client, self._settings, self._workers)
        for text in found[:SHOWN_COMPLAINTS]:
            self._journal.write(Kind.DEVIATED, text)
        if len(found) > SHOWN_COMPLAINTS:
            self._journal.write(Kind.DEVIATED, f"and {len(found) - SHOWN_COMPLAINTS} more of that kind")
        if not found:
            count = sum(map(len, questions.values()))
            text = f"{server.name}: {count} requests to {len(questions)} hosts got 503, the page and your certificate"
            self._journal.write(Kind.HELD, text)

    def _look_at_all(self) -> list[tuple[Server, Host, Sight]]:
        pairs = [(server, host) for server in self._settings.servers for host in server.hosts]
        sights = list(self._workers.map(lambda pair: look(pair[1], self._name_server, self._client), pairs))
        self._audience({host.name: sight for (_, host), sight in zip(pairs, sights, strict=True)})
        return [(server, host, sight) for (server, host), sight in zip(pairs, sights, strict=True)]


def _resolves_to(wanted: OnStage, server: Server, sight: Sight) -> bool:
    return sight.dns_is_on_page(server) if wanted is OnStage.PAGE else sight.dns_is_on_server(server)


def _is_on(wanted: OnStage, server: Server, sight: Sight) -> bool:
    return sight.on_stage is wanted and _resolves_to(wanted, server, sight)


def _described(sight: Sight) -> str:
    addresses = ", ".join((*sight.ipv4, *sight.ipv6)) or "no address"
    return f"{sight.on_stage} ({sight.detail}) at {addresses}"
