"""The emulator's name server with one failover pair, as profile `standard` deploys it."""

import asyncio

from tools.lab.network import AUTHORITY, NAME, SERVER, ZONE
from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.emulator.model import AliasTarget, Distribution, HostedZone, RecordSet
from understudy_failover.emulator.nameserver import Nameserver
from understudy_failover.emulator.zone_answers import ZoneAnswers

EDGE = Distribution("E1", "d111111abcdef8.cloudfront.net", enabled=True, ipv6_enabled=False)
PRIMARY = RecordSet(
    f"{NAME}.", "A", (SERVER,), 30, set_identifier="primary", failover="PRIMARY", health_check_id="server"
)
SECONDARY = RecordSet(
    f"{NAME}.",
    "A",
    set_identifier="secondary",
    failover="SECONDARY",
    alias_target=AliasTarget(f"{EDGE.domain_name}.", CLOUDFRONT_HOSTED_ZONE_ID, evaluate_target_health=False),
)
SOA = RecordSet(
    f"{ZONE}.", "SOA", (f"ns1.{ZONE}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",), ttl_seconds=900
)
NS = RecordSet(f"{ZONE}.", "NS", (f"ns1.{ZONE}.",), ttl_seconds=172_800)
NAME_SERVER = RecordSet(f"ns1.{ZONE}.", "A", (AUTHORITY,), ttl_seconds=172_800)


class Authority:
    """Answers with the server while `healthy`, else with the page."""

    def __init__(self) -> None:
        self.healthy = True
        zone = HostedZone("Z1", f"{ZONE}.", (PRIMARY, SECONDARY, SOA, NS, NAME_SERVER))
        answers = ZoneAnswers(lambda: (zone,), lambda _: self.healthy, lambda: (EDGE,))
        self._nameserver = Nameserver(answers.answer)

    async def start(self) -> None:
        """Listen at port 53."""
        await self._nameserver.start(AUTHORITY, 53)

    async def stop(self) -> None:
        await self._nameserver.stop()
        await asyncio.sleep(0)
