"""Health checks: whether they ask what they should, and what they say."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from understudy_failover.contract import health_check_config
from understudy_failover.contract.down_alarm import alarm_name
from understudy_failover.contract.health_check_config import DEFAULTS, server_config, switch_config
from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.contract.switch import FOLDER, FOR_ALL
from understudy_failover.operations import aws
from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.repair.plan import check_key, name_key
from understudy_failover.operations.verify.deployment import ERRORS, Deployment
from understudy_failover.operations.verify.records import primaries
from understudy_failover.settings import Host, Server, Settings

SHOWN_REASONS = 3
SWITCHES: tuple[list[str], ...] = ([], ["switch"], ["both switches"])
"""By how many a server has."""
Config = dict[str, Any]


@dataclass
class Joined:
    """A calculated check, and what it watches, by the part that each plays."""

    identifier: str
    config: Config | None
    """None: there is no such check."""
    server: Server
    hosts: list[Host] = field(default_factory=list)
    switches: tuple[str, ...] = ()
    """What `Settings.switches_of` has of the server."""
    has_hold: bool = False
    """Whether the settings want a fail-back hold."""
    children: dict[str, str] = field(default_factory=dict)
    """Part → id: what `parts` lists, and what it watches beyond that."""
    gone: list[str] = field(default_factory=list)
    """Ids that it watches and nobody has."""

    @property
    def endpoints(self) -> list[str]:
        asked = self.server.addresses if self.server.health_check.per_address else self.server.addresses[:1]
        return [f"{ENDPOINT}{address}" for address in asked]

    @property
    def holds(self) -> list[str]:
        """Likewise of those that hold it back after an outage."""
        return [_hold_of(endpoint) for endpoint in self.endpoints] if self.has_hold else []

    @property
    def parts(self) -> list[str]:
        """Everything that it has to watch; the switches are called as their objects."""
        return [*self.endpoints, *self.holds, *self.switches]

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to calculate: the pair goes by the one check that asks the server."""
        return len(self.parts) == 1

    @property
    def subject(self) -> str:
        own = [host.name for host in self.hosts if self.server.has_own_check(host)]
        return f"{self.server.name} {own[0]}" if own else self.server.name

    def named(self, part: str) -> str:
        """A part for people; the address of an endpoint only where there are several."""
        kind, _, address = part.rpartition("/")
        whose = f"{self.subject} at {address}" if len(self.endpoints) > 1 else self.subject
        if not kind:
            return f"switch of {_whose(part)}"
        return f"hold of {whose}" if f"{kind}/" == HOLD else whose


ENDPOINT = "/endpoint/"
"""Begins the part of a check that asks the server, and the address follows; no name of a server holds a slash."""
HOLD = "/hold/"
"""Likewise of the check that holds the server's hosts on the page after that one failed."""
BEYOND = "/beyond/"
"""Begins the part of a check that should not be watched, and its id follows."""


def joined(deployment: Deployment) -> list[Joined]:
    checks = deployment.health_checks()
    by_check: dict[str, Joined] = {}
    for server, host in deployment.hosts:
        for record in primaries(deployment, server, host):
            identifier = record.raw.get("HealthCheckId")
            if not identifier:
                continue
            if identifier not in by_check:
                by_check[identifier] = _joined(identifier, checks, server, deployment.settings)
            if host not in by_check[identifier].hosts:
                by_check[identifier].hosts.append(host)
    return list(by_check.values())


def calculated(deployment: Deployment) -> Iterator[Finding]:
    """The check of a pair combines the server's checks, their holds and both switches."""
    for pair in joined(deployment):
        subject = pair.subject
        checks = (pair.identifier, *pair.children.values(), *pair.gone)
        keys = (*map(check_key, checks), *(name_key(host.name) for host in pair.hosts))
        if pair.config is None:
            yield failed(
                "check-missing",
                subject,
                f"health check {pair.identifier} does not exist: the pair never fails over",
                deployment.cure(*keys),
            )
            continue
        if pair.is_single:
            yield passed(subject, "server alone")
            continue
        wrong = list(_wrong_calculated(pair))
        watched = ["server", *(["hold"] if pair.has_hold else []), *SWITCHES[len(pair.switches)]]
        yield (
            failed("calculated-check-wrong", subject, "; ".join(wrong), deployment.cure(*keys))
            if wrong
            else passed(subject, _in_words(watched))
        )


