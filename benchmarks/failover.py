"""How long a failover and a fail-back take, ours beside others': `python -m benchmarks.failover`.

Writes failover.svg and failover.md. Health checkers, zone and resolvers are those of the embedded AWS with an injected
clock; probes use no sockets. In virtual time hundreds of outages take seconds.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from dnslib import DNSRecord

from benchmarks.candidates import CANDIDATES, Candidate
from benchmarks.virtual_time import VirtualTime, run
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.health_checkers import HealthCheckers
from understudy_failover.emulator.model import HealthCheck, HostedZone, RecordSet
from understudy_failover.emulator.network import EDGE_IPV4, Network
from understudy_failover.emulator.probe import TIMED_OUT, Result
from understudy_failover.emulator.resolver import Resolver
from understudy_failover.emulator.zone_answers import ZoneAnswers

HERE = Path(__file__).parent
OUTAGES = 200
RESOLVERS = 10
"""Each with a client that sends queries all the time; their answers expire at different times."""
STEP_SECONDS = 0.5
"""Between two polls; a measured time is at most twice that too long."""
RATE = 1_000
"""Emulated seconds per second of the loop. Only polls in real time become rarer by it."""
SERVER = "203.0.113.10"
HOST = "www.example.com"


@dataclass
class Times:
    """Seconds after the failure of the server, or after its return."""

    detected: list[float] = field(default_factory=list)
    """Until the health check's status changed, by outage."""
    switched: list[float] = field(default_factory=list)
    """Until the zone's name server answered otherwise, by outage."""
    followed: list[float] = field(default_factory=list)
    """Until a client used the new answer, by outage and client."""


class World:
    """A server that fails and returns, Route 53, and clients; `up` is the state of the server."""

    def __init__(self, candidate: Candidate, threshold: int) -> None:
        self.clock = Clock(RATE, (0.0, 0.0), source=VirtualTime())
        self.up = True
        self._limit_seconds = candidate.limit_seconds
        self._longest_seconds = max(candidate.ttl_seconds, candidate.back_ttl_seconds)
        self._check = HealthCheck(
            "server",
            "HTTPS",
            ip_address=SERVER,
            port=443,
            request_interval_seconds=candidate.interval_seconds,
            failure_threshold=threshold,
            regions=candidate.regions,
        )
        self._checkers = HealthCheckers(lambda: [self._check], Network(), self.clock, ask=self._ask)
        name = f"{HOST}."
        zone = HostedZone(
            "Z1",
            "example.com.",
            (
                RecordSet("example.com.", "SOA", ("ns.example.net. host.example.net. 1 7200 900 1209600 900",), 900),
                RecordSet(name, "A", (SERVER,), candidate.ttl_seconds, "server", "PRIMARY", "server"),
                RecordSet(name, "A", EDGE_IPV4, candidate.back_ttl_seconds, "page", "SECONDARY"),
            ),
        )
        self._zone = ZoneAnswers(lambda: [zone], self._checkers.healthy, lambda: [])
        self.resolvers = [Resolver(self._zone.answer, self.clock) for _ in range(RESOLVERS)]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run with a verdict about the server, and answers of different ages in the resolvers."""
        task = asyncio.create_task(self._checkers.run())
        try:
            while self._checkers.status("server") is None:
                await self.clock.async_sleep(1)
            for resolver in self.resolvers:
                resolver.addresses(HOST)
                await self.clock.async_sleep(self._longest_seconds / RESOLVERS)
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def detected(self) -> bool:
        """Return whether the health check agrees with the server."""
        return self._checkers.status("server") is self.up

    def switched(self) -> bool:
        """Return whether the zone's name server answers with the expected target."""
        reply = self._zone.answer(DNSRecord.question(HOST, "A"))
        return ({str(record.rdata) for record in reply.rr} == {SERVER}) is self.up

    def followed(self) -> list[bool]:
        """Return for each resolver whether its clients use the expected target."""
        return [(resolver.addresses(HOST) == (SERVER,)) is self.up for resolver in self.resolvers]

    async def _ask(self, _check: HealthCheck, _network: Network, clock: Clock) -> Result:
        if self.up:
            return Result(healthy=True, reason="Success")
        await clock.async_sleep(self._limit_seconds)
        return Result(healthy=False, reason=TIMED_OUT)


async def _play(candidate: Candidate, threshold: int, outages: int, chance: random.Random) -> tuple[Times, Times]:
    world = World(candidate, threshold)
    away, back = Times(), Times()
    async with world.running():
        for _ in range(outages):
            for up, times in ((False, away), (True, back)):
                # The state before is over; all clients continue, so that the ages of answers are mixed.
                longest = max(candidate.interval_seconds, candidate.ttl_seconds, candidate.back_ttl_seconds)
                await _continue(world, longest * chance.uniform(1, 2))
                world.up = up
                await _follow(world, times)
    return away, back


async def _continue(world: World, seconds: float) -> None:
    until = world.clock.now() + seconds
    while world.clock.now() + 1 < until:
        world.followed()
        await world.clock.async_sleep(1)
    await world.clock.async_sleep(until - world.clock.now())


async def _follow(world: World, times: Times) -> None:
    """Poll until the last client has followed."""
    began_at = world.clock.now()
    detected: float | None = None
    switched: float | None = None
    arrived: dict[int, float] = {}
    while len(arrived) < RESOLVERS:
        elapsed = world.clock.now() - began_at
        if detected is None and world.detected():
            detected = elapsed
        if switched is None and world.switched():
            switched = elapsed
        for number, there in enumerate(world.followed()):
            if there:
                arrived.setdefault(number, elapsed)
        await world.clock.async_sleep(STEP_SECONDS)
    assert detected is not None
    assert switched is not None
    times.detected.append(detected)
    times.switched.append(switched)
    times.followed += arrived.values()


