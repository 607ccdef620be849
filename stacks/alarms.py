"""What operators are told about the servers, and the dashboard that they look at then."""

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
    """The health checks of a server, or of one of its hosts, and what its record sets go by."""

    id_: str
    """In the ids of constructs: `Web`."""
    checks: Sequence[HealthCheck]
    """One, or one for each address."""
    switches: Sequence[SwitchCheck]
    health_check_id: str
    """What its record sets go by."""


class Alarms(Construct):
    """Alarms of every check with `notifications`, silent while a switch is on; with a name a dashboard."""

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
        """`pages` are distributions by the names of their certificates."""
        super().__init__(scope, id_)
        outages = []
        if notifications:
            for switches, check in ((one.switches, check) for one in checked for check in one.checks):
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
