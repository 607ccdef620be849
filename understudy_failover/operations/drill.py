"""A failover drill: steady state → outage → maintenance page → rollback → steady state again.

What makes the clients change over (an outage, the maintenance switch) and where they stand is handed in, so that
the same drill runs against the embedded AWS and against a deployment.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from understudy_failover.operations.bounds import (
    ALIAS_TTL_SECONDS,
    Bound,
    failback_bound,
    failover_bound,
    switch_off_bound,
    switch_on_bound,
)
from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER
from understudy_failover.operations.convergence import Convergence
from understudy_failover.operations.https_client import HttpsClient
from understudy_failover.operations.journal import Journal, Kind
from understudy_failover.operations.maintenance_response import REQUESTS, PageRequest, ask
from understudy_failover.operations.name_server import AddressSource
from understudy_failover.operations.observation import (
    Answers,
    HttpsProbe,
    Observation,
    ServedBy,
    client_name,
    probe_https,
    resolve,
)
from understudy_failover.operations.poller import Poller
from understudy_failover.operations.pooled_client import MARK, WHO_NOTICES, PooledClient
from understudy_failover.settings import Host, Server, Settings, Timing

STEP_SECONDS = 1.0
"""Between two probes of all host names."""
WORKERS = 4
"""Requests at once; the embedded AWS starts a process of Node for each that it has no idle one for."""
SHOWN_COMPLAINTS = 5
KEPT_SECONDS = 10.0
"""How long a client that keeps its connection is watched when all others are back."""

PLACES = {ServedBy.PAGE: "the maintenance page", ServedBy.SERVER: "the server"}
Observations = Mapping[str, Observation]
"""By host name."""


@dataclass(frozen=True)
class Cause:
    """What makes clients change over: how the journal says it, and how long it may take there and back."""

    words: str
    """Behind the server's name."""
    there: Callable[[Server, Timing], Bound]
    back: Callable[[Server, Timing], Bound]
    server_goes_on: bool = False
    """Whether the server itself works all the while."""

    def hypotheses(self, server: Server, wanted: ServedBy, timing: Timing) -> tuple[tuple[str, int], tuple[str, int]]:
        """Return the journal's words for what DNS and what clients do, each with its bound in seconds."""
        bound = (self.there if wanted is ServedBy.PAGE else self.back)(server, timing)
        whose = f"{server.name}{self.words}"
        return (
            (f"{whose}: DNS moves to {PLACES[wanted]}", bound.detection_seconds),
            (f"{whose}: clients see {PLACES[wanted]}", bound.total_seconds),
        )


OUTAGE = Cause(
    "",
    lambda server, timing: failover_bound(server.health_check, timing),
    lambda server, timing: failback_bound(server.health_check, timing, cname=bool(server.cname)),
)
SWITCH = Cause(
    " by its switch",
    lambda _, timing: switch_on_bound(timing),
    lambda server, timing: switch_off_bound(timing, cname=bool(server.cname)),
    server_goes_on=True,
)


class Outage(Protocol):
    """Takes a server out of service, and puts it back."""

    def begin(self, server: Server) -> str: ...

    def end(self, server: Server) -> str: ...


