"""A made-up world for drills: time that stands still, servers that fail, DNS and clients that follow as told."""

from dataclasses import dataclass, field

from emulator.clock import Clock, ManualTime
from operations.sight import OnStage, Sight
from settings import Host, Server, Settings

EDGE_IPV4 = ("198.51.100.10", "198.51.100.74")
EDGE_IPV6 = ("2001:db8:cf::10",)
LOOK_SECONDS = 0.2


@dataclass
class World:
    """`dns_seconds` after an outage begins or ends DNS follows, `client_seconds` after it the clients."""

    settings: Settings
    dns_seconds: float = 20
    client_seconds: float = 40
    edge_ipv6: tuple[str, ...] = EDGE_IPV6
    drags_others_along: bool = False
    comes_back: bool = True
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

    def look(self, host: Host, *_: object) -> Sight:
        """Stands in for `operations.sight.look`."""
        server = next(one for one in self.settings.servers if host in one.hosts)
        changed_at, down = self.changes.get(server.name, (float("-inf"), False))
        elapsed = self.clock.now() - changed_at
        on_page = down == (elapsed >= self.dns_seconds)
        if down and elapsed < self.client_seconds:
            on_stage = OnStage.NOBODY
        else:
            on_stage = OnStage.PAGE if down or elapsed < self.client_seconds else OnStage.SERVER
        own_ipv6 = (str(server.ipv6),) if server.ipv6 else ()
        if on_page:
            return Sight(EDGE_IPV4, self.edge_ipv6 if own_ipv6 else (), on_stage, "503")
        return Sight((str(server.ipv4),), own_ipv6, on_stage, "200")
