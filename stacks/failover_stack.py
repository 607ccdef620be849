"""The stack that decides between servers and maintenance page, with data planes alone."""

from collections.abc import Mapping

from aws_cdk import Annotations, CfnOutput, CfnResource, Environment, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from understudy_failover.contract.identity import METADATA, Identity
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.settings import Host, Server, Settings
from understudy_failover.settings.sharding import MAIN
from understudy_failover.settings.tables import TTL_FLOOR_SECONDS

from .alarms import Alarms, Checked
from .deploy_function import DeployFunction
from .failback_hold import DownAlarm, FailbackHold
from .failover_records import FailoverRecords
from .health_check import HealthCheck
from .health_gate import HealthGate
from .limits import RESOURCE_LIMIT_CONTEXT
from .logical_ids import free_id, pascal_case
from .monitor.alarms import MonitorAlarms, alarm_on_failures
from .notifications import Notifications
from .page_health import PageAlarm, PageHealth
from .record_cutover import MaintenancePage, record_cutover
from .server_health import ServerHealth
from .switch_check import SwitchCheck

CHECK = "HealthCheck"
"""Prefix of the id of a health check."""


class FailoverStack(Stack):
    """Health checks of servers and switches, record sets that follow them, and alarms."""

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
        """`settings` are as of `Settings.for_stack`; `name` is that of the stack, `dashboard_name` of its dashboard.

        `distributions` and `page_health` are by the names of certificates. `main` is the stack with the topic and the
        alarms of all pages; None is this stack.
        """
        super().__init__(scope, id_, env=env, stack_name=name, tags=identity.tags, description=identity.description)
        self.template_options.metadata = {METADATA: identity.metadata}
        self.node.set_context(RESOURCE_LIMIT_CONTEXT, 0)
        self._settings = settings
        self.notifications: Notifications | None = main.notifications if main else None
        if settings.monitoring.alarms and not main:
            self.notifications = Notifications(
                self, "Notifications", app=settings.app, recipients=settings.notifications
            )
            # Always: an export that exists only while an additional stack imports it could not go with the last one.
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
        if not settings.servers:  # all servers are in additional stacks
            return
        # Read once: each access crosses to Node.
        pages_by_certificate = {
            name: MaintenancePage(distribution.distribution_domain_name, page_health[name].health_check_id)
            for name, distribution in distributions.items()
        }
        self._hold_minutes = settings.timing.failback_hold_minutes
        deploy_function = DeployFunction(
            self,
            "Handover",
            app=settings.app,
            hosts=[host for server in settings.servers for host in server.hosts],
            holds=self._hold_minutes > 0,
        )
        self._gate = HealthGate(self, "DeployGates", function=deploy_function.function, accept_outage=accept_outage)
        self._switches = {
            switch: self._switch(switch, pages_by_certificate[MAIN].domain_name) for switch in settings.switches
        }
        if settings.timing.ttl_seconds < TTL_FLOOR_SECONDS:
            Annotations.of(self).add_warning_v2(
                "understudy:ttlSeconds",
                f"timing.ttl_seconds = {settings.timing.ttl_seconds}: Knot Resolver keeps an answer for 5 s and still "
                "sends every query to Route 53, which bills each; no client follows sooner. "
                f"Set it to {TTL_FLOOR_SECONDS} or more.",
            )
        cutover = record_cutover(
            self,
            "RecordCutover",
            function=deploy_function.function,
            servers=settings.servers,
            pages=pages_by_certificate,
            ttl_seconds=settings.timing.ttl_seconds,
        )
        cutover.add_resource_dependency(deploy_function.record_access)
        checked: list[Checked] = []
        for server in settings.servers:
            gate, units = self._checked(server)
            checked += units
            health = {unit.id_: unit.health_check_id for unit in units}
            for host in server.hosts:
                FailoverRecords(
                    self,
                    pascal_case(host.name),
                    host=host,
                    server=server,
                    ttl_seconds=settings.timing.ttl_seconds,
                    health_check_id=health[_id_part(server, host)],
                    gate=gate,
                    cutover=cutover,
                    page=pages_by_certificate[host.certificate],
                )
        certificates = sorted({host.certificate for server in settings.servers for host in server.hosts})
        Alarms(
            self,
            "Alarms",
            checked=checked,
            hold_minutes=self._hold_minutes,
            notifications=self.notifications,
            dashboard_name=dashboard_name if settings.monitoring.dashboard else None,
            pages={certificate: distributions[certificate] for certificate in certificates},
            page_health=[page_health[certificate] for certificate in certificates],
        )

    def _checked(self, server: Server) -> tuple[CfnResource, list[Checked]]:
        """Return the gate that checks and switches must pass, and the checks that the record sets of hosts follow.

        The calculated checks depend on the gate, too: when a check is replaced later, the new check has reported before
        a calculated check includes it.
        """
        checks_by_id = self._health_checks(server)
        switches = [self._switches[name] for name in self._settings.switches_of(server)]
        every = [check for checks in checks_by_id.values() for check in checks]
        holds = {check: self._hold(check) for check in every if self._hold_minutes}
        gate = self._gate.gate(
            pascal_case(server.name),
            server=server.name,
            checks=[*(check.gated() for check in every), *(switch.gated() for switch in switches)],
            alarms=[hold.gated() for hold in holds.values()],
        )
        units = []
        for id_, checks in checks_by_id.items():
            children = [
                *(check.health_check_id for check in checks),
                *(switch.health_check_id for switch in switches),
                *(holds[check].health_check_id for check in checks if check in holds),
            ]
            health_check_id = children[0]
            if len(children) > 1:
                health = ServerHealth(
                    self, free_id(self, f"Health{id_}", id_), name=f"{checks[0].name} combined", children=children
                )
                health.resource.add_resource_dependency(gate)
                health_check_id = health.health_check_id
            units.append(Checked(id_, checks, switches, health_check_id))
        return gate, units

    def _health_checks(self, server: Server) -> dict[str, list[HealthCheck]]:
        """Return the server's checks by id: one for all its hosts, or one for each host that is no wildcard.

        Each is a check of the server's first address, or a list of one check for each address.
        """
        checks: dict[str, list[HealthCheck]] = {}
        additional = server.addresses[1:] if server.health_check.per_address else ()
        for host in server.hosts:
            id_ = _id_part(server, host)
            if id_ not in checks:
                checks[id_] = [
                    HealthCheck(
                        self,
                        f"{CHECK}{id_}" + (f".{pascal_case(str(address))}" if address else ""),
                        app=self._settings.app,
                        server=server,
                        timing=self._settings.timing,
                        host=host if server.has_own_check(host) else None,
                        address=address,
                    )
                    for address in (None, *additional)
                ]
                if not server.has_own_check(host):
                    CfnOutput(
                        self,
                        f"HealthCheckId{id_}",
                        value=checks[id_][0].health_check_id,
                        description=f"Route 53 health check of server {server.name}",
                    )
        return checks

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


def _id_part(server: Server, host: Host) -> str:
    """Return the part of a check's id that names its server, `Web`, or its host, `Web.Www.Example.Com`."""
    shared = pascal_case(server.name)
    return f"{shared}.{pascal_case(host.name)}" if server.has_own_check(host) else shared
