"""Asks whether a server is well: one Route 53 health check for all its host names, or one for each of them."""

import json
from ipaddress import IPv4Address, IPv6Address

from aws_cdk import aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.health_check_config import server_config
from understudy_failover.settings import Host, Server, Timing

from .health_check_config import health_check_config
from .health_gate import GatedCheck
from .purpose import declare_purpose


class HealthCheck(Construct):
    """Probes the server by its address, never by a name that fails over.

    Route 53 would resolve such a name with the very records that the check decides about.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        app: str,
        server: Server,
        timing: Timing,
        host: Host | None = None,
        address: IPv4Address | IPv6Address | None = None,
    ) -> None:
        """Asks for `host`, or where there is none for what the settings say of the whole server.

        At `address`, or where there is none at the server's first.
        """
        super().__init__(scope, id_)
        check = server.health_check
        host_name = host.name if host else check.host_name
        self.name = f"{app} {server.name}" + (f" {host.name}" if host else "") + (f" {address}" if address else "")
        resource = route53.CfnHealthCheck(
            self,
            "Resource",
            health_check_config=health_check_config(
                server_config(check, timing, address=str(address or server.ipv4), host_name=host_name)
            ),
            # The console shows this tag as the health check's name.
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=self.name)],
        )
        declare_purpose(resource, f"Does the server work? Asks {_asks(server, host_name, str(address or server.ipv4))}")
        self.id_ = id_
        self.health_check_id = resource.attr_health_check_id
        self._asks = _asks(server, host_name, str(address or server.ipv4))
        self.measures_latency = check.measure_latency
        self._looks = timing.failure_threshold
        self._regions = check.regions

    def gated(self) -> GatedCheck:
        """How a deploy waits for it: as many answers as turn its status."""
        return GatedCheck(
            name=self.name,
            health_check_id=self.health_check_id,
            expects="answer",
            looks=self._looks,
            asks=self._asks,
            regions=self._regions,
        )


def _asks(server: Server, host_name: str, address: str) -> str:
    """What the check asks, in a line: `HTTPS www.example.com:443/health at 203.0.113.10, for "fine"`."""
    check = server.health_check
    if check.type == "TCP":
        return f"TCP port {check.port} of {address}"
    searched = f", for {json.dumps(check.search_string)}" if check.search_string else ""
    return f"{check.type} {host_name}:{check.port}{check.path} at {address}{searched}"
