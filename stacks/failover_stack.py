"""What decides, request by request, between a server and the maintenance page: data plane alone."""

from aws_cdk import CfnOutput, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from settings import Server, Settings
from settings.switch import FOR_ALL
from stacks.failover_records import FailoverRecords
from stacks.health_check import HealthCheck
from stacks.health_gate import HealthGate
from stacks.logical_ids import pascal_case
from stacks.server_health import ServerHealth
from stacks.switch_check import SwitchCheck


class FailoverStack(Stack):
    """Per server: does it answer, is its switch off; together with the switch for all, its record sets' health."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        distribution: cloudfront.IDistribution,
        accept_outage: bool,
    ) -> None:
        super().__init__(
            scope,
            id_,
            stack_name=f"{settings.app}-failover",
            description=f"DNS failover of {settings.app} from its servers to the maintenance page",
        )
        self._settings = settings
        self._distribution = distribution
        self._gate = HealthGate(self, "Gate", app=settings.app, accept_outage=accept_outage)
        self._switch_for_all = self._switch("SwitchOfAll", FOR_ALL)
        for server in settings.servers:
            health = self._health(server)
            for host in server.hosts:
                FailoverRecords(
                    self,
                    pascal_case(host.name),
                    host=host,
                    server=server,
                    ttl_seconds=settings.timing.ttl_seconds,
                    health=health,
                    distribution=distribution,
                )

    def _health(self, server: Server) -> ServerHealth:
        """Three checks, the gate that they must pass, and behind it the one that the record sets go by.

        The gate stands before the calculated check and not only before the record sets: when a check is replaced
        later, its successor has reported before the calculated check counts it.
        """
        settings, name = self._settings, pascal_case(server.name)
        answers = HealthCheck(self, f"HealthCheck{name}", app=settings.app, server=server, timing=settings.timing)
        CfnOutput(self, f"HealthCheckId{name}", value=answers.health_check_id)
        switches = (self._switch(f"Switch{name}", server.name), self._switch_for_all)
        gate = self._gate.gate(
            name,
            server=server.name,
            checks=[answers.gated(), *(switch.gated() for switch in switches)],
        )
        health = ServerHealth(
            self,
            f"Health{name}",
            name=f"{settings.app} {server.name} on stage",
            children=[one.health_check_id for one in (answers, *switches)],
        )
        health.node.add_dependency(gate)
        return health

    def _switch(self, id_: str, server: str) -> SwitchCheck:
        return SwitchCheck(
            self,
            id_,
            app=self._settings.app,
            server=server,
            timing=self._settings.timing,
            distribution=self._distribution,
        )