def servers(deployment: Deployment) -> Iterator[Finding]:
    """The servers' checks are as in the settings, and those of holds follow their alarms."""
    checks = deployment.health_checks()
    for pair in joined(deployment):
        if pair.config is None:
            continue
        host = next((host for host in pair.hosts if pair.server.has_own_check(host)), None)
        for part in pair.endpoints:
            address = part.removeprefix(ENDPOINT)
            yield from _compared(
                deployment, pair, part, checks, _wanted_of_server(deployment, pair.server, host, address)
            )
            if pair.has_hold and part in pair.children:
                yield from _compared(
                    deployment, pair, _hold_of(part), checks, _wanted_of_hold(deployment, pair.children[part])
                )


def switches(deployment: Deployment) -> Iterator[Finding]:
    """The switches' checks request their objects, inverted."""
    checks = deployment.health_checks()
    compared: set[str] = set()
    for pair in joined(deployment):
        if pair.config is None:
            continue
        for part in pair.switches:
            if pair.children.get(part) not in compared:
                yield from _compared(
                    deployment, pair, part, checks, wanted(switch_config(part, deployment.domain_name()))
                )
                compared.add(pair.children.get(part, ""))


def server_verdicts(deployment: Deployment) -> Iterator[Finding]:
    """The checkers of each region find the server healthy."""
    checks = deployment.health_checks()
    for pair, part in ((each, part) for each in joined(deployment) for part in each.endpoints):
        identifier = pair.children.get(part)
        if identifier is None or _true(checks[identifier].get("Disabled")):
            continue  # named by `servers`
        healthy, statuses = verdict(deployment, identifier)
        subject = pair.named(part)
        if healthy is None:
            yield unknown("server-not-reported", subject, "no checker has reported yet", "try again in a minute")
        elif healthy:
            yield passed(subject, statuses)
        else:
            yield failed(
                "server-down",
                subject,
                f"is down: {statuses}",
                "does the server answer, and let Route 53's checkers in?",
            )


def switch_verdicts(deployment: Deployment) -> Iterator[Finding]:
    """The checkers find every switch off: a success means on."""
    checks = deployment.health_checks()
    reported: set[str] = set()
    for pair in joined(deployment):
        for part in pair.switches:
            identifier = pair.children.get(part)
            if identifier is None or identifier in reported or _true(checks[identifier].get("Disabled")):
                continue
            reported.add(identifier)
            is_on, statuses = verdict(deployment, identifier)
            subject = pair.named(part)
            if is_on is None:
                yield unknown("switch-not-reported", subject, "no checker has reported yet", "try again in a minute")
            elif is_on:
                yield failed(
                    "switch-seen-on",
                    subject,
                    f"is on: {statuses}",
                    f"`understudy maintenance off {off(part)} --apply` turns it off",
                )
            else:
                yield passed(subject, f"off: {statuses}")


def verdict(deployment: Deployment, identifier: str) -> tuple[bool | None, str]:
    """Whether an endpoint answers, before any inversion, and how its checkers say so; None without data."""
    answer = deployment.client("route53").get_health_check_status(HealthCheckId=identifier)
    observations = answer["HealthCheckObservations"]
    if not observations:
        return None, ""
    statuses = [observation["StatusReport"]["Status"] for observation in observations]
    successes = sum(status.startswith("Success") for status in statuses)
    failing = sorted(
        {
            observation["Region"]
            for observation in observations
            if observation["StatusReport"]["Status"].startswith("Failure")
        }
    )
    reasons = "; ".join(f"{count} × {status}" for status, count in Counter(statuses).most_common(SHOWN_REASONS))
    where = f" (failing from {', '.join(failing)})" if failing and successes else ""
    return successes > HEALTHY_SHARE * len(statuses), reasons + where


