"""Custom::HealthGate: succeeds when Route 53's health checkers have reported that a server works.

Only results after the start count; earlier results may be of another configuration. So no clocks are compared. Regions
without results are ignored once most others have reported, as Route 53 ignores checkers that do not report.

GetHealthCheckStatus returns each checker's last result before any inversion, and no calculated checks.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html

This folder is deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aws_client
from aws_client import Context, left_seconds
from botocore.exceptions import ClientError

POLL_SECONDS = 2
RESERVE_SECONDS = 20
"""Reserved to answer CloudFormation."""
HEALTHY_SHARE = 0.18
"""An endpoint is healthy if more than this share of its checkers says so.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""
SILENCE_SECONDS = 60
"""For which missing regions are awaited after more than half have reported: several intervals of a checker."""
SHOWN_REASONS = 3
ALARM_POLLS = 90
"""Three minutes for the first evaluation of a new alarm."""
UNKNOWN = "INSUFFICIENT_DATA"
NOT_YET = {"NoSuchHealthCheck", "PriorRequestNotComplete", "Throttling", "ThrottlingException"}
"""Errors of a new health check, and of too many gates at a time."""


class HealthGateError(Exception):
    """The text is for CloudFormation's event."""


@dataclass
class _Reports:
    """The results of a health check since the start."""

    check: dict[str, Any]
    first: dict[str, str] | None = None
    """Checker → time of its result at the start."""
    times: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """(region, checker) → times of its results since."""
    last: dict[tuple[str, str], str] = field(default_factory=dict)
    """(region, checker) → its latest result, `Success: …` or `Failure: …`."""
    error: str = ""
    enough_since: float | None = None
    """Seconds left of the invocation when more than half of the regions had reported."""

    def add(self, observations: list[dict[str, Any]]) -> None:
        results = [
            (
                observation["Region"],
                observation["IPAddress"],
                str(observation["StatusReport"]["CheckedTime"]),
                observation["StatusReport"]["Status"],
            )
            for observation in observations
            if observation["Region"] in self.check["Regions"]
        ]
        if self.first is None:
            self.first = {checker: at for _, checker, at, _ in results}
        for region, checker, at, status in results:
            if self.first.get(checker) != at:
                self.times.setdefault((region, checker), set()).add(at)
                self.last[region, checker] = status

    def missing(self) -> list[str]:
        """Return the regions without enough results."""
        needed = int(self.check["Looks"])
        reported = {region for (region, _), times in self.times.items() if len(times) >= needed}
        return [region for region in self.check["Regions"] if region not in reported]

    def has_reported(self, left: float) -> bool:
        """Return whether every region has reported, or most regions more than `SILENCE_SECONDS` ago."""
        missing = self.missing()
        if 2 * len(missing) >= len(self.check["Regions"]):
            return False
        if self.enough_since is None:
            self.enough_since = left
        return not missing or self.enough_since - left >= SILENCE_SECONDS

    def silence(self) -> str:
        """Return the part of a message about regions that have not reported; empty if all have."""
        missing = self.missing()
        return f"; no results from {', '.join(missing)}" if missing else ""

    def fault(self) -> str | None:
        """Return why the deploy must not continue; None if it may."""
        successes = sum(status.startswith("Success") for status in self.last.values())
        answers = successes > HEALTHY_SHARE * len(self.last)
        if answers == (self.check["Expects"] == "answer"):
            return None
        verdict = "is down" if self.check["Expects"] == "answer" else "is on"
        counted = "; ".join(_counted(self.last.values()))
        return f"{self.check['Name']} {verdict} ({self.check['Asks']}): {counted}{self.silence()}"


def handle(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return the physical id when every check has reported from enough regions.

    Raise HealthGateError if a server is down, a switch is on, or checks have not reported in time.
    """
    properties = event["ResourceProperties"]
    answer = {"PhysicalResourceId": f"health-gate-{properties['Server']}"}
    # A rollback restores what was in use before; an error would leave the stack stuck.
    if event["RequestType"] == "Delete" or aws_client.is_rolling_back(_client("cloudformation"), event["StackId"]):
        return answer
    checks = [_Reports(check) for check in properties["Checks"]]
    _wait_for_reports(checks, context)
    for reports in checks:
        if silence := reports.silence():
            print(f"{reports.check['Name']}{silence}")
    faults = [fault for reports in checks if (fault := reports.fault())]
    faults += _holds(properties.get("Alarms", []), context)
    for fault in faults:
        print(fault)
    if faults and str(properties["AcceptOutage"]).lower() != "true":
        raise HealthGateError(
            f"{'. '.join(fault.rstrip('.') for fault in faults)}. DNS was not changed. Fix it and redeploy, or "
            "override with `--context accept_outage=true`: hosts whose checks fail are then on the maintenance page."
        )
    return answer


def _wait_for_reports(checks: list[_Reports], context: Context) -> None:
    while waiting := [reports for reports in checks if not reports.has_reported(left_seconds(context))]:
        for reports in waiting:
            _poll(reports)
        if all(reports.has_reported(left_seconds(context)) for reports in checks):
            return
        if left_seconds(context) < RESERVE_SECONDS + POLL_SECONDS:
            missing = [
                f"{reports.check['Name']}: {', '.join(reports.missing())} {reports.error}".strip()
                for reports in waiting
            ]
            raise HealthGateError(
                f"Health checks have not reported in time. DNS was not changed; deploy again. {'; '.join(missing)}"
            )
        time.sleep(POLL_SECONDS)


def _poll(reports: _Reports) -> None:
    try:
        answer = _client("route53").get_health_check_status(HealthCheckId=reports.check["HealthCheckId"])
    except ClientError as error:
        reports.error = str(error.response.get("Error", {}).get("Code"))
        if reports.error not in NOT_YET:
            raise
    else:
        reports.error = ""
        reports.add(answer["HealthCheckObservations"])


def _holds(alarms: list[dict[str, Any]], context: Context) -> list[str]:
    """Return a sentence for each fail-back hold that is in force.

    CloudWatch evaluates a new alarm within a minute or two. An alarm without an evaluation holds nothing.
    """
    states: dict[str, str] = {}
    for _ in range(ALARM_POLLS if alarms else 0):
        answer = _client("cloudwatch").describe_alarms(AlarmNames=[alarm["AlarmName"] for alarm in alarms])
        states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in answer["MetricAlarms"]}
        known = all(states.get(alarm["AlarmName"], UNKNOWN) != UNKNOWN for alarm in alarms)
        if known or left_seconds(context) < RESERVE_SECONDS + POLL_SECONDS:
            break
        time.sleep(POLL_SECONDS)
    return [
        f"{alarm['Name']} answers, but not yet for {alarm['HoldMinutes']} min (failback_hold_minutes)"
        for alarm in alarms
        if states.get(alarm["AlarmName"]) == "ALARM"
    ]


def _counted(statuses: Any) -> Iterator[str]:
    """Return the most frequent results, each with the number of its checkers."""
    for status, count in Counter(statuses).most_common(SHOWN_REASONS):
        yield f"{count} × {status}"


def _client(service: str) -> Any:
    return aws_client.client(service, aws_client.ADAPTIVE)
