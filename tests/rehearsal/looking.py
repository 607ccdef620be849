"""What serves hosts: tests wait for it, or poll it continuously."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.observation import Observation, ServedBy, client_name, observe
from understudy_failover.page import Window, html, page_of
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import Server

MACHINE_IS_BUSY = 5
"""How many times as long as the bound a test waits: a bound is measured in the drill, not here."""
PAGE_CHECK_SECONDS = 3 * 30 + 10
"""Until the check of the page has noticed that a connection no longer comes about, or does again."""
SECONDS_UNTIL_PAGES_SAY_SO = 70
"""CloudFront shows what it had for up to 60; the function behind the switch takes a few."""


def server_named(bed: RehearsalBed, name: str) -> Server:
    return next(server for server in bed.settings.servers if server.name == name)


def observations(bed: RehearsalBed, server: Server) -> list[Observation]:
    """Return one observation of each of its hosts."""
    return [observe(host, bed.name_server(), bed.client()) for host in server.hosts]


def all_on(bed: RehearsalBed, server: Server, served_by: ServedBy) -> bool:
    """Return whether each of its hosts shows that."""
    return all(observation.probe.served_by is served_by for observation in observations(bed, server))


def page_says(bed: RehearsalBed, host: str, window: Window | None) -> bool:
    """Return whether the edge answers the host's page with the words and the end of `window`, whatever DNS answers."""
    answer = bed.patient_client().request(host, address=EDGE_IPV4[0], headers={"Accept": "text/html"})
    return answer.body.decode() == html(page_of(bed.settings, host), "en", window)


def wait(bed: RehearsalBed, seconds: float, reached: Callable[[], bool]) -> bool:
    """Return whether the condition was true in time: `seconds` of emulated time on an idle machine."""
    deadline = bed.aws.clock.now() + seconds * MACHINE_IS_BUSY
    while not reached():
        if bed.aws.clock.now() > deadline:
            return False
        time.sleep(0.1)
    return True


def page_check(bed: RehearsalBed) -> str:
    """Id of the health check of the only page."""
    checks = bed.aws.client("route53").list_health_checks()["HealthChecks"]
    (result,) = (
        check["Id"]
        for check in checks
        if check["HealthCheckConfig"]["Type"] == "TCP" and "IPAddress" not in check["HealthCheckConfig"]
    )
    return str(result)


def is_healthy(bed: RehearsalBed, identifier: str) -> bool:
    """Return the status of a health check."""
    (result,) = (check["healthy"] for check in bed.aws.control.health_checks() if check["id"] == identifier)
    return bool(result)


def _unhealthy(bed: RehearsalBed) -> str:
    configs = bed.aws.client("route53").list_health_checks()["HealthChecks"]
    asks = {check["Id"]: check["HealthCheckConfig"].get("ResourcePath", "calculated") for check in configs}
    return "; ".join(
        f"{asks.get(check['id'])} {check['healthy']}: {sorted({checker['reason'] for checker in check['checkers']})}"
        for check in bed.aws.control.health_checks()
        if not check["healthy"]
    )


@contextmanager
def _beside(watch: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """Let `watch` run in a thread of its own, which ends by `done`."""
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def dns_watched(bed: RehearsalBed, server: Server) -> Iterator[dict[tuple[str, ...], str]]:
    """Every answer that the name server gives for the server's first host meanwhile; empty before it has records.

    Beside each, which health checks were unhealthy when it came first, and what their checkers said.
    """
    observations: dict[tuple[str, ...], str] = {}
    stop = threading.Event()
    name_server, name = bed.name_server(), client_name(server.hosts[0])

    def watch() -> None:
        while not stop.wait(0.02):
            try:
                answer = name_server.addresses(name, "A")
            except DnsError:  # a busy machine: retry at once
                continue
            if answer not in observations:
                observations[answer] = _unhealthy(bed)

    with _beside(watch, stop):
        yield observations


@dataclass
class Observed:
    """The observations of a poller of every host."""

    probes: int = 0
    faults: list[str] = field(default_factory=list)
    """Every answer that was not the server's own."""


@contextmanager
def served_all_the_while(bed: RehearsalBed) -> Iterator[Observed]:
    """Look at every host meanwhile, through DNS and by HTTPS: only its server's answers are none to complain of."""
    observations, stop = Observed(), threading.Event()
    hosts = [(host, server) for server in bed.settings.servers for host in server.hosts]
    name_server, client = bed.name_server(), bed.patient_client()

    def watch() -> None:
        while not stop.is_set():
            for host, server in hosts:
                observation = observe(host, name_server, client)
                if observation.answers.fault:  # a busy machine: retry at once
                    continue
                observations.probes += 1
                if observation.probe.served_by is not ServedBy.SERVER or not observation.answers.are_of_server(server):
                    observations.faults.append(f"{host.name}: {observation}; unhealthy: {_unhealthy(bed)}")

    with _beside(watch, stop):
        yield observations
