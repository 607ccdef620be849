"""The resolver of the rehearsal's clients: keeps answers exactly as long as their TTL says, in emulated time."""

from collections.abc import Callable
from dataclasses import dataclass

from dnslib import QTYPE, DNSRecord

from understudy_failover.emulator.clock import Clock

MAXIMUM_CHAIN = 8


@dataclass(frozen=True)
class _Kept:
    addresses: tuple[str, ...]
    until: float


class Resolver:
    """Resolves through `ask`, which answers a query as the authoritative name servers do."""

    def __init__(self, ask: Callable[[DNSRecord], DNSRecord], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: dict[tuple[str, str], _Kept] = {}

    def addresses(self, name: str) -> tuple[str, ...]:
        """IPv4 addresses of `name`, then IPv6 ones; empty where it has none."""
        return self._lookup(name, "A") + self._lookup(name, "AAAA")

    def flush(self) -> None:
        """Forgets everything, as a restart would."""
        self._kept.clear()

    def _lookup(self, name: str, kind: str) -> tuple[str, ...]:
        key = (name.lower().rstrip("."), kind)
        entry = self._kept.get(key)
        if entry is None or self._clock.now() >= entry.until:
            entry = self._kept[key] = self._fresh(*key)
        return entry.addresses

    def _fresh(self, name: str, kind: str, depth: int = 0) -> _Kept:
        try:
            question = DNSRecord.question(f"{name}.", kind)
        except UnicodeError:  # a label that is empty or too long: no name at all
            return _Kept((), self._clock.now())
        reply = self._ask(question)
        addresses = tuple(str(record.rdata) for record in reply.rr if QTYPE.get(record.rtype) == kind)
        # A chain is good for as long as its shortest link; a negative answer as long as its SOA says.
        ttls = [record.ttl for record in (reply.rr or reply.auth)]
        entry = _Kept(addresses, self._clock.now() + min(ttls, default=0))
        aliases = [str(record.rdata) for record in reply.rr if QTYPE.get(record.rtype) == "CNAME"]
        if addresses or not aliases or depth == MAXIMUM_CHAIN:
            return entry
        # Out of the zone, whose name server knows no more.
        rest = self._fresh(aliases[-1].lower().rstrip("."), kind, depth + 1)
        return _Kept(rest.addresses, min(entry.until, rest.until))
