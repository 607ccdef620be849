"""A made-up world for drills: time that stands still, servers that fail, DNS and clients that follow as given."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.manual_time import ManualTime
from understudy_failover.emulator.clock import Clock
from understudy_failover.operations.observation import Answers, HttpsProbe, ServedBy
from understudy_failover.settings import Host, Server, Settings

EDGE_IPV4 = ("198.51.100.10", "198.51.100.74")
EDGE_IPV6 = ("2001:db8:cf::10",)


@dataclass
class World:
    """`dns_seconds` after an outage begins or ends DNS follows, `client_seconds` after it the clients."""

    settings: Settings
    dns_seconds: float = 20
    client_seconds: float = 40
    edge_ipv6: tuple[str, ...] = EDGE_IPV6
    drags_others_along: bool = False
    comes_back: bool = True
    resolver_fails_seconds: float = 0
    """So long after each outage begins, this machine's resolver gives no answer for any host."""
    answers_at_its_address: bool = True
    """Past DNS, whatever is played."""
    keeps_seconds: float = 10_000
    """So long after the server is back, the edge closes connections that are kept."""
    clock: Clock = field(default_factory=lambda: Clock(source=ManualTime()))
    changes: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """By server: when its last change was, and whether it is down since."""

    def begin(self, server: Server) -> str:
        self.changes[server.name] = (self.clock.now(), True)
        if self.drags_others_along:
            self.changes |= {other.name: self.changes[server.name] for other in self.settings.servers}
        return f"{server.name} fails"

    def end(self, server: Server) -> str:
        if self.comes_back:
            for name in [*self.changes] if self.drags_others_along else [server.name]:
                self.changes[name] = (self.clock.now(), False)
        return f"{server.name} works again"

    def resolve(self, host: Host, *_: object) -> Answers:
        """Stands in for `operations.sight.resolve`."""
        server, down, elapsed = self.state(host)
        own_ipv6: tuple[str, ...] = (str(server.ipv6),) if server.ipv6 else ()
        if down == (elapsed >= self.dns_seconds):
            return Answers(EDGE_IPV4, self.edge_ipv6 if own_ipv6 else ())
        return Answers((str(server.ipv4),), own_ipv6)

    def probe_https(self, host: Host, _: object, address: str | None = None) -> HttpsProbe:
        """Stands in for `operations.sight.visit`."""
        if address is not None and self.answers_at_its_address:
            return HttpsProbe(ServedBy.SERVER, "200")
        down, elapsed = self.state(host)[1:]
        begun = [at for at, is_down in self.changes.values() if is_down]
        if begun and self.clock.now() - max(begun) < self.resolver_fails_seconds:
            return HttpsProbe(ServedBy.NOBODY, "192.0.2.53 gives no answer: failure", unresolved_by="192.0.2.53")
        if down and elapsed < self.client_seconds:
            return HttpsProbe(ServedBy.NOBODY, "refused")
        return (
            HttpsProbe(ServedBy.PAGE, "503")
            if down or elapsed < self.client_seconds
            else HttpsProbe(ServedBy.SERVER, "200")
        )

    def state(self, host: Host) -> tuple[Server, bool, float]:
        server = next(server for server in self.settings.servers if host in server.hosts)
        changed_at, down = self.changes.get(server.name, (float("-inf"), False))
        return server, down, self.clock.now() - changed_at


class Pooled:
    """Stands in for `operations.pooled_client.PooledClient`."""

    def __init__(self, world: World, host: Host) -> None:
        self.host = host
        self.connections = 1
        self._world = world

    def probe_https(self) -> HttpsProbe:
        _, down, elapsed = self._world.state(self.host)
        if down or elapsed < self._world.keeps_seconds:
            return HttpsProbe(ServedBy.PAGE, "503")
        self.connections = 2
        return self._world.probe_https(self.host, None)

    def close(self) -> None:
        pass


class AtOnce(Executor):
    """Runs what it is given when it is given it: threads know nothing of time that stands still."""

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(fn(*arguments, **named))
        return future
