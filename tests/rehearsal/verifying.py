"""`verify` on a test bed, in this process, and ways to break what is deployed and put it back."""

import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.account import log_in
from tests.rehearsal.looking import wait
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.emulator.health_checkers import POLL_REAL_SECONDS
from understudy_failover.operations import aws as operations_aws
from understudy_failover.operations.finding import Finding, Verdict
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.verify.command import examine
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import Settings
from understudy_failover.settings.sharding import MAIN

QUICK = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
"""A fault that is meant need not be waited for."""


def reach_of(bed: RehearsalBed) -> Reach:
    """Return how the commands reach the test bed's world, as `make up` prints it."""
    return Reach(
        name_server=bed.aws.nameserver,
        resolvers=(bed.aws.resolver,),
        proxy=bed.aws.gateway,
        trust=ssl.create_default_context(cafile=str(bed.certificate_authority)),
    )


@contextmanager
def account_of(bed: RehearsalBed) -> Iterator[None]:
    """This process's AWS is the test bed's."""
    with pytest.MonkeyPatch.context() as patch:
        log_in(patch, bed.aws)
        patch.setattr(operations_aws, "CONFIG", QUICK)
        yield


def findings(
    bed: RehearsalBed, *, settings: Settings | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Finding]:
    """Return everything that `verify` finds."""
    with account_of(bed):
        return examine(Deployment(settings or bed.settings, reach_of(bed), now=now))


def named(all_findings: list[Finding]) -> dict[str, str]:
    """Return the checks with findings that did not pass, each with its worst verdict."""
    result: dict[str, str] = {}
    for finding in all_findings:
        if finding.verdict is Verdict.FAILED or (finding.verdict is Verdict.UNKNOWN and finding.check not in result):
            result[finding.check] = str(finding.verdict)
    return result


def operations(root: Path, bed: RehearsalBed, *words: str, options: bool = True) -> subprocess.CompletedProcess[str]:
    """`understudy …`, with the options that `make up` prints where it has them."""
    return subprocess.run(
        command_line(bed, *words, options=options),
        cwd=root,
        env=bed.aws.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def command_line(bed: RehearsalBed, *words: str, options: bool = True) -> list[str]:
    """For the test bed's world."""
    settings = ("--settings", str(bed.settings_path))
    return [sys.executable, "-m", "understudy_failover", *settings, *words, *(bed.options() if options else ())]


def distribution(bed: RehearsalBed, certificate: str = MAIN) -> dict[str, Any]:
    """Return the configuration of the main distribution, or of an additional certificate's, with `ETag`."""
    cloudfront = bed.aws.client("cloudfront")
    comment = f"Maintenance page of {bed.settings.for_certificate(certificate).app}"
    every = cloudfront.list_distributions()["DistributionList"]["Items"]
    (identifier,) = (entry["Id"] for entry in every if entry["Comment"] == comment)
    answer = cloudfront.get_distribution(Id=identifier)
    return {**answer["Distribution"], "ETag": answer["ETag"]}


@contextmanager
def configured(bed: RehearsalBed, change: Callable[[dict[str, Any]], None], certificate: str = MAIN) -> Iterator[None]:
    """The distribution's configuration otherwise."""
    before = distribution(bed, certificate)
    config = distribution(bed, certificate)["DistributionConfig"]
    change(config)
    cloudfront = bed.aws.client("cloudfront")
    cloudfront.update_distribution(Id=before["Id"], IfMatch=before["ETag"], DistributionConfig=config)
    try:
        yield
    finally:
        now = distribution(bed, certificate)
        cloudfront.update_distribution(
            Id=now["Id"], IfMatch=now["ETag"], DistributionConfig=before["DistributionConfig"]
        )


@contextmanager
def record_changed(
    bed: RehearsalBed, name: str, kind: str, half: str | None, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> Iterator[None]:
    """A record set otherwise, or gone where `change` answers None."""
    zone = next(zone.id for zone in bed.settings.zones if name.endswith(zone.name))
    before = record(bed, zone, name, kind, half)
    after = change({**before})
    _apply(bed, zone, "DELETE", before)
    if after:
        _apply(bed, zone, "CREATE", after)
    try:
        yield
    finally:
        # Also where it has been repaired meanwhile.
        _apply(bed, zone, "UPSERT", before)


@contextmanager
def record_added(bed: RehearsalBed, name: str, kind: str, value: str) -> Iterator[None]:
    """A simple record set more."""
    zone = next(zone.id for zone in bed.settings.zones if name.endswith(zone.name))
    added = {"Name": f"{name}.", "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value}]}
    _apply(bed, zone, "CREATE", added)
    try:
        yield
    finally:
        with suppress(ClientError):  # it has been repaired meanwhile
            _apply(bed, zone, "DELETE", added)


def record(bed: RehearsalBed, zone: str, name: str, kind: str, half: str | None) -> dict[str, Any]:
    """Return a record set as Route 53's API returns it."""
    listed = bed.aws.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    (result,) = (
        entry
        for entry in listed
        if (entry["Name"].rstrip("."), entry["Type"], entry.get("Failover")) == (name, kind, half)
    )
    return dict(result)


def _apply(bed: RehearsalBed, zone: str, action: str, record_set: dict[str, Any]) -> None:
    bed.aws.client("route53").change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record_set}]}
    )


def check_of(bed: RehearsalBed, part: str) -> dict[str, Any]:
    """Return a health check of the server web: `calculated`, `server` or the name of a switch."""
    checks = {check["Id"]: check for check in bed.aws.client("route53").list_health_checks()["HealthChecks"]}
    zone = bed.settings.zones[0]
    primary = record(bed, zone.id, "www.example.com", "A", "PRIMARY")
    joined = checks[primary["HealthCheckId"]]
    if part == "calculated":
        return dict(joined)
    for child in joined["HealthCheckConfig"]["ChildHealthChecks"]:
        path = checks[child]["HealthCheckConfig"]["ResourcePath"]
        if path.endswith(f"/switch/{part}") or (part == "server" and "/switch/" not in path):
            return dict(checks[child])
    raise AssertionError(part)


@contextmanager
def check_changed(bed: RehearsalBed, part: str, **changes: Any) -> Iterator[None]:
    """A health check otherwise."""
    route53 = bed.aws.client("route53")
    check = check_of(bed, part)
    defaults = {"Disabled": False, "Inverted": False, "Regions": list(CHECKER_REGIONS)}
    before = {name: check["HealthCheckConfig"].get(name, defaults.get(name)) for name in changes}
    regions = check["HealthCheckConfig"].get("Regions", CHECKER_REGIONS)
    route53.update_health_check(HealthCheckId=check["Id"], **changes)
    try:
        if part != "calculated" and not changes.get("Disabled"):
            _await_reports(bed, check["Id"], len(changes.get("Regions", regions)))
        yield
    finally:
        route53.update_health_check(HealthCheckId=check["Id"], **before)
        # Another configuration starts without data, which comes a moment later.
        if part != "calculated":
            _await_reports(bed, check["Id"], len(regions))
        bed.wait_for_health_checks()


def _await_reports(bed: RehearsalBed, identifier: str, checkers: int) -> None:
    def complete() -> bool:
        (result,) = (check for check in bed.aws.control.health_checks() if check["id"] == identifier)
        return len(result["checkers"]) == checkers

    # What was seen before the change is forgotten at the next look for changes.
    time.sleep(2 * POLL_REAL_SECONDS)
    assert wait(bed, 60, complete)
