"""The Route 53 health check of a server: one for all its host names, or one for each host name."""

import json
from ipaddress import IPv4Address, IPv6Address

from constructs import Construct

from understudy_failover.contract.health_check_config import server_config
from understudy_failover.settings import Host, Server, Timing

from .health_check_config import declare_health_check
from .health_gate import GatedCheck


class HealthCheck(Construct):
    """Probes the server at its address, never through a name that fails over.

    Route 53 would resolve such a name with the record sets that the check decides.
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
        """`host` None is the `host_name` of the server's settings, `address` None its first address."""
        super().__init__(scope, id_)
        check = server.health_check
        host_name, target = host.name if host else check.host_name, str(address or server.ipv4)
        self.name = f"{app} {server.name}" + (f" {host.name}" if host else "") + (f" {address}" if address else "")
        self._request = _request(server, host_name, target)
        config = server_config(check, timing, address=target, host_name=host_name)
        resource = declare_health_check(self, self.name, config, f"Healthy while the server answers {self._request}")
        self.id_ = id_
        self.health_check_id = resource.attr_health_check_id
        self.measures_latency = check.measure_latency
        self._results = timing.failure_threshold
        self._regions = check.regions

    def gated(self) -> GatedCheck:
        """Return what a deploy waits for: as many results as change its status."""
        return GatedCheck(
            name=self.name,
            health_check_id=self.health_check_id,
            expects="answer",
            results=self._results,
            request=self._request,
            regions=self._regions,
        )


def _request(server: Server, host_name: str, address: str) -> str:
    """Return the request of the check in a line: `HTTPS www.example.com:443/health at 203.0.113.10, for "fine"`."""
    check = server.health_check
    if check.type == "TCP":
        return f"TCP port {check.port} of {address}"
    text = f", for {json.dumps(check.search_string)}" if check.search_string else ""
    return f"{check.type} {host_name}:{check.port}{check.path} at {address}{text}"
