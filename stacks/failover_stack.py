"""What decides, request by request, between a server and the maintenance page: data plane alone."""

from collections.abc import Mapping

from aws_cdk import Annotations, CfnOutput, CfnResource, Environment, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from understudy_failover.contract.identity import METADATA, Identity
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.settings import Host, Server, Settings
from understudy_failover.settings.division import MAIN
from understudy_failover.settings.tables import TTL_FLOOR_SECONDS

from .alarms import Alarms, Checked
from .deploy_function import DeployFunction
from .down_alarm import DownAlarm
from .failback_hold import FailbackHold
from .failover_records import FailoverRecords
from .health_check import HealthCheck
from .health_gate import HealthGate
from .limits import RESOURCE_LIMIT_CONTEXT
from .logical_ids import free_id, pascal_case
from .monitor.alarms import MonitorAlarms, alarm_on_failures
from .notifications import Notifications
from .page_alarm import PageAlarm
from .page_health import PageHealth
from .record_cutover import MaintenancePage, record_cutover
from .server_health import ServerHealth
from .switch_check import SwitchCheck

CHECK = "HealthCheck"
"""What the id of a health check begins with."""


class FailoverStack(Stack):
    """Per server: does it answer, are its switches off; together its record sets' health. Beside them the monitor."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        env: Environment,
        identity: Identity,
        settings: Settings,
        name: str,
        dashboard_name: str,
        distributions: Mapping[str, cloudfront.IDistribution],
        page_health: Mapping[str, PageHealth],
        main: "FailoverStack | None",
        accept_outage: bool,
    ) -> None:
        """`settings` as of `Settings.for_stack`; `name` is the stack's, `dashboard_name` its dashboard's.

        `distributions` are those of all certificates, by the names that hosts are assigned to, as are their
        `page_health`. `main` is the stack that has the topic and the alarms of all pages; None: this one.
        """
        super().__init__(
            scope,
            id_,
            env=env,
            stack_name=name,
            tags=identity.tags,
            description=identity.description,
        )
        self.template_options.metadata = {METADATA: identity.metadata}
        self.node.set_context(RESOURCE_LIMIT_CONTEXT, 0)
        self._settings = settings
        self.notifications: Notifications | None = main.notifications if main else None
        if settings.monitoring.alarms and not main:
            self.notifications = Notifications(
                self, "Notifications", app=settings.app, recipients=settings.notifications
            )
            # Always: made only while a further stack imports it, an export could not go when the last one does.
            self.export_value(self.notifications.topic.topic_arn)
            MonitorAlarms(
                self,
                "MonitorAlarms",
                app=settings.app,
                with_switches=settings.has_switches,
                notifications=self.notifications,
            )
            for certificate, page in page_health.items():
                PageAlarm(self, f"PageAlarm{pascal_case(certificate)}", page=page, notifications=self.notifications)
                alarm_on_failures(
                    self,
                    f"MonitorFails{pascal_case(certificate)}",
                    app=settings.for_certificate(certificate).app,
                    notifications=self.notifications,
                )
        if not settings.servers:  # all of them are in further stacks
            return
        # Asked for once: each question crosses to Node.
        found = {
            name: MaintenancePage(one.distribution_domain_name, page_health[name].health_check_id)
            for name, one in distributions.items()
        }
        self._hold_minutes = settings.timing.failback_hold_minutes
        deploys = DeployFunction(
            self,
            "Handover",
            app=settings.app,
            hosts=[host for server in settings.servers for host in server.hosts],
            holds=self._hold_minutes > 0,
        )
        self._gate = HealthGate(self, "DeployGates", function=deploys.function, accept_outage=accept_outage)
        self._switches = {switch: self._switch(switch, found[MAIN].domain_name) for switch in settings.switches}
        if settings.timing.ttl_seconds < TTL_FLOOR_SECONDS:
            Annotations.of(self).add_warning_v2(
                "understudy:ttlSeconds",
                f"timing.ttl_seconds = {settings.timing.ttl_seconds}: Knot Resolver keeps an answer for 5 s and still "
                "asks Route 53 at every question, each of which is billed, and no client is there sooner. "
                f"Set it to {TTL_FLOOR_SECONDS} or more.",
            )
        cutover = record_cutover(
            self,
            "RecordCutover",
            function=deploys.function,
            servers=settings.servers,
            pages=found,
            ttl_seconds=settings.timing.ttl_seconds,
        )
        cutover.add_resource_dependency(deploys.record_access)
        checked: list[Checked] = []
        for server in settings.servers:
            gate, of_server = self._checked(server)
            checked += of_server
            health = {one.id_: one.health_check_id for one in of_server}
            for host in server.hosts:
                FailoverRecords(
                    self,
                    pascal_case(host.name),
                    host=host,
                    server=server,
                    ttl_seconds=settings.timing.ttl_seconds,
                    health_check_id=health[_shared_by(server, host)],
                    gate=gate,
                    cutover=cutover,
                    page=found[host.certificate],
                )
        shown = sorted({host.certificate for server in settings.servers for host in server.hosts})
        Alarms(
            self,
            "Alarms",
            checked=checked,
            hold_minutes=self._hold_minutes,
            notifications=self.notifications,
            dashboard_name=dashboard_name if settings.monitoring.dashboard else None,
            pages={certificate: distributions[certificate] for certificate in shown},
            page_health=[page_health[certificate] for certificate in shown],
        )

    def _checked(self, server: Server) -> tuple[CfnResource, list[Checked]]:
        """Checks and switches, the gate that they must pass, and behind it what the record sets of a host go by.

        The gate stands before the calculated checks and not only before the record sets: when a check is replaced
        later, its successor has reported before a calculated check counts it.
        """
        answers = self._answers(server)
        switches = [self._switches[name] for name in self._settings.switches_of(server)]
        every = [check for checks in answers.values() for check in checks]
        holds = {check: self._hold(check) for check in every if self._hold_minutes}
        gate = self._gate.gate(
            pascal_case(server.name),
            server=server.name,
            checks=[*(check.gated() for check in every), *(one.gated() for one in switches)],
            alarms=[hold.gated() for hold in holds.values()],
        )
        found = []
        for id_, checks in answers.items():
            children = [
                *(check.health_check_id for check in checks),
                *(one.health_check_id for one in switches),
                *(holds[check].health_check_id for check in checks if check in holds),
            ]
            health_check_id = children[0]
            if len(children) > 1:
                health = ServerHealth(
                    self, free_id(self, f"Health{id_}", id_), name=f"{checks[0].name} on stage", children=children
                )
                health.resource.add_resource_dependency(gate)
                health_check_id = health.health_check_id
            found.append(Checked(id_, checks, switches, health_check_id))
        return gate, found

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
                        f"{CHECK}{id_}" + (f".{pascal_case(str(address))}" if address else ""),
                        app=self._settings.app,
                        server=server,
                        timing=self._settings.timing,
                        host=host if server.asks_for_itself(host) else None,
                        address=address,
                    )
                    for address in (None, *further)
                ]
                if not server.asks_for_itself(host):
                    CfnOutput(
                        self,
                        f"HealthCheckId{id_}",
                        value=found[id_][0].health_check_id,
                        description=f"Route 53 health check of server {server.name}",
                    )
        return found

    def _hold(self, check: HealthCheck) -> FailbackHold:
        id_ = check.id_.removeprefix(CHECK)
        down = DownAlarm(
            self,
            free_id(self, f"Down{id_}", id_),
            app=self._settings.app,
            name=check.name,
            health_check_id=check.health_check_id,
            hold_minutes=self._hold_minutes,
        )
        return FailbackHold(self, free_id(self, f"Hold{id_}", id_), name=check.name, down=down)

    def _switch(self, name: str, domain_name: str) -> SwitchCheck:
        return SwitchCheck(
            self,
            "SwitchOfAll" if name == FOR_ALL else free_id(self, f"Switch{pascal_case(name)}", name),
            app=self._settings.app,
            server=name,
            distribution_domain_name=domain_name,
        )


def _shared_by(server: Server, host: Host) -> str:
    """What a host's health check has in its id: `Web`, or `Web.Www.Example.Com` where it is the host's own."""
    shared = pascal_case(server.name)
    return f"{shared}.{pascal_case(host.name)}" if server.asks_for_itself(host) else shared
