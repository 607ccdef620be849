"""Route 53's health checkers: in each region one, that probes at its own time and keeps its own verdict."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.health_metrics import Reading, readings
from understudy_failover.emulator.health_rules import (
    Verdict,
    calculated_status,
    effective_status,
    endpoint_status,
)
from understudy_failover.emulator.model import HealthCheck
from understudy_failover.emulator.network import Network
from understudy_failover.emulator.probe import Result, probe

LOOK_REAL_SECONDS = 0.05
"""How often changed health checks are looked for."""
WITHOUT_CHECKERS = ("CALCULATED", "CLOUDWATCH_METRIC")
NOWHERE = Network()
"""What a region that is cut off reaches."""

Probe = Callable[[HealthCheck, Network, Clock], Awaitable[Result]]


@dataclass(frozen=True)
class Observation:
    """What one checker last saw."""

    region: str
    checker: str
    """Its address, of a documentation range."""
    healthy: bool
    """The result of this probe; the checker's verdict needs several in a row."""
    reason: str
    checked_at: float
    """Emulated Unix seconds."""
    latency: Mapping[str, float] = field(default_factory=dict)
    """Latency metric → milliseconds, where the check measures them."""


@dataclass
class _Checker:
    region: str
    address: str
    verdict: Verdict
    last: Observation | None = None


@dataclass
class _Watch:
    """The checkers of one configuration of a health check, and the task that they run in."""

    check: HealthCheck
    checkers: list[_Checker]
    task: asyncio.Task[None] | None = None
    last_known: bool | None = None
    """Of a CLOUDWATCH_METRIC check: what its alarm's data last said."""


