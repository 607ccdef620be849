"""Asks whether a server is well: one Route 53 health check per server, shared by all its host names."""

import json

from aws_cdk import aws_route53 as route53
from constructs import Construct

from settings import Server, Timing
from stacks.health_gate import GatedCheck


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
    ) -> None:
        super().__init__(scope, id_)
        check = server.health_check
        speaks_http = check.type != "TCP"
        resource = route53.CfnHealthCheck(
            self,
            "Resource",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type=f"{check.type}_STR_MATCH" if speaks_http and check.search_string else check.type,
                ip_address=str(server.ipv4),
                port=check.port,
                # Sent as the Host header and, for HTTPS, in the TLS handshake.
                fully_qualified_domain_name=check.host_name if speaks_http else None,
                enable_sni=True if check.type == "HTTPS" else None,
                resource_path=check.path if speaks_http else None,
                search_string=check.search_string if speaks_http else None,
                request_interval=timing.request_interval_seconds,
                failure_threshold=timing.failure_threshold,
            ),
            # The console shows this tag as the health check's name.
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=f"{app} {server.name}")],
        )
        self.health_check_id = resource.attr_health_check_id
        self._name = f"{app} {server.name}"
        self._asks = _asks(server)
        self._looks = timing.failure_threshold

    def gated(self) -> GatedCheck:
        """How a deploy waits for it: as many answers as turn its status."""
        return GatedCheck(
            name=self._name,
            health_check_id=self.health_check_id,
            expects="answer",
            looks=self._looks,
            asks=self._asks,
        )


def _asks(server: Server) -> str:
    """What the check asks, in a line: `HTTPS www.example.com:443/health at 203.0.113.10, for "fine"`."""
    check = server.health_check
    if check.type == "TCP":
        return f"TCP port {check.port} of {server.ipv4}"
    searched = f", for {json.dumps(check.search_string)}" if check.search_string else ""
    return f"{check.type} {check.host_name}:{check.port}{check.path} at {server.ipv4}{searched}"
