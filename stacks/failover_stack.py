"""What decides, request by request, between a server and the maintenance page: data plane alone."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, Environment, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from understudy_failover.contract.identity import METADATA, Identity
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.settings import Host, Server, Settings
from understudy_failover.settings.division import MAIN

from .alarms import Alarms, Watched
from .down_alarm import DownAlarm
from .expiry_watch import ExpiryWatch, WatchedPage
from .failback_hold import FailbackHold
from .failover_records import FailoverRecords
from .handover import Handover
from .health_check import HealthCheck
from .health_gate import HealthGate
from .logical_ids import free_id, pascal_case
from .notifications import Notifications
from .overdue_alarm import OverdueAlarm
from .page_alarm import PageAlarm
from .page_health import PageHealth
from .server_health import ServerHealth
from .switch_check import SwitchCheck
from .switch_watch import SwitchWatch

CHECK = "HealthCheck"
"""What the id of a health check begins with."""


class FailoverStack(Stack):
    """Per server: does it answer, is its switch off; together with the switch for all, its record sets' health.

    Beside them a watch over the certificates.
    """

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
        pages: Sequence[WatchedPage],
        notifications: Notifications | None,
        accept_outage: bool,
    ) -> None:
        """`settings` as of `Settings.for_stack`; `name` is the stack's, `dashboard_name` its dashboard's.

        `distributions` are those of all certificates, by the names that hosts are assigned to, as are their
        `page_health`; `pages` those whose certificates are watched here. Without `notifications` the topic is made
        here.
        """
        super().__init__(
            scope,
            id_,
            env=env,
            tags=identity.tags,
            description=identity.description,
            stack_name=name,
        )
        self.template_options.metadata = {METADATA: identity.metadata}
        self.notifications = notifications or Notifications(
            self, "Notifications", app=settings.app, told=settings.notifications
        )
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
            SwitchWatch(self, "SwitchWatch", app=settings.app, notifications=self.notifications)
            for certificate, page in page_health.items():
                PageAlarm(self, f"PageAlarm{pascal_case(certificate)}", page=page, notifications=self.notifications)
        if not settings.servers:  # all of them are in further stacks
            return
        self._settings = settings
        # Asked for once: each question crosses to Node.
        domain_names = {name: one.distribution_domain_name for name, one in distributions.items()}
        self._switch_domain_name = domain_names[MAIN]
        self._hold_minutes = settings.timing.failback_hold_minutes
        self._gate = HealthGate(
            self, "Gate", app=settings.app, accept_outage=accept_outage, holds=self._hold_minutes > 0
        )
        self._switch_for_all = self._switch("SwitchOfAll", FOR_ALL)
        handover = Handover(self, "Handover")
        self._watched: list[Watched] = []
        for server in settings.servers:
            OverdueAlarm(
                self,
                free_id(self, f"Overdue{pascal_case(server.name)}", server.name),
                app=settings.app,
                switch=server.name,
                notifications=self.notifications,
            )
            health = self._health(server)
            for host in server.hosts:
                FailoverRecords(
                    self,
                    pascal_case(host.name),
                    host=host,
                    server=server,
                    ttl_seconds=settings.timing.ttl_seconds,
                    health=health[host],
                    handover=handover,
                    distribution_domain_name=domain_names[host.certificate],
                    page_health=page_health[host.certificate],
                )
        shown = sorted({host.certificate for server in settings.servers for host in server.hosts})
        Alarms(
            self,
            "Alarms",
            dashboard_name=dashboard_name,
            watched=self._watched,
            switch_for_all=self._switch_for_all,
            pages={certificate: distributions[certificate] for certificate in shown},
            page_health=[page_health[certificate] for certificate in shown],
            notifications=self.notifications,
        )

    def _health(self, server: Server) -> dict[Host, ServerHealth]:
        """Checks and switches, the gate that they must pass, and behind it what the record sets of a host go by.

        The gate stands before the calculated checks and not only before the record sets: when a check is replaced
        later, its successor has reported before a calculated check counts it.
        """
        answers = self._answers(server)
        switch = self._switch(f"Switch{pascal_case(server.name)}", server.name)
        switches = (switch, self._switch_for_all)
        down = {check: self._down(check) for checks in answers.values() for check in checks}
        holds = {check: self._hold(check, alarm) for check, alarm in down.items() if self._hold_minutes}
        gate = self._gate.gate(
            pascal_case(server.name),
            server=server.name,
            checks=[
                *(check.gated() for check in down),
                *(one.gated() for one in switches),
            ],
            alarms=[hold.gated() for hold in holds.values()],
        )
        health: dict[str, ServerHealth] = {}
        for id_, checks in answers.items():
            health[id_] = ServerHealth(
                self,
                free_id(self, f"Health{id_}", id_),
                name=f"{checks[0].name} on stage",
                children=[
                    *(check.health_check_id for check in checks),
                    *(one.health_check_id for one in switches),
                    *(holds[check].health_check_id for check in checks if check in holds),
                ],
            )
            health[id_].node.add_dependency(gate)
            self._watched += [Watched(_name(check), check, down[check], health[id_], switch) for check in checks]
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
                    CfnOutput(self, f"HealthCheckId{id_}", value=found[id_][0].health_check_id)
        return found

    def _down(self, check: HealthCheck) -> DownAlarm:
        return DownAlarm(
            self,
            free_id(self, f"Down{_name(check)}", _name(check)),
            app=self._settings.app,
            name=check.name,
            health_check_id=check.health_check_id,
            hold_minutes=self._hold_minutes,
        )

    def _hold(self, check: HealthCheck, down: DownAlarm) -> FailbackHold:
        return FailbackHold(self, free_id(self, f"Hold{_name(check)}", _name(check)), name=check.name, down=down)

    def _switch(self, id_: str, server: str) -> SwitchCheck:
        return SwitchCheck(
            self,
            free_id(self, id_, server),
            app=self._settings.app,
            server=server,
            timing=self._settings.timing,
            distribution_domain_name=self._switch_domain_name,
        )


def _name(check: HealthCheck) -> str:
    """What a health check has in its id, as has all that belongs to it: `Web`."""
    return check.id_.removeprefix(CHECK)


def _shared_by(server: Server, host: Host) -> str:
    """What a host's health check has in its id: `Web`, or `Web.Www.Example.Com` where it is the host's own."""
    shared = pascal_case(server.name)
    return f"{shared}.{pascal_case(host.name)}" if server.asks_for_itself(host) else shared
