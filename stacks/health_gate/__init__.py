"""Between health checks and the record sets that go by them: a deploy waits here until each has really reported.

A new inverted check is unhealthy until it has data, and a new plain one healthy although its server may be
down: record sets attached at once would send people to the wrong place in the one case, and promise too much in
the other. See docs/decisions/0008-deploy-gate.md.
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
    """For whoever reads the error."""
    health_check_id: str
    expects: str
    """`answer`: its checkers must get an answer; `none`: they must get none, as at a switch that is off."""
    looks: int
    """Results in a row that each region must have reported."""
    asks: str
    """What it asks. Its text is a property of the gate, so that the gate opens anew when the check changes."""
    regions: Sequence[str] = CHECKER_REGIONS


@dataclass(frozen=True)
class GatedAlarm:
    """The alarm of a fail-back hold: in alarm, its server is on the page although it answers."""

    name: str
    """Of the health check that it watches, for whoever reads the error."""
    alarm_name: str
    hold_minutes: int


class HealthGate(Construct):
    """All gates of a stack; `gate` makes one."""

    def __init__(self, scope: Construct, id_: str, *, function: lambda_.IFunction, accept_outage: bool) -> None:
        """With `accept_outage` a server that is down, or a switch that is on, does not fail the deploy."""
        super().__init__(scope, id_)
        self._function = function
        self._accept_outage = accept_outage

    def gate(
        self, id_: str, *, server: str, checks: Sequence[GatedCheck], alarms: Sequence[GatedAlarm] = ()
    ) -> CfnResource:
        """A resource that exists only when every one of `checks` has reported and says that `server` works.

        And when none of `alarms` says that it has not worked for long enough.
        """
        return custom_resource(
            self,
            free_id(self, id_, server),
            type_="HealthGate",
            function=self._function,
            purpose=f"The deploy goes on when health checks have reported that {server} works",
            properties={
                "Server": server,
                "AcceptOutage": self._accept_outage,
                "Checks": [
                    {
                        "Name": check.name,
                        "HealthCheckId": check.health_check_id,
                        "Asks": check.asks,
                        "Expects": check.expects,
                        "Looks": check.looks,
                        "Regions": list(check.regions),
                    }
                    for check in checks
                ],
                # Left out where there is none: a property more would open every gate anew.
                **({"Alarms": [_alarm(alarm) for alarm in alarms]} if alarms else {}),
            },
        )


def _alarm(alarm: GatedAlarm) -> dict[str, object]:
    return {"Name": alarm.name, "AlarmName": alarm.alarm_name, "HoldMinutes": alarm.hold_minutes}
