"""The gate between health checks and the record sets that follow them: a deploy waits until each check has reported.

Until it has data, a new inverted check is unhealthy, and any other new check is healthy although its server may be
down. Record sets that followed such a check would send clients to the wrong place.
See docs/decisions/0008-deploy-gate.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import CfnResource, aws_lambda as lambda_
from constructs import Construct

from understudy_failover.contract.regions import CHECKER_REGIONS

from ..custom_resource import custom_resource
from ..logical_ids import free_id

HANDLER = Path(__file__).parent / "handler"


@dataclass(frozen=True)
class GatedCheck:
    """A health check that has to report before the deploy goes on."""

    name: str
    """For the error message."""
    health_check_id: str
    expects: str
    """`answer`: its checkers must get an answer; `none`: they must get none, because the switch is off."""
    results: int
    """Results in a row that each region must have reported."""
    request: str
    """A property of the gate, so that the gate runs again when the check changes."""
    regions: Sequence[str] = CHECKER_REGIONS


@dataclass(frozen=True)
class GatedAlarm:
    """The alarm of a fail-back hold: in alarm, clients get the page although the server answers."""

    name: str
    """The name of the health check, for the error message."""
    alarm_name: str
    hold_minutes: int


class HealthGate(Construct):
    """All gates of a stack."""

    def __init__(self, scope: Construct, id_: str, *, function: lambda_.IFunction, accept_outage: bool) -> None:
        """With `accept_outage` a server that is down, or a switch that is on, does not fail the deploy."""
        super().__init__(scope, id_)
        self._function = function
        self._accept_outage = accept_outage

    def gate(
        self, id_: str, *, server: str, checks: Sequence[GatedCheck], alarms: Sequence[GatedAlarm] = ()
    ) -> CfnResource:
        """Return a resource whose creation waits for `checks`; it fails if `server` is down or an alarm holds it."""
        return custom_resource(
            self,
            free_id(self, id_, server),
            type_="HealthGate",
            function=self._function,
            purpose=f"Stops the deploy until the health checks have reported that {server} works",
            properties={
                "Server": server,
                "AcceptOutage": self._accept_outage,
                "Checks": [
                    {
                        "Name": check.name,
                        "HealthCheckId": check.health_check_id,
                        "Asks": check.request,
                        "Expects": check.expects,
                        "Looks": check.results,
                        "Regions": list(check.regions),
                    }
                    for check in checks
                ],
                # Omitted without alarms: an additional property would run every gate again.
                **({"Alarms": [_alarm(alarm) for alarm in alarms]} if alarms else {}),
            },
        )


def _alarm(alarm: GatedAlarm) -> dict[str, object]:
    return {"Name": alarm.name, "AlarmName": alarm.alarm_name, "HoldMinutes": alarm.hold_minutes}
