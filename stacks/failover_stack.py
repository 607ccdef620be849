"""What decides, request by request, between a server and the maintenance page: data plane alone."""

from aws_cdk import CfnOutput, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from settings import Host, Server, Settings
from settings.switch import FOR_ALL
from stacks.alarms import Alarms, Watched
from stacks.down_alarm import DownAlarm
from stacks.expiry_watch import ExpiryWatch
from stacks.failback_hold import FailbackHold
from stacks.failover_records import FailoverRecords
from stacks.health_check import HealthCheck
from stacks.health_gate import HealthGate
from stacks.logical_ids import pascal_case
from stacks.notifications import Notifications
from stacks.server_health import ServerHealth
from stacks.switch_check import SwitchCheck
from stacks.switch_watch import SwitchWatch


class FailoverStack(Stack):
    """Per server: does it answer, is its switch off; together with the switch for all, its record sets' health.

    Beside them what operators are told: alarms, and watches over certificates and switches.
    """

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
        notifications = Notifications(self, "Notifications", app=settings.app, told=settings.notifications)
        ExpiryWatch(
            self,
            "ExpiryWatch",
            app=settings.app,
            servers=settings.servers,
            distribution=distribution,
            notifications=notifications,
        )
        SwitchWatch(self, "SwitchWatch", app=settings.app, servers=settings.servers, notifications=notifications)
        self._settings = settings
        self._distribution = distribution
        self._hold_minutes = settings.timing.failback_hold_minutes
        self._gate = HealthGate(
            self, "Gate", app=settings.app, accept_outage=accept_outage, holds=self._hold_minutes > 0
        )
        self._switch_for_all = self._switch("SwitchOfAll", FOR_ALL)
        self._watched: list[Watched] = []
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
                    distribution=distribution,
                )
        Alarms(
            self,
            "Alarms",
            app=settings.app,
            watched=self._watched,
            switch_for_all=self._switch_for_all,
            distribution=distribution,
            notifications=notifications,
        )

    def _health(self, server: Server) -> dict[Host, ServerHealth]:
        """Checks and switches, the gate that they must pass, and behind it what the record sets of a host go by.

        The gate stands before the calculated checks and not only before the record sets: when a check is replaced
        later, its successor has reported before a calculated check counts it.
        """
        answers = self._answers(server)
        switch = self._switch(f"Switch{pascal_case(server.name)}", server.name)
        switches = (switch, self._switch_for_all)
        down = {id_: self._down(id_, check) for id_, check in answers.items()}
        holds = {id_: self._hold(id_, check, down[id_]) for id_, check in answers.items() if self._hold_minutes}
        gate = self._gate.gate(
            pascal_case(server.name),
            server=server.name,
            checks=[
                *(check.gated() for check in answers.values()),
                *(one.gated() for one in switches),
            ],
            alarms=[hold.gated() for hold in holds.values()],
        )
        health = {}
        for id_, check in answers.items():
            health[id_] = ServerHealth(
                self,
                f"Health{id_}",
                name=f"{check.name} on stage",
                children=[
                    check.health_check_id,
                    *(one.health_check_id for one in switches),
                    *(hold.health_check_id for held, hold in holds.items() if held == id_),
                ],
            )
            health[id_].node.add_dependency(gate)
            self._watched.append(Watched(id_, check, down[id_], health[id_], switch))
        return {host: health[_shared_by(server, host)] for host in server.hosts}

    def _answers(self, server: Server) -> dict[str, HealthCheck]:
        """The health checks that ask the server: one for all its hosts, or one for each that is no wildcard."""
        found: dict[str, HealthCheck] = {}
        for host in server.hosts:
            id_ = _shared_by(server, host)
            if id_ not in found:
                found[id_] = HealthCheck(
                    self,
                    f"HealthCheck{id_}",
                    app=self._settings.app,
                    server=server,
                    timing=self._settings.timing,
                    host=host if server.asks_for_itself(host) else None,
                )
                if not server.asks_for_itself(host):
                    CfnOutput(self, f"HealthCheckId{id_}", value=found[id_].health_check_id)
        return found

    def _down(self, id_: str, check: HealthCheck) -> DownAlarm:
        return DownAlarm(
            self,
            f"Down{id_}",
            app=self._settings.app,
            name=check.name,
            health_check_id=check.health_check_id,
            hold_minutes=self._hold_minutes,
        )

    def _hold(self, id_: str, check: HealthCheck, down: DownAlarm) -> FailbackHold:
        return FailbackHold(self, f"Hold{id_}", name=check.name, down=down)

    def _switch(self, id_: str, server: str) -> SwitchCheck:
        return SwitchCheck(
            self,
            id_,
            app=self._settings.app,
            server=server,
            timing=self._settings.timing,
            distribution=self._distribution,
        )


def _shared_by(server: Server, host: Host) -> str:
    """What a host's health check has in its id: `Web`, or `Web.Www.Example.Com` where it is the host's own."""
    shared = pascal_case(server.name)
    return f"{shared}.{pascal_case(host.name)}" if server.asks_for_itself(host) else shared