def measure(candidate: Candidate, outages: int = OUTAGES, seed: int = 53) -> tuple[Times, Times]:
    """Return the times of failover and fail-back, of as many outages at random moments."""

    def played(threshold: int) -> tuple[Times, Times]:
        # A simulation that gives the same figures every time.
        return run(_play(candidate, threshold, outages, random.Random(seed)))  # noqa: S311

    away, back = played(candidate.failures)
    if candidate.successes != candidate.failures:
        # The checkers, like Route 53, have one threshold for both directions: the fail-back is played with its own.
        back = played(candidate.successes)[1]
    return away, back


Measured = list[tuple[Candidate, Times, Times]]


def main() -> None:
    measured: Measured = [(candidate, *measure(candidate)) for candidate in CANDIDATES]
    (HERE / "failover.md").write_text(page(measured), encoding="utf-8")
    plot(measured, HERE / "failover.svg")


def page(measured: Measured) -> str:
    return f"""\
# How long a failover takes

<!-- Written by `python -m benchmarks.failover`. -->

{OUTAGES} outages of each, at random moments, each watched by {RESOLVERS} clients behind resolvers that keep answers for
exactly their TTL. The server hangs as long as a probe may wait: the worst kind of outage. Health checkers, DNS and
resolvers are the embedded AWS's own, in virtual time, looked at every {STEP_SECONDS} s. Seconds, mean / worst.

## To the maintenance page

| | checks, TTL | detected | DNS switched | client on the page | bound | worst of bound |
|---|---|---|---|---|---|---|
{_rows(measured, _failover_row)}
## Back to the server

| | checks, TTL | detected | DNS switched | client on the server | bound | worst of bound |
|---|---|---|---|---|---|---|
{_rows(measured, _fail_back_row)}
![Means and worsts beside the bounds](failover.svg)

**What the figures say.** The bound is `interval × failures + time-out of a probe + TTL`; no client came later. On the
way there it is nearly reached: seven of Route 53's eight regions (each one checker here) have to agree, so nearly the
last one decides. On the way back two of eight suffice (more than 18 %), and a working server answers at once, so the
bound is never reached: it holds for checkers that all ask in the same moment, which AWS does not rule out.

**What they leave out.** How long Route 53 takes to send a new status to its own name servers: seconds, published
nowhere; here DNS switches the moment the check does. Clients that keep answers beyond their TTL; `understudy
estimate` has those. The stock resolvers of Debian 12 and 13 kept to the TTL in 12 real changes each way (2026-11-29),
unbound 1.17 with a second more.

{_remarks()}"""


def _failover_row(candidate: Candidate, away: Times, _: Times) -> tuple[Times, int, int, float]:
    return away, candidate.failures, candidate.ttl_seconds, candidate.bound_seconds


def _fail_back_row(candidate: Candidate, _: Times, back: Times) -> tuple[Times, int, int, float]:
    return back, candidate.successes, candidate.back_ttl_seconds, candidate.back_bound_seconds


def _rows(measured: Measured, pick: Callable[[Candidate, Times, Times], tuple[Times, int, int, float]]) -> str:
    lines = []
    for candidate, there, back in measured:
        times, threshold, ttl, bound = pick(candidate, there, back)
        cells = (
            candidate.name,
            f"{candidate.interval_seconds} s × {threshold}, {ttl} s",
            *(
                f"{fmean(values):.0f} / {max(values):.0f}"
                for values in (times.detected, times.switched, times.followed)
            ),
            f"{bound:.0f}",
            f"{max(times.followed) / bound:.0%}",
        )
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


def _remarks() -> str:
    candidates = [candidate for candidate in CANDIDATES if candidate.remark]
    return "The others, by the same code:\n\n" + "".join(
        f"- **{candidate.name}**: {candidate.remark}\n" for candidate in candidates
    )


def plot(measured: Measured, file: Path) -> None:
    """Plot bars to the mean, lines to the worst, marks at the bound; for failover and fail-back."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 (slow to import, and not needed by tests)

    plt.switch_backend("svg")
    plt.rcParams["svg.hashsalt"] = "understudy"  # the same bytes every time
    figure, sides = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
    for axes, title, column in ((sides[0], "to the maintenance page", 1), (sides[1], "back to the server", 2)):
        for row, line in enumerate(measured):
            candidate, times = line[0], line[column]
            assert isinstance(times, Times)
            mean, worst = fmean(times.followed), max(times.followed)
            bound = candidate.bound_seconds if column == 1 else candidate.back_bound_seconds
            color = "#b45309" if row < 3 else "#64748b"
            axes.barh(row, mean, height=0.55, color=color)
            axes.plot([mean, worst], [row, row], color=color, linewidth=2)
            axes.plot([bound, bound], [row - 0.35, row + 0.35], color="#111827", linewidth=1.5)
        axes.set_title(f"seconds {title}")
        axes.set_yticks(range(len(measured)), [line[0].name for line in measured])
        axes.set_xlim(left=0)
    sides[0].invert_yaxis()
    figure.text(0.5, 0.01, "bar: mean; line: worst of 200 outages; mark: bound", ha="center", fontsize=9)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
