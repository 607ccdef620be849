"""CloudWatch at emulated time: it publishes metrics of health checks and evaluates alarms.

MiniStack stores metrics, alarms, composite alarms and topics; the time and the rules of the evaluation are here.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from understudy_failover.emulator.alarm_rules import MINUTE_SECONDS, State, alarm_state, metric_status
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.health_metrics import Reading
from understudy_failover.emulator.metric_math import UnsupportedExpressionError
from understudy_failover.emulator.model import Alarm, HealthCheck, Metric, Sample

logger = logging.getLogger(__name__)


class CloudWatch(Protocol):
    """The part of MiniStack that is used."""

    def publish(self, metric: Metric, value: float, unit: str, at: float) -> None: ...

    def samples(self, metric: Metric) -> list[Sample]: ...

    def alarms(self) -> tuple[Alarm, ...]: ...

    def alarm_state(self, name: str) -> str | None: ...

    def set_alarm_state(self, name: str, state: str, reason: str) -> None: ...


class Monitoring:
    """`run()` publishes `readings()` at the end of every minute, and then evaluates all alarms."""

    def __init__(self, cloudwatch: CloudWatch, clock: Clock, readings: Callable[[], Sequence[Reading]]) -> None:
        self._cloudwatch = cloudwatch
        self._clock = clock
        self._readings = readings

    async def run(self) -> None:
        while True:
            now = self._clock.now()
            end = (now // MINUTE_SECONDS + 1) * MINUTE_SECONDS
            await self._clock.async_sleep(end - now)
            self.minute(end)

    def minute(self, end: float) -> None:
        """Publish and evaluate at the end of a minute; data points have the time of its beginning."""
        for reading in self._readings():
            self._cloudwatch.publish(reading.metric, reading.value, reading.unit, end - MINUTE_SECONDS)
        for alarm in self._cloudwatch.alarms():
            self._evaluate(alarm, end)

    def status(self, check: HealthCheck) -> bool | None:
        """Return the status of a CLOUDWATCH_METRIC check by its alarm's data; None: insufficient data, or no alarm."""
        for alarm in self._cloudwatch.alarms():
            if alarm.name == check.alarm_name:
                return metric_status(alarm, self._samples(alarm), self._clock.now())
        return None

    def _evaluate(self, alarm: Alarm, now: float) -> None:
        before = self._cloudwatch.alarm_state(alarm.name)
        if before is None:
            return
        try:
            after = alarm_state(alarm, self._samples(alarm), now, cast(State, before))
        except (KeyError, UnsupportedExpressionError) as error:
            # An alarm of another kind, such as anomaly detection.
            logger.warning("alarm %s is not evaluated: %s is not emulated", alarm.name, error)
            return
        read = ", ".join(f"{statistic} of {metric.name}" for metric, statistic in alarm.metrics.values())
        reason = f"{read} over {alarm.period_seconds} s, {alarm.comparison}: {after}"
        self._cloudwatch.set_alarm_state(alarm.name, after, reason)

    def _samples(self, alarm: Alarm) -> dict[Metric, Sequence[Sample]]:
        return {metric: self._cloudwatch.samples(metric) for metric, _ in alarm.metrics.values()}
