"""Everything that operators are told about the servers, and the dashboard that they look at then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from .dashboard import Dashboard
from .down_alarm import DownAlarm
from .health_check import HealthCheck
from .logical_ids import free_id
from .notifications import Notifications
from .page_health import PageHealth
from .server_alarms import ServerAlarms
from .server_health import ServerHealth
from .switch_alarm import SwitchAlarm
from .switch_check import SwitchCheck


@dataclass(frozen=True)
class Watched:
    """A health check of a server, and what belongs to it."""

    id_: str
    """In the ids of constructs: `Web`."""
    check: HealthCheck
    down: DownAlarm
    health: ServerHealth
    """What its record sets go by."""
    switch: SwitchCheck


class Alarms(Construct):
    """All notices go to `notifications`; none of what happens while a switch is on."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        dashboard_name: str,
        watched: Sequence[Watched],
        switch_for_all: SwitchCheck,
        pages: Mapping[str, cloudfront.IDistribution],
        page_health: Sequence[PageHealth],
        notifications: Notifications,
    ) -> None:
        """`pages` are distributions by the names of their certificates."""
        super().__init__(scope, id_)
        minutes = max(one.down.minutes for one in watched)
        for_all = SwitchAlarm(self, "SwitchOfAll", switch=switch_for_all, down_minutes=minutes)
        # Checks of one server share its switch.
        planned = {
            switch: SwitchAlarm(self, switch.id_, switch=switch, down_minutes=minutes)
            for switch in dict.fromkeys(one.switch for one in watched)
        }
        outages = {
            one.id_: ServerAlarms(
                self,
                free_id(self, one.id_, one.id_, reserved={"Dashboard"}),
                check=one.check,
                down=one.down,
                switches=(planned[one.switch], for_all),
                notifications=notifications,
            ).outage
            for one in watched
        }
        Dashboard(
            self,
            "Dashboard",
            name=dashboard_name,
            checks={one.id_: one.check for one in watched},
            health={one.id_: one.health for one in watched},
            outages=[outages[id_] for id_ in sorted(outages)],
            pages=pages,
            page_health=page_health,
        )
