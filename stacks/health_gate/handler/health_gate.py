"""Custom::HealthGate: succeeds when Route 53's health checks have really reported, and well.

What counts is what the checkers see from now on; results from before, of another configuration perhaps, are passed
over. So no clock is compared with another. Regions that stay silent while most others have reported are left out, as
Route 53 leaves out checkers that do not report.

GetHealthCheckStatus answers each checker's last result, before any inversion, and not for calculated checks.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html

This folder is deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import aws_client
from botocore.config import Config
from botocore.exceptions import ClientError

POLL_SECONDS = 2
RESERVE_SECONDS = 20
"""Kept from the Lambda's time to answer CloudFormation."""
HEALTHY_SHARE = 0.18
"""An endpoint is healthy if more than this share of its checkers says so.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""
SILENCE_SECONDS = 60
"""How long regions may stay silent after more than half of them have reported: several intervals of a checker."""
SHOWN_REASONS = 3
ALARM_LOOKS = 90
"""Three minutes of looking whether a new alarm has been evaluated."""
UNKNOWN = "INSUFFICIENT_DATA"
NOT_YET = {"NoSuchHealthCheck", "PriorRequestNotComplete", "Throttling", "ThrottlingException"}
"""Errors of a health check that was made a moment ago, and of too many gates at once."""

# Route 53 answers five requests a second for a whole account; `adaptive` keeps to what it gets.
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "adaptive", "total_max_attempts": 8})


class HealthGateError(Exception):
    """Text for CloudFormation's event: which check, and what its checkers say."""


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Time left until Lambda ends this invocation."""


@dataclass
class _Seen:
    """What was seen of one health check."""

    check: dict[str, Any]
    first: dict[str, str] | None = None
    """Checker → time of the result that it had when this began."""
    times: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """(region, checker) → times of the results since."""
    last: dict[tuple[str, str], str] = field(default_factory=dict)
    """(region, checker) → its latest result, `Success: …` or `Failure: …`."""
    error: str = ""
    enough_since: float | None = None
    """Milliseconds that were left of the invocation when more than half of its regions had reported."""

    def note(self, observations: list[dict[str, Any]]) -> None:
        results = [
            (one["Region"], one["IPAddress"], str(one["StatusReport"]["CheckedTime"]), one["StatusReport"]["Status"])
            for one in observations
            if one["Region"] in self.check["Regions"]
        ]
        if self.first is None:
            self.first = {checker: at for _, checker, at, _ in results}
        for region, checker, at, status in results:
            if self.first.get(checker) != at:
                self.times.setdefault((region, checker), set()).add(at)
                self.last[region, checker] = status

    def missing(self) -> list[str]:
        """Regions without enough results yet."""
        looks = int(self.check["Looks"])
        reported = {region for (region, _), times in self.times.items() if len(times) >= looks}
        return [region for region in self.check["Regions"] if region not in reported]

    def has_reported(self, left_milliseconds: float) -> bool:
        """Whether every region has reported, or most of them so long ago that the others count as silent."""
        missing = self.missing()
        if 2 * len(missing) >= len(self.check["Regions"]):
            return False
        if self.enough_since is None:
            self.enough_since = left_milliseconds
        return not missing or self.enough_since - left_milliseconds >= SILENCE_SECONDS * 1_000

    def silence(self) -> str:
        """Which regions have not reported; empty where all have."""
        missing = self.missing()
        return f"; no results from {', '.join(missing)}" if missing else ""

    def fault(self) -> str | None:
        """What its checkers say against going on; None where nothing."""
        successes = sum(status.startswith("Success") for status in self.last.values())
        answers = successes > HEALTHY_SHARE * len(self.last)
        if answers == (self.check["Expects"] == "answer"):
            return None
        verdict = "is down" if self.check["Expects"] == "answer" else "is on"
        counted = "; ".join(_counted(self.last.values()))
        return f"{self.check['Name']} {verdict} ({self.check['Asks']}): {counted}{self.silence()}"


def handle(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return the physical id, as soon as every check has reported from enough regions.

    Raises:
        HealthGateError: a server is down, a switch is on, or checks have not reported in time.
    """
    properties = event["ResourceProperties"]
    answer = {"PhysicalResourceId": f"health-gate-{properties['Server']}"}
    # A roll-back leads to what was in use before; to refuse that would leave the stack stuck half way.
    if event["RequestType"] == "Delete" or _is_rolling_back(event["StackId"]):
        return answer
    seen = [_Seen(check) for check in properties["Checks"]]
    _wait_for_reports(seen, context)
    for one in seen:
        if silence := one.silence():
            print(f"{one.check['Name']}{silence}")
    faults = [fault for one in seen if (fault := one.fault())]
    faults += _held(properties.get("Alarms", []), context)
    for fault in faults:
        print(fault)
    if faults and str(properties["AcceptOutage"]).lower() != "true":
        raise HealthGateError(
            f"{'. '.join(fault.rstrip('.') for fault in faults)}. DNS was not touched. Fix it and redeploy, or "
            "override with `--context accept_outage=true`: hosts whose checks fail are then on the maintenance page."
        )
    return answer


def _wait_for_reports(seen: list[_Seen], context: Context) -> None:
    while waiting := [one for one in seen if not one.has_reported(context.get_remaining_time_in_millis())]:
        for one in waiting:
            _look(one)
        if all(one.has_reported(context.get_remaining_time_in_millis()) for one in seen):
            return
        if context.get_remaining_time_in_millis() / 1000 < RESERVE_SECONDS + POLL_SECONDS:
            missing = [f"{one.check['Name']}: {', '.join(one.missing())} {one.error}".strip() for one in waiting]
            raise HealthGateError(
                f"Health checks have not reported in time. DNS was not touched; deploy again. {'; '.join(missing)}"
            )
        time.sleep(POLL_SECONDS)


def _look(seen: _Seen) -> None:
    try:
        answer = _client("route53").get_health_check_status(HealthCheckId=seen.check["HealthCheckId"])
    except ClientError as error:
        seen.error = str(error.response.get("Error", {}).get("Code"))
        if seen.error not in NOT_YET:
            raise
    else:
        seen.error = ""
        seen.note(answer["HealthCheckObservations"])


def _held(alarms: list[dict[str, Any]], context: Context) -> list[str]:
    """Of each hold that is in force a sentence.

    A new alarm is evaluated within a minute or two. One that is not is let pass: without data nothing is held.
    """
    states: dict[str, str] = {}
    for _ in range(ALARM_LOOKS if alarms else 0):
        answer = _client("cloudwatch").describe_alarms(AlarmNames=[one["AlarmName"] for one in alarms])
        states = {one["AlarmName"]: one["StateValue"] for one in answer["MetricAlarms"]}
        known = all(states.get(one["AlarmName"], UNKNOWN) != UNKNOWN for one in alarms)
        if known or context.get_remaining_time_in_millis() / 1000 < RESERVE_SECONDS + POLL_SECONDS:
            break
        time.sleep(POLL_SECONDS)
    return [
        f"{one['Name']} answers, but has not done so for the {one['HoldMinutes']} min of failback_hold_minutes yet"
        for one in alarms
        if states.get(one["AlarmName"]) == "ALARM"
    ]


def _is_rolling_back(stack_id: str) -> bool:
    (stack,) = _client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stack["StackStatus"]


def _counted(statuses: Any) -> Iterator[str]:
    """The most frequent reasons, each with the number of checkers that give it."""
    for status, count in Counter(statuses).most_common(SHOWN_REASONS):
        yield f"{count} × {status}"


def _client(service: str) -> Any:
    return aws_client.client(service, CONFIG)
