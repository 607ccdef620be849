"""What resolvers of the world find: our hosted zones, and CloudFront's own domain names."""

from collections.abc import Callable, Sequence

from dnslib import QTYPE, RR, DNSRecord

from understudy_failover.emulator.model import Distribution
from understudy_failover.emulator.zone_answers import ALIAS_TTL_SECONDS, edge_addresses


class WorldAnswers:
    """Answers for dXXXX.cloudfront.net itself and hands every other query to `zones`.

    Apart from the zones' own name server, which on AWS knows nothing of cloudfront.net either.
    """

    def __init__(
        self, zones: Callable[[DNSRecord], DNSRecord], distributions: Callable[[], Sequence[Distribution]]
    ) -> None:
        self._zones = zones
        self._distributions = distributions

    def answer(self, request: DNSRecord) -> DNSRecord:
        """The reply to one query."""
        name, kind = str(request.q.qname).lower().rstrip("."), QTYPE.get(request.q.qtype)
        distributions = self._distributions()
        if all(one.domain_name != name for one in distributions):
            return self._zones(request)
        reply = request.reply()
        for address in edge_addresses(distributions, name, kind):
            reply.add_answer(*RR.fromZone(f"{name}. {ALIAS_TTL_SECONDS} IN {kind} {address}"))
        return reply
