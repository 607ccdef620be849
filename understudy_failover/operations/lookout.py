"""A poller of all host names; a slow visit delays no other host."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from understudy_failover.operations.sight import Visit
from understudy_failover.settings import Host


@dataclass(frozen=True)
class TimedVisit:
    """A visit, with its begin and end."""

    host: Host
    visit: Visit
    began_at: float
    ended_at: float


class Lookout:
    """At most one visit to each host is running; times are those of `now`."""

    def __init__(
        self, hosts: Iterable[Host], visit: Callable[[Host], Visit], now: Callable[[], float], workers: Executor
    ) -> None:
        self.hosts = tuple(hosts)
        self._visit = visit
        self._now = now
        self._workers = workers
        self._under_way: dict[Host, Future[TimedVisit] | None] = dict.fromkeys(self.hosts)

    def ended(self) -> list[TimedVisit]:
        """Return the visits that have ended since the last call, and start the next ones. Does not wait."""
        done = []
        for host, future in self._under_way.items():
            if future and not future.done():
                continue
            if future:
                done.append(future.result())
            self._under_way[host] = self._workers.submit(self._timed, host)
        return done

    def _timed(self, host: Host) -> TimedVisit:
        began_at = self._now()
        visit = self._visit(host)
        return TimedVisit(host, visit, began_at, self._now())
