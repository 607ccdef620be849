"""The resolver of the rehearsal's clients: it caches answers for exactly their TTL, in emulated time."""

from collections.abc import Callable
from dataclasses import dataclass

from dnslib import QTYPE, DNSRecord

from understudy_failover.emulator.clock import Clock

MAXIMUM_CHAIN = 8


@dataclass(frozen=True)
class _Cached:
    addresses: tuple[str, ...]
    until: float


class Resolver:
    """Resolves by `ask`, which answers a query as the authoritative name servers do."""

    def __init__(self, ask: Callable[[DNSRecord], DNSRecord], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._cache: dict[tuple[str, str], _Cached] = {}

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the IPv4 addresses of `name`, then the IPv6 ones."""
        return self._lookup(name, "A") + self._lookup(name, "AAAA")

    def flush(self) -> None:
        self._cache.clear()

    def _lookup(self, name: str, kind: str) -> tuple[str, ...]:
        key = (name.lower().rstrip("."), kind)
        entry = self._cache.get(key)
        if entry is None or self._clock.now() >= entry.until:
            entry = self._cache[key] = self._fresh(*key)
        return entry.addresses

    def _fresh(self, name: str, kind: str, depth: int = 0) -> _Cached:
        try:
            question = DNSRecord.question(f"{name}.", kind)
        except UnicodeError:  # a label is empty or too long: not a name
            return _Cached((), self._clock.now())
        reply = self._ask(question)
        addresses = tuple(str(record.rdata) for record in reply.rr if QTYPE.get(record.rtype) == kind)
        # The smallest TTL of a chain counts; of a negative answer that of its SOA.
        ttls = [record.ttl for record in (reply.rr or reply.auth)]
        entry = _Cached(addresses, self._clock.now() + min(ttls, default=0))
        aliases = [str(record.rdata) for record in reply.rr if QTYPE.get(record.rtype) == "CNAME"]
        if addresses or not aliases or depth == MAXIMUM_CHAIN:
            return entry
        # The alias leads out of the zone.
        rest = self._fresh(aliases[-1].lower().rstrip("."), kind, depth + 1)
        return _Cached(rest.addresses, min(entry.until, rest.until))
