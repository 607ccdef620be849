"""A public resolver on the wire: what the world's clients are told, or, for a rehearsal, something else.

It keeps nothing: the cache of clients is the gateway's. See world_answers.py for what it knows.
"""

from collections.abc import Callable, Sequence

from dnslib import QTYPE, RR, DNSRecord

FALSE_TTL_SECONDS = 60


class PublicResolver:
    """Hands queries to `world`, but for names that it was told to lie about."""

    def __init__(self, world: Callable[[DNSRecord], DNSRecord]) -> None:
        self._world = world
        self._lies: dict[tuple[str, str], tuple[str, ...]] = {}

    def lie(self, name: str, kind: str, values: Sequence[str]) -> None:
        """From now on answers `values` (none: no such record) for a name and type.

        Raises:
            ValueError: a value is none of that type.
        """
        for value in values:
            try:
                RR.fromZone(f"{name}. {FALSE_TTL_SECONDS} IN {kind} {value}")
            except Exception as error:
                raise ValueError(f"{name} {kind} {value}: {error}") from None
        self._lies[name.lower().rstrip("."), kind] = tuple(values)

    def tell_the_truth(self) -> None:
        """Ends every lie."""
        self._lies.clear()

    def answer(self, request: DNSRecord) -> DNSRecord:
        """The reply to one query, not authoritative."""
        name, kind = str(request.q.qname).lower().rstrip("."), QTYPE.get(request.q.qtype)
        if (name, kind) in self._lies:
            reply = request.reply(ra=1, aa=0)
            for value in self._lies[name, kind]:
                reply.add_answer(*RR.fromZone(f"{name}. {FALSE_TTL_SECONDS} IN {kind} {value}"))
            return reply
        reply = self._world(request)
        reply.header.aa, reply.header.ra = 0, 1
        return reply
