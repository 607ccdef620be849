"""Route 53's health checkers: one in each region, with its own schedule and its own verdict."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from ipaddress import ip_address
from typing import Any

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

POLL_REAL_SECONDS = 0.05
"""Between two polls for changed health checks."""
WITHOUT_CHECKERS = ("CALCULATED", "CLOUDWATCH_METRIC")
NOWHERE = Network()
"""The network of a region that is cut off."""

Probe = Callable[[HealthCheck, Network, Clock], Awaitable[Result]]


@dataclass(frozen=True)
class Observation:
    """The last probe of a checker."""

    region: str
    checker: str
    """Its address, in a documentation range."""
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
class _State:
    """The checkers of one configuration of a health check, and the task that they run in."""

    check: HealthCheck
    checkers: list[_Checker]
    task: asyncio.Task[None] | None = None
    last_known: bool | None = None
    """The last status of a CLOUDWATCH_METRIC check with sufficient data."""


class HealthCheckers:
    """`run()` probes for the checks that `health_checks()` returns; the other methods return the results.

    `addresses(name)` returns what public DNS answers for the name of a check that has no address, and
    `metric_status(check)` the status by the alarm's data of a CLOUDWATCH_METRIC check; None: insufficient data. `ask`
    replaces the probe over the network in benchmarks/failover.py, whose time is virtual.
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
        self._states: dict[str, _State] = {}

    async def run(self) -> None:
        """Probe until it is cancelled; leave no task behind."""
        try:
            while True:
                self._follow_changes()
                await asyncio.sleep(POLL_REAL_SECONDS)
        finally:
            tasks = [state.task for state in self._states.values() if state.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def status(self, identifier: str) -> bool | None:
        """Return whether a health check is healthy; None without enough data, or if it does not exist."""
        state = self._states.get(identifier)
        if state is None:
            return None
        if state.check.type == "CALCULATED":
            children = {
                child: self._states[child].check for child in state.check.child_health_checks if child in self._states
            }
            statuses = {name: self.status(name) for name, child in children.items() if child.type != "CALCULATED"}
            return calculated_status(state.check, children, statuses)
        if state.check.type == "CLOUDWATCH_METRIC" and not state.check.disabled:
            return self._status_of_metric(state)
        return endpoint_status(state.check, [checker.verdict.healthy for checker in state.checkers])

    def healthy(self, identifier: str) -> bool:
        """Return the status that DNS uses. A health check that no longer exists counts as healthy."""
        state = self._states.get(identifier)
        if state is not None:
            return effective_status(state.check, self.status(identifier))
        # It is too new to have a state, or does not exist.
        return all(effective_status(check, None) for check in self._health_checks() if check.id == identifier)

    def observations(self, identifier: str) -> list[Observation] | None:
        """Return the last probe of each checker; None for an unknown health check."""
        state = self._states.get(identifier)
        return [checker.last for checker in state.checkers if checker.last] if state else None

    def cut_region(self, region: str) -> None:
        """Disconnect the checkers of a region. Raise ValueError: the region has no checkers."""
        if region not in CHECKER_REGIONS:
            raise ValueError(f"{region!r} has no health checkers; regions that have some: {', '.join(CHECKER_REGIONS)}")
        self._cut_off.add(region)

    def restore_regions(self) -> None:
        self._cut_off.clear()

    def describe(self) -> list[dict[str, Any]]:
        """Return id, status and last probes of every health check."""
        return [
            {
                "id": identifier,
                "healthy": self.status(identifier),
                "checkers": [asdict(probe) for probe in self.observations(identifier) or []],
            }
            for identifier in sorted(self._states)
        ]

    def readings(self) -> list[Reading]:
        """Return the values of every health check's metrics."""
        return [reading for state in self._states.values() for reading in self._readings_of(state)]

    def _readings_of(self, state: _State) -> list[Reading]:
        latencies = {
            checker.region: checker.last.latency for checker in state.checkers if checker.last and checker.last.latency
        }
        return list(
            readings(
                state.check,
                healthy=self.healthy(state.check.id),
                verdicts=[checker.verdict.healthy for checker in state.checkers],
                children=[self.healthy(child) for child in state.check.child_health_checks],
                latencies=latencies,
            )
        )

    def _status_of_metric(self, state: _State) -> bool | None:
        status = self._metric_status(state.check)
        if status is not None:
            state.last_known = status
        elif state.check.insufficient_data_status != "LastKnownStatus":
            status = state.check.insufficient_data_status == "Healthy"
        else:
            status = state.last_known
        return None if status is None else status != state.check.inverted

    def _follow_changes(self) -> None:
        checks = {check.id: check for check in self._health_checks()}
        for identifier, state in list(self._states.items()):
            # Another configuration starts without data.
            if checks.get(identifier) != state.check:
                if state.task:
                    state.task.cancel()
                del self._states[identifier]
        for identifier, check in checks.items():
            if identifier not in self._states:
                self._states[identifier] = self._start(check)

    def _start(self, check: HealthCheck) -> _State:
        if check.type in WITHOUT_CHECKERS:
            return _State(check, [])
        regions = check.regions or CHECKER_REGIONS
        checkers = [_Checker(region, f"192.0.2.{10 + number}", Verdict()) for number, region in enumerate(regions)]
        state = _State(check, checkers)
        if not check.disabled:
            state.task = asyncio.create_task(self._probe_all(state), name=f"health check {check.id}")
        return state

    async def _probe_all(self, state: _State) -> None:
        async with asyncio.TaskGroup() as group:
            for number, checker in enumerate(state.checkers):
                # On AWS the checkers are not aligned; evenly spread, they are the same in every run.
                phase = state.check.request_interval_seconds * number / len(state.checkers)
                group.create_task(self._probe_repeatedly(state.check, checker, phase))

    async def _probe_repeatedly(self, check: HealthCheck, checker: _Checker, phase_seconds: float) -> None:
        next_at = self._clock.now() + phase_seconds
        while True:
            await self._clock.async_sleep(max(0.0, next_at - self._clock.now()))
            ask = self._ask or probe
            network = NOWHERE if checker.region in self._cut_off else self._network
            self._note(check, checker, await ask(self._addressed(check), network, self._clock))
            # A slow probe delays only its own checker, which does not catch up in a burst.
            next_at = max(next_at + check.request_interval_seconds, self._clock.now())

    def _addressed(self, check: HealthCheck) -> HealthCheck:
        """Return the check with the address to probe. Route 53 probes a name over IPv4 only.

        https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (FullyQualifiedDomainName)
        """
        if check.ip_address or not check.fully_qualified_domain_name:
            return check
        addresses = self._addresses(check.fully_qualified_domain_name)
        ipv4 = next((address for address in addresses if ip_address(address).version == 4), None)
        return replace(check, ip_address=ipv4)

    def _note(self, check: HealthCheck, checker: _Checker, result: Result) -> None:
        checker.verdict = checker.verdict.after(success=result.healthy, failure_threshold=check.failure_threshold)
        checker.last = Observation(
            checker.region, checker.address, result.healthy, result.reason, self._clock.now(), result.latency
        )