def differing(config: Config, wanted: Config) -> list[str]:
    return [
        f"{name} is {_value(config.get(name)) or 'not set'} instead of {value or 'not set'}"
        for name, value in wanted.items()
        if (_value(config.get(name)) or _value(DEFAULTS.get(name))) != value
    ]


def unhealthy_part_since(deployment: Deployment, own: Joined, part: str, now: datetime) -> datetime | None:
    """Since when the check of a part has been unhealthy; None where it is healthy, or where that is unknown."""
    if part not in own.children:
        return None
    try:
        return unhealthy_since(deployment.client("cloudwatch"), own.children[part], now)
    except ERRORS:
        return None


def held_since(deployment: Deployment, host: Host) -> datetime | None:
    """Since when the hold alone has kept a host on the page, its server being healthy; None where it does not."""
    own = next((pair for pair in joined(deployment) if host in pair.hosts), None)
    if own is None or not own.holds:
        return None
    asked = [own.children.get(part, "") for part in own.endpoints]
    if not all(identifier and verdict(deployment, identifier)[0] for identifier in asked):
        return None
    return max(
        filter(None, (unhealthy_part_since(deployment, own, part, deployment.now()) for part in own.holds)),
        default=None,
    )


def _in_words(parts: list[str]) -> str:
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last


def _joined(identifier: str, checks: dict[str, Config], server: Server, settings: Settings) -> Joined:
    pair = Joined(
        identifier,
        checks.get(identifier),
        server,
        switches=settings.switches_of(server),
        has_hold=settings.timing.failback_hold_minutes > 0,
    )
    if pair.is_single:
        pair.children = {pair.parts[0]: identifier} if pair.config else {}
        return pair
    asked, alarmed = {}, {}
    for child in (pair.config or {}).get("ChildHealthChecks", []):
        path = str(checks.get(child, {}).get("ResourcePath", ""))
        if child not in checks:
            pair.gone.append(child)
        elif checks[child]["Type"] == "CLOUDWATCH_METRIC":
            alarmed[child] = str(checks[child]["AlarmIdentifier"]["Name"])
        elif path.startswith(f"/{FOLDER}"):
            pair.children[path.removeprefix(f"/{FOLDER}")] = child
        else:
            asked[child] = f"{ENDPOINT}{checks[child].get('IPAddress', '')}"
    pair.children |= _played(asked, {part: part for part in pair.endpoints})
    hold_minutes = settings.timing.failback_hold_minutes
    alarms = {
        _hold_of(part): alarm_name(settings.app, pair.children.get(part, ""), hold_minutes)
        for part in (pair.endpoints if pair.has_hold else [])
    }
    pair.children |= _played(alarmed, alarms)
    return pair


