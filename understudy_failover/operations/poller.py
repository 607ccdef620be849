"""A poller of all host names; a slow probe delays no other host."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from understudy_failover.operations.observation import HttpsProbe
from understudy_failover.settings import Host


@dataclass(frozen=True)
class TimedProbe:
    host: Host
    probe: HttpsProbe
    began_at: float
    ended_at: float


class Poller:
    """At most one probe of each host is running; times are those of `now`."""

    def __init__(
        self, hosts: Iterable[Host], probe: Callable[[Host], HttpsProbe], now: Callable[[], float], workers: Executor
    ) -> None:
        self.hosts = tuple(hosts)
        self._probe_ = probe
        self._now = now
        self._workers = workers
        self._under_way: dict[Host, Future[TimedProbe] | None] = dict.fromkeys(self.hosts)

    def ended(self) -> list[TimedProbe]:
        """Return the probes that have ended since the last call, and start the next ones. Does not wait."""
        done = []
        for host, future in self._under_way.items():
            if future and not future.done():
                continue
            if future:
                done.append(future.result())
            self._under_way[host] = self._workers.submit(self._timed, host)
        return done

    def _timed(self, host: Host) -> TimedProbe:
        began_at = self._now()
        probe = self._probe_(host)
        return TimedProbe(host, probe, began_at, self._now())