class Drill:
    """Plays an outage of each of `servers` in turn, of the kind that `cause` names; findings go into `journal`.

    `client` checks who serves and soon gives up on a server that hangs; `patient_client` examines answers
    whose speed is not the question. With `ipv6` False no IPv6 address is connected to.
    """

    def __init__(
        self,
        settings: Settings,
        servers: Sequence[Server],
        *,
        outage: Outage,
        name_server: AddressSource,
        client: HttpsClient,
        patient_client: HttpsClient,
        journal: Journal,
        cause: Cause = OUTAGE,
        client_behavior: Callable[[Observations], None] = lambda _: None,
        ipv6: bool = True,
    ) -> None:
        self._settings = settings
        self._servers = servers
        self._outage = outage
        self._name_server = name_server
        self._client = client
        self._patient_client = patient_client
        self._journal = journal
        self._cause = cause
        self._client_behavior = client_behavior
        self._ipv6 = ipv6
        self._owners = {host: server for server in settings.servers for host in server.hosts}
        self._is_complete = True
        self._probes: dict[Host, HttpsProbe] = {}
        """The last probe of each host."""
        self._kept: Poller | None = None
        """Of the client that keeps its connection, from when it has met the page until it was reported."""
        self._kept_probe = HttpsProbe(ServedBy.NOBODY, "")
        # Names are resolved beside probes that hang, so that those do not delay the measurement.
        self._workers = ThreadPoolExecutor(WORKERS + len(self._owners) + 1, thread_name_prefix="drill")

    def run(self) -> bool:
        """Play every outage, as long as the steady state before it holds.

        Return False where a resolver of this machine failed, so that not every client could be watched.
        """
        with self._workers:
            for server in self._servers:
                if not self._all_answer_from_their_servers():
                    kind = Kind.DEVIATED if self._is_complete else Kind.INCONCLUSIVE
                    self._journal.write(kind, "drill aborted: the deployment is not in a steady state")
                    break
                self._play(server)
        return self._is_complete

    def _play(self, server: Server) -> None:
        timing = self._settings.timing
        began_at = self._journal.clock.now()
        self._journal.write(Kind.METHOD, self._outage.begin(server))
        with closing(PooledClient(server.hosts[0], self._patient_client)) as pooled:
            try:
                moved = self._follow(server, ServedBy.PAGE, began_at, self._cause.there(server, timing))
                if moved:
                    self._every_answer_is_the_maintenance_page(server)
                    if self._cause.server_goes_on:
                        self._the_server_answers_at_its_own_addresses(server)
                    self._keep_connection(pooled)
            finally:
                ended_at = self._journal.clock.now()
                self._journal.write(Kind.METHOD, self._outage.end(server))
            back = self._follow(server, ServedBy.SERVER, ended_at, self._cause.back(server, timing))
            if back and self._kept:
                self._report_kept(server, pooled, ended_at)
            self._kept = None

    def _keep_connection(self, pooled: PooledClient) -> None:
        """From now on every observation includes the probe of `pooled`, if it gets the page."""
        self._kept_probe = pooled.probe_https()
        if self._kept_probe.served_by is ServedBy.PAGE:
            self._kept = Poller([pooled.host], lambda _: pooled.probe_https(), self._journal.clock.now, self._workers)

    def _report_kept(self, server: Server, pooled: PooledClient, since: float) -> None:
        """Probe for a while, and note what the client that keeps its connection sees: no hypothesis is about it."""
        clock = self._journal.clock
        give_up_at = clock.now() + KEPT_SECONDS
        while self._kept_probe.served_by is ServedBy.PAGE and clock.now() < give_up_at:
            clock.sleep(STEP_SECONDS)
            self._show(self._resolve_all())
        client = f"{server.name}: after {clock.now() - since:.0f} s a client that keeps its connection"
        if self._kept_probe.served_by is ServedBy.PAGE:
            observed = f"still sees the maintenance page, as long as it asks often: {WHO_NOTICES}"
        else:
            observed = f"sees {self._kept_probe}, by connection {pooled.connections}"
        self._journal.write(Kind.NOTE, f"{client} to {pooled.host.name} {observed}")

    def _all_answer_from_their_servers(self) -> bool:
        """Waits as long as answers of before may still be in caches."""
        give_up_at = self._journal.clock.now() + ALIAS_TTL_SECONDS + STEP_SECONDS
        while wrong := {
            host: observation
            for server, host, observation in self._probe_all()
            if observation.probe.served_by is not ServedBy.SERVER or not observation.answers.are_of_server(server)
        }:
            if self._journal.clock.now() >= give_up_at:
                if not self._blame_resolver("not every host was asked", wrong):
                    listed = "; ".join(f"{host.name}: {observation}" for host, observation in wrong.items())
                    self._journal.write(Kind.DEVIATED, f"not every host answers from its server: {listed}")
                return False
            self._journal.clock.sleep(STEP_SECONDS)
        self._journal.write(Kind.CONFIRMED, "every host answers from its server, with a certificate that clients trust")
        return True

    def _follow(self, server: Server, wanted: ServedBy, since: float, bound: Bound) -> bool:
        """Looks until every client of `server` has changed over; other servers' hosts must not.

        Gives up when somebody is certainly late. Answers whether all changed over.
        """
        clock = self._journal.clock
        names = [host.name for host in server.hosts]
        resolved, served = Convergence(names, since), Convergence(names, since)
        disturbed: dict[str, str] = {}
        poller = Poller(self._owners, lambda host: probe_https(host, self._client), clock.now, self._workers)
        while True:
            began_at = clock.now()
            answers = self._resolve_all()
            ended_at = clock.now()
            for host, host_answers in answers.items():
                if self._owners[host].name == server.name:
                    reached = (
                        host_answers.are_of_page(server)
                        if wanted is ServedBy.PAGE
                        else host_answers.are_of_server(server)
                    )
                    resolved.note(host.name, reached=reached, began_at=began_at, ended_at=ended_at)
                elif not host_answers.are_of_server(self._owners[host]):
                    disturbed.setdefault(host.name, str(host_answers))
            for timed in poller.ended():
                self._probes[timed.host] = timed.probe
                if self._owners[timed.host].name == server.name:
                    reached = timed.probe.served_by is wanted
                    served.note(timed.host.name, reached=reached, began_at=timed.began_at, ended_at=timed.ended_at)
                elif timed.probe.served_by is not ServedBy.SERVER and not timed.probe.unresolved_by:
                    disturbed.setdefault(timed.host.name, str(timed.probe))
            self._show(answers)
            if not (resolved.missing or served.missing):
                break
            if resolved.is_late(bound.total_seconds) or served.is_late(bound.total_seconds):
                break
            clock.sleep(STEP_SECONDS)
        self._report(server, wanted, bound, resolved, served, answers=answers)
        self._report_others(server, disturbed)
        return not served.missing

    def _blame_resolver(self, what: str, observations: Mapping[Host, Observation]) -> bool:
        """Whether nothing but a resolver is at fault for what `sights` show, which is then in the journal."""
        faults = dict.fromkeys(observation.cached_failure for observation in observations.values())
        if not faults or "" in faults:
            return False
        names = ", ".join(host.name for host in observations)
        self._journal.write(Kind.INCONCLUSIVE, f"{what}: {names}: {'; '.join(faults)}; {ANOTHER_RESOLVER}")
        self._is_complete = False
        return True

    def _report(
        self,
        server: Server,
        wanted: ServedBy,
        bound: Bound,
        resolved: Convergence,
        served: Convergence,
        *,
        answers: Mapping[Host, Answers],
    ) -> None:
        missing = [host for host in server.hosts if host.name in {*resolved.missing, *served.missing}]
        if missing:
            late = f"{server.name}{self._cause.words}: not on {PLACES[wanted]} within {bound.total_seconds} s"
            observations = {host: Observation(answers[host], self._probes[host]) for host in missing}
            if resolved.missing or not self._blame_resolver(late, observations):
                self._journal.write(Kind.DEVIATED, f"{late}: {', '.join(host.name for host in missing)}")
            return
        hypotheses = self._cause.hypotheses(server, wanted, self._settings.timing)
        for convergence, hypothesis in zip((resolved, served), hypotheses, strict=True):
            self._journal.measure(convergence.measurement(*hypothesis))

    def _report_others(self, server: Server, disturbed: Mapping[str, str]) -> None:
        if disturbed:
            listed = "; ".join(f"{name}: {what}" for name, what in disturbed.items())
            self._journal.write(Kind.DEVIATED, f"hosts of other servers were disturbed: {listed}")
        elif len(self._settings.servers) > 1:
            self._journal.write(
                Kind.CONFIRMED, f"{server.name}: hosts of other servers answered from them all the while"
            )

    def _every_answer_is_the_maintenance_page(self, server: Server) -> None:
        """Every kind of request to every host, and every address that DNS answers for it."""
        questions: dict[str, tuple[PageRequest, ...]] = {}
        for host in server.hosts:
            answers = resolve(host, self._name_server)
            addresses = (*answers.ipv4, *(answers.ipv6 if self._ipv6 else ()))
            by_address = (PageRequest("GET", "/", address=address) for address in addresses)
            questions[client_name(host)] = (*REQUESTS, *by_address)
        complaints = ask(questions, self._patient_client, self._settings, self._workers)
        for text in complaints[:SHOWN_COMPLAINTS]:
            self._journal.write(Kind.DEVIATED, text)
        if len(complaints) > SHOWN_COMPLAINTS:
            self._journal.write(Kind.DEVIATED, f"and {len(complaints) - SHOWN_COMPLAINTS} more of that kind")
        if not complaints:
            count = sum(map(len, questions.values()))
            text = f"{server.name}: {count} requests to {len(questions)} hosts got 503, the page and your certificate"
            self._journal.write(Kind.CONFIRMED, text)

    def _the_server_answers_at_its_own_addresses(self, server: Server) -> None:
        """Past DNS: whoever works on it sees it at work."""
        addresses = [str(address) for address in (server.ipv4, server.ipv6 if self._ipv6 else None) if address]
        asked = [(host, address) for host in server.hosts for address in addresses]
        probes = self._workers.map(lambda target: probe_https(target[0], self._patient_client, target[1]), asked)
        wrong = [
            f"{host.name} at {address}: {probe}"
            for (host, address), probe in zip(asked, probes, strict=True)
            if probe.served_by is not ServedBy.SERVER
        ]
        if wrong:
            self._journal.write(Kind.DEVIATED, f"{server.name}: not the server at its own address: {'; '.join(wrong)}")
        else:
            self._journal.write(
                Kind.CONFIRMED, f"{server.name}: meanwhile the server answers at {' and '.join(addresses)}"
            )

    def _probe_all(self) -> list[tuple[Server, Host, Observation]]:
        answers = self._resolve_all()
        probes = self._workers.map(lambda host: probe_https(host, self._client), self._owners)
        self._probes = dict(zip(self._owners, probes, strict=True))
        self._show(answers)
        return [(owner, host, Observation(answers[host], self._probes[host])) for host, owner in self._owners.items()]

    def _resolve_all(self) -> dict[Host, Answers]:
        answers = self._workers.map(lambda host: resolve(host, self._name_server), self._owners)
        return dict(zip(self._owners, answers, strict=True))

    def _show(self, answers: Mapping[Host, Answers]) -> None:
        observations = {host.name: Observation(answers[host], self._probes[host]) for host in self._owners}
        if self._kept:
            for timed in self._kept.ended():
                self._kept_probe = timed.probe
            host = self._kept.hosts[0]
            observations[f"{host.name}{MARK}"] = Observation(answers[host], self._kept_probe)
        self._client_behavior(observations)
