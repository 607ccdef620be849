"""The alarms of the servers, and the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from .dashboard import Dashboard
from .health_check import HealthCheck
from .logical_ids import free_id
from .notifications import Notifications
from .page_health import PageHealth
from .server_alarms import ServerAlarms
from .switch_check import SwitchCheck


@dataclass(frozen=True)
class Checked:
    """The health checks of a server, or of one of its hosts."""

    id_: str
    """Part of the ids of constructs: `Web`."""
    checks: Sequence[HealthCheck]
    """One, or one for each address."""
    switches: Sequence[SwitchCheck]
    health_check_id: str
    """The check that the record sets follow."""


class Alarms(Construct):
    """The alarms of every check, with `notifications`; a dashboard, with `dashboard_name`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        checked: Sequence[Checked],
        hold_minutes: int,
        notifications: Notifications | None,
        dashboard_name: str | None,
        pages: Mapping[str, cloudfront.IDistribution],
        page_health: Sequence[PageHealth],
    ) -> None:
        """`pages` are distributions by the names of certificates."""
        super().__init__(scope, id_)
        outages = []
        if notifications:
            for switches, check in ((unit.switches, check) for unit in checked for check in unit.checks):
                id_ = check.id_.removeprefix("HealthCheck")
                alarms = ServerAlarms(
                    self,
                    free_id(self, id_, id_, reserved={"Dashboard"}),
                    check=check,
                    hold_minutes=hold_minutes,
                    switches=switches,
                    notifications=notifications,
                )
                outages.append(alarms.outage)
        if dashboard_name:
            Dashboard(
                self,
                "Dashboard",
                name=dashboard_name,
                checked=checked,
                outages=outages,
                pages=pages,
                page_health=page_health,
            )
