"""What decides, request by request, between a server and the maintenance page: data plane alone."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from settings import Host, Server, Settings
from settings.division import MAIN
from settings.switch import FOR_ALL
from stacks.expiry_watch import ExpiryWatch, WatchedPage
from stacks.failover_records import FailoverRecords
from stacks.health_check import HealthCheck
from stacks.health_gate import HealthGate
from stacks.logical_ids import pascal_case
from stacks.notifications import Notifications
from stacks.server_health import ServerHealth
from stacks.switch_check import SwitchCheck


class FailoverStack(Stack):
    """Per server: does it answer, is its switch off; together with the switch for all, its record sets' health.

    Beside them a watch over the certificates.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        name: str,
        distributions: Mapping[str, cloudfront.IDistribution],
        pages: Sequence[WatchedPage],
        notifications: Notifications | None,
        accept_outage: bool,
    ) -> None:
        """`settings` as of `Settings.for_stack`; `name` is the stack's.

        `distributions` are those of all certificates, by the names that hosts are assigned to; `pages` those whose
        certificates are watched here. Without `notifications` the topic is made here.
        """
        super().__init__(
            scope,
            id_,
            stack_name=name,
            description=f"DNS failover of {settings.app} from its servers to the maintenance page",
        )
        self.notifications = notifications or Notifications(self, "Notifications", app=settings.app)
        ExpiryWatch(
            self,
            "ExpiryWatch",
            app=settings.app,
            servers=settings.servers,
            pages=pages,
            notifications=self.notifications,
        )
        if not notifications:
            # Always: made only while a further stack imports it, an export could not go when the last one does.
            self.export_value(self.notifications.topic.topic_arn)
        if not settings.servers:  # all of them are in further stacks
            return
        self._settings = settings
        self._switch_distribution = distributions[MAIN]
        self._gate = HealthGate(self, "Gate", app=settings.app, accept_outage=accept_outage)
        self._switch_for_all = self._switch("SwitchOfAll", FOR_ALL)
        # Asked for once: each question crosses to Node.
        domain_names = {name: one.distribution_domain_name for name, one in distributions.items()}
        for server in settings.servers:
            health = self._health(server)
            for host in server.hosts:
                FailoverRecords(
                    self,
                    pascal_case(host.name),
                    host=host,
                    server=server,
                    ttl_seconds=settings.timing.ttl_seconds,
                    health=health[host],
                    distribution_domain_name=domain_names[host.certificate],
                )

    def _health(self, server: Server) -> dict[Host, ServerHealth]:
        """Checks and switches, the gate that they must pass, and behind it what the record sets of a host go by.

        The gate stands before the calculated checks and not only before the record sets: when a check is replaced
        later, its successor has reported before a calculated check counts it.
        """
        answers = self._answers(server)
        switches = (self._switch(f"Switch{pascal_case(server.name)}", server.name), self._switch_for_all)
        gate = self._gate.gate(
            pascal_case(server.name),
            server=server.name,
            checks=[
                *(check.gated() for checks in answers.values() for check in checks),
                *(switch.gated() for switch in switches),
            ],
        )
        health: dict[str, ServerHealth] = {}
        for id_, checks in answers.items():
            health[id_] = ServerHealth(
                self,
                f"Health{id_}",
                name=f"{checks[0].name} on stage",
                children=[
                    *(check.health_check_id for check in checks),
                    *(switch.health_check_id for switch in switches),
                ],
            )
            health[id_].node.add_dependency(gate)
        return {host: health[_shared_by(server, host)] for host in server.hosts}

    def _answers(self, server: Server) -> dict[str, list[HealthCheck]]:
        """The health checks that ask the server: one for all its hosts, or one for each that is no wildcard.

        Each at the server's first address, or one at every address.
        """
        found: dict[str, list[HealthCheck]] = {}
        further = server.addresses[1:] if server.health_check.per_address else ()
        for host in server.hosts:
            id_ = _shared_by(server, host)
            if id_ not in found:
                found[id_] = [
                    HealthCheck(
                        self,
                        f"HealthCheck{id_}" + (f".{pascal_case(str(address))}" if address else ""),
                        app=self._settings.app,
                        server=server,
                        timing=self._settings.timing,
                        host=host if server.asks_for_itself(host) else None,
                        address=address,
                    )
                    for address in (None, *further)
                ]
                if not server.asks_for_itself(host):
                    CfnOutput(self, f"HealthCheckId{id_}", value=found[id_][0].health_check_id)
        return found

    def _switch(self, id_: str, server: str) -> SwitchCheck:
        return SwitchCheck(
            self,
            id_,
            app=self._settings.app,
            server=server,
            timing=self._settings.timing,
            distribution=self._switch_distribution,
        )


def _shared_by(server: Server, host: Host) -> str:
    """What a host's health check has in its id: `Web`, or `Web.Www.Example.Com` where it is the host's own."""
    shared = pascal_case(server.name)
    return f"{shared}.{pascal_case(host.name)}" if server.asks_for_itself(host) else shared
