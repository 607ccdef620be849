"""Where failover.toml differs from what is deployed, in what a switch or a drill says: hosts, TTL, thresholds, hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy_failover.operations.review.change import HEALTH_CHECK, listed, properties
from understudy_failover.operations.review.checks import SWITCH, holds, label, owner
from understudy_failover.operations.review.records import HostRecords, host_records
from understudy_failover.operations.review.templates import Resources, deployed
from understudy_failover.settings import Settings
from understudy_failover.settings.sharding import stack_name

DEPLOY_OR_UNDO = "deploy it with `cdk deploy --all`, or undo the edit"


def undeployed(cloudformation: Any, settings: Settings, *, ttls: bool = True) -> list[str]:
    """Return what `differences` finds in the deployed failover stacks; `cloudformation` is a boto3 client.

    Needs cloudformation:GetTemplate. Raise BotoCoreError, ClientError: CloudFormation refuses, or cannot be reached.
    """
    names = [stack_name(settings.app, "failover", name) for name in settings.stack_names]
    return list(differences(settings, deployed(cloudformation, names), ttls=ttls))


def differences(settings: Settings, resources: Resources, *, ttls: bool = True) -> Iterator[str]:
    """Yield a sentence for each difference between `settings` and the deployed failover stacks.

    Without `ttls`, of TTLs nothing is said: the caller compares those of Route 53 itself.
    """
    records = host_records(resources)
    if not records:
        yield "no host fails over yet: the failover stack is not deployed"
        return
    yield from _hosts(settings, records)
    if ttls:
        yield from _ttls(settings, records)
    yield from _checks(settings, resources)
    declared_minutes = settings.timing.failback_hold_minutes
    deployed_minutes = {owner(check): minutes for check, minutes in holds(resources).items()}
    deployed_servers = {host.server for host in records.values()}
    for server in settings.servers:
        minutes = deployed_minutes.get(server.name, 0)
        if server.name in deployed_servers and minutes != declared_minutes:
            yield f"failback_hold_minutes of {server.name}: deployed {minutes}, failover.toml {declared_minutes}"


def _hosts(settings: Settings, records: Mapping[str, HostRecords]) -> Iterator[str]:
    for server in settings.servers:
        names = [host.name for host in server.hosts]
        if new := [name for name in names if name not in records]:
            yield f"in failover.toml and not deployed, so without failover: {listed(new)} ({server.name})"
        for name in names:
            if name in records and records[name].server not in {server.name, ""}:
                yield f"{name}: deployed at {records[name].server}, in failover.toml at {server.name}"
    gone: dict[str, list[str]] = {}
    for name in sorted(records.keys() - set(settings.host_names)):
        gone.setdefault(records[name].server, []).append(name)
    for server_name, names in gone.items():
        yield f"deployed and not in failover.toml, so failing over with {server_name}: {listed(names)}"


def _ttls(settings: Settings, records: Mapping[str, HostRecords]) -> Iterator[str]:
    declared = str(settings.timing.ttl_seconds)
    hosts: dict[str, list[str]] = {}
    for name in settings.host_names:
        for ttl in {*records[name].ttls.values()} - {declared} if name in records else ():
            hosts.setdefault(ttl, []).append(name)
    for ttl, names in sorted(hosts.items()):
        yield f"TTL of {listed(names)}: deployed {ttl} s, failover.toml {declared} s"


def _checks(settings: Settings, resources: Resources) -> Iterator[str]:
    declared = {
        "RequestInterval": ("request_interval_seconds", settings.timing.request_interval_seconds),
        "FailureThreshold": ("failure_threshold", settings.timing.failure_threshold),
    }
    names = {server.name for server in settings.servers}
    changed: dict[str, None] = {}
    for key, resource in resources.items():
        if resource["Type"] != HEALTH_CHECK:
            continue
        name = label(key, resource)
        if name.startswith(SWITCH) or owner(name) not in names:  # a switch's threshold is no setting
            continue
        config = properties(resource).get("HealthCheckConfig", {})
        for member, (setting, value) in declared.items():
            if config.get(member, value) != value:
                changed[f"{setting} of {owner(name)}: deployed {config[member]}, failover.toml {value}"] = None
    yield from changed