class HealthCheckers:
    """`run()` watches whatever `health_checks()` answers; the other methods tell what it found.

    `addresses(name)` is what the world's DNS answers for the name of a check that has no address, and
    `metric_status(check)` what the data of a CLOUDWATCH_METRIC check's alarm say; None: insufficient. `ask` stands in
    for a probe over the network where time does not pass for the network: in benchmarks/failover.py.
    """

    def __init__(
        self,
        health_checks: Callable[[], Sequence[HealthCheck]],
        network: Network,
        clock: Clock,
        addresses: Callable[[str], Sequence[str]] = lambda _: (),
        metric_status: Callable[[HealthCheck], bool | None] = lambda _: None,
        *,
        ask: Probe | None = None,
    ) -> None:
        self._health_checks = health_checks
        self._network = network
        self._clock = clock
        self._addresses = addresses
        self._metric_status = metric_status
        self._ask = ask
        self._cut_off: set[str] = set()
        self._watches: dict[str, _Watch] = {}

    async def run(self) -> None:
        """Probes until it is cancelled; leaves no task behind."""
        try:
            while True:
                self._follow_changes()
                await asyncio.sleep(LOOK_REAL_SECONDS)
        finally:
            tasks = [watch.task for watch in self._watches.values() if watch.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def status(self, identifier: str) -> bool | None:
        """Whether the health check is healthy; None while there is not enough data, or no such check."""
        watch = self._watches.get(identifier)
        if watch is None:
            return None
        if watch.check.type == "CALCULATED":
            children = {
                one: self._watches[one].check for one in watch.check.child_health_checks if one in self._watches
            }
            statuses = {one: self.status(one) for one, child in children.items() if child.type != "CALCULATED"}
            return calculated_status(watch.check, children, statuses)
        if watch.check.type == "CLOUDWATCH_METRIC" and not watch.check.disabled:
            return self._status_of_metric(watch)
        return endpoint_status(watch.check, [checker.verdict.healthy for checker in watch.checkers])

    def healthy(self, identifier: str) -> bool:
        """What DNS goes by. A health check that no longer exists fails nothing over."""
        watch = self._watches.get(identifier)
        if watch is not None:
            return effective_status(watch.check, self.status(identifier))
        # So new that it is not watched yet, or gone.
        return all(effective_status(check, None) for check in self._health_checks() if check.id == identifier)

    def observations(self, identifier: str) -> list[Observation] | None:
        """The last probe of each checker; None for an unknown health check."""
        watch = self._watches.get(identifier)
        return [checker.last for checker in watch.checkers if checker.last] if watch else None

    def cut_region(self, region: str) -> None:
        """Lets the checkers of a region reach nobody. Raises ValueError for a region that has none."""
        if region not in CHECKER_REGIONS:
            raise ValueError(f"{region!r} has no health checkers; regions that have some: {', '.join(CHECKER_REGIONS)}")
        self._cut_off.add(region)

    def mend_regions(self) -> None:
        """Ends every `cut_region`."""
        self._cut_off.clear()

    def identifiers(self) -> list[str]:
        """Every health check that is being watched."""
        return sorted(self._watches)

    def readings(self) -> list[Reading]:
        """What CloudWatch is told of every health check at this moment."""
        return [one for watch in self._watches.values() for one in self._readings_of(watch)]

    def _readings_of(self, watch: _Watch) -> list[Reading]:
        latencies = {one.region: one.last.latency for one in watch.checkers if one.last and one.last.latency}
        return list(
            readings(
                watch.check,
                healthy=self.healthy(watch.check.id),
                verdicts=[checker.verdict.healthy for checker in watch.checkers],
                children=[self.healthy(child) for child in watch.check.child_health_checks],
                latencies=latencies,
            )
        )

    def _status_of_metric(self, watch: _Watch) -> bool | None:
        told = self._metric_status(watch.check)
        if told is not None:
            watch.last_known = told
        elif watch.check.insufficient_data_status != "LastKnownStatus":
            told = watch.check.insufficient_data_status == "Healthy"
        else:
            told = watch.last_known
        return None if told is None else told != watch.check.inverted

    def _follow_changes(self) -> None:
        checks = {check.id: check for check in self._health_checks()}
        for identifier, watch in list(self._watches.items()):
            # Another configuration begins anew: what was seen of the old one says nothing about it.
            if checks.get(identifier) != watch.check:
                if watch.task:
                    watch.task.cancel()
                del self._watches[identifier]
        for identifier, check in checks.items():
            if identifier not in self._watches:
                self._watches[identifier] = self._watch(check)

    def _watch(self, check: HealthCheck) -> _Watch:
        if check.type in WITHOUT_CHECKERS:
            return _Watch(check, [])
        regions = check.regions or CHECKER_REGIONS
        checkers = [_Checker(region, f"192.0.2.{10 + number}", Verdict()) for number, region in enumerate(regions)]
        watch = _Watch(check, checkers)
        if not check.disabled:
            watch.task = asyncio.create_task(self._probe_all(watch), name=f"health check {check.id}")
        return watch

    async def _probe_all(self, watch: _Watch) -> None:
        async with asyncio.TaskGroup() as group:
            for number, checker in enumerate(watch.checkers):
                # On AWS nobody aligns the checkers; evenly spread they are the same in every run.
                phase = watch.check.request_interval_seconds * number / len(watch.checkers)
                group.create_task(self._probe_for_ever(watch.check, checker, phase))

    async def _probe_for_ever(self, check: HealthCheck, checker: _Checker, phase_seconds: float) -> None:
        next_at = self._clock.now() + phase_seconds
        while True:
            await self._clock.async_sleep(max(0.0, next_at - self._clock.now()))
            ask = self._ask or probe
            network = NOWHERE if checker.region in self._cut_off else self._network
            self._note(check, checker, await ask(self._addressed(check), network, self._clock))
            # A probe that takes long delays its own checker alone, and never makes it catch up in a burst.
            next_at = max(next_at + check.request_interval_seconds, self._clock.now())

    def _addressed(self, check: HealthCheck) -> HealthCheck:
        """The check with the address to ask: by a name alone Route 53 checks over IPv4 alone.

        https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (FullyQualifiedDomainName)
        """
        if check.ip_address or not check.fully_qualified_domain_name:
            return check
        found = self._addresses(check.fully_qualified_domain_name)
        return replace(check, ip_address=next((one for one in found if ip_address(one).version == 4), None))

    def _note(self, check: HealthCheck, checker: _Checker, result: Result) -> None:
        checker.verdict = checker.verdict.after(success=result.healthy, failure_threshold=check.failure_threshold)
        checker.last = Observation(
            checker.region, checker.address, result.healthy, result.reason, self._clock.now(), result.latency
        )