def _played(checks: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    """Which of `checks` plays which part: whoever has what the part wants; then in turn, as nobody else is left."""
    ids = {part: next((id_ for id_, has in checks.items() if has == value), "") for part, value in wanted.items()}
    left = [id_ for id_ in checks if id_ not in ids.values()]
    for part in [part for part, id_ in ids.items() if not id_]:
        ids[part] = left.pop(0) if left else ""
    return {part: id_ for part, id_ in ids.items() if id_} | {f"{BEYOND}{id_}": id_ for id_ in left}


def _wrong_calculated(pair: Joined) -> Iterator[str]:
    assert pair.config is not None
    children = pair.config.get("ChildHealthChecks", [])
    if pair.config["Type"] != "CALCULATED":
        yield f"is of type {pair.config['Type']} instead of CALCULATED"
        return
    if _true(pair.config.get("Inverted")) or _true(pair.config.get("Disabled")):
        yield "is inverted or disabled"
    # What is deleted is named where it belongs; here only what is not watched although it may be there.
    missing = [part for part in pair.parts if part not in pair.children]
    if len(missing) > len(pair.gone):
        yield f"does not watch {', '.join(_part(pair, part) for part in missing)}"
    foreign = sorted(pair.children.keys() - set(pair.parts))
    if foreign:
        yield f"watches {', '.join(_part(pair, part) for part in foreign)}"
    if int(pair.config.get("HealthThreshold", 0)) != len(children) and len(children) >= 3:
        yield f"is healthy with {pair.config.get('HealthThreshold')} of {len(children)}"


def _compared(
    deployment: Deployment, pair: Joined, part: str, checks: dict[str, Config], wanted: Config
) -> Iterator[Finding]:
    subject = pair.named(part)
    identifier = pair.children.get(part)
    if identifier is None:
        if pair.gone:
            keys = map(check_key, (*pair.gone, pair.identifier))
            yield failed(
                "check-deleted",
                subject,
                f"the check is deleted; {', '.join(pair.gone)} does not exist",
                deployment.cure(*keys),
            )
        return
    config = checks[identifier]
    wrong = differing(config, wanted)
    if wrong:
        yield failed(
            "check-differs",
            subject,
            "; ".join(wrong),
            deployment.cure(check_key(identifier), check_key(pair.identifier)),
        )
    else:
        yield passed(subject, "as declared")


def _wanted_of_server(deployment: Deployment, server: Server, host: Host | None, address: str) -> Config:
    name = host.name if host else server.health_check.host_name
    return wanted(server_config(server.health_check, deployment.settings.timing, address=address, host_name=name))


def wanted(config: health_check_config.Config) -> Config:
    """Return every value of a declared configuration as text, with the defaults of what may be changed by hand."""
    return {key: _value(value) for key, value in {**DEFAULTS, "IPAddress": "", "SearchString": "", **config}.items()}


def _wanted_of_hold(deployment: Deployment, endpoint: str) -> Config:
    settings = deployment.settings
    name = alarm_name(settings.app, endpoint, settings.timing.failback_hold_minutes)
    return {
        "Disabled": "false",
        "Inverted": "false",
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": _value({"Name": name, "Region": aws.REGION}),
        "InsufficientDataHealthStatus": "Healthy",
    }


def _value(value: object) -> str:
    """As text, whatever type the API has for it; what is left out is off or empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return json.dumps(sorted(value))
    if isinstance(value, dict):  # of an alarm
        return f"{value['Name']} of {value['Region']}"
    return "" if value is None else str(value)


def _true(value: object) -> bool:
    return _value(value) == "true"


def off(part: str) -> str:
    """How `maintenance off` names a switch."""
    return "--all" if part == FOR_ALL else part


def _whose(part: str) -> str:
    return "all servers" if part == FOR_ALL else part


def _part(pair: Joined, part: str) -> str:
    if part.startswith(BEYOND):
        return f"check {part.removeprefix(BEYOND)}, of which the settings know nothing"
    return f"the {pair.named(part)}" if part not in pair.endpoints else f"server {pair.named(part)}"


def _hold_of(endpoint: str) -> str:
    return HOLD + endpoint.removeprefix(ENDPOINT)


SPAN = timedelta(hours=24)
"""1,440 minutes are the most that one call answers."""
PERIOD_SECONDS = 60


def unhealthy_since(cloudwatch: Any, health_check: str, now: datetime) -> datetime | None:
    """Return the first unhealthy minute; None where CloudWatch has no data, or the check is healthy."""
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": health_check}],
        StartTime=now - SPAN,
        EndTime=now,
        Period=PERIOD_SECONDS,
        Statistics=["Minimum"],
    )
    return began((point["Timestamp"], point["Minimum"]) for point in answer["Datapoints"])


def began(points: Iterable[tuple[datetime, float]]) -> datetime | None:
    """Return the first of the last run of zeros; None where the last value is not zero, or there is none."""
    since = None
    for at, value in sorted(points, reverse=True):
        if value:
            break
        since = at
    return since
