"""Health checks of single hosts and chosen regions, on a deployed test bed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.looking import server_named, wait
from tests.rehearsal.verifying import findings
from tests.stacks.templates import replaced
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.observation import ServedBy, observe
from understudy_failover.rehearsal.bed import RehearsalBed

REGIONS = ["ap-southeast-2", "eu-west-1", "us-east-1"]


@pytest.fixture(scope="module")
def bed(fast_settings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalBed]:
    """The sample, with each host of the server `web` checked for itself from three regions."""
    folder = tmp_path_factory.mktemp("per_host")
    (folder / "certificates").symlink_to(fast_settings.parent / "certificates")
    text = fast_settings.read_text(encoding="utf-8")
    head, web, api = text.split("[[servers]]")
    own = f"[servers.health_check]\nper_host = true\nmeasure_latency = true\nregions = {REGIONS}\n"
    web = replaced(web, "[servers.health_check]\n", own)
    (folder / "failover.toml").write_text("[[servers]]".join((head, web, api)), encoding="utf-8")
    with bootstrapped(folder / "failover.toml") as prepared:
        prepared.cdk.deploy(print)
        yield prepared


def _served_by(bed: RehearsalBed) -> dict[str, ServedBy]:
    hosts = server_named(bed, "web").hosts
    return {host.name: observe(host, bed.name_server(), bed.client()).probe.served_by for host in hosts}


def test_one_broken_application_takes_its_own_host_to_the_page_and_no_other(bed: RehearsalBed) -> None:
    web, timing = server_named(bed, "web"), bed.settings.timing
    everywhere = dict.fromkeys(_served_by(bed), ServedBy.SERVER)
    assert wait(bed, 60, lambda: _served_by(bed) == everywhere)
    bed.servers["web"].failing_hosts.add("shop.example.com")
    one_gone = everywhere | {"shop.example.com": ServedBy.PAGE}
    assert wait(bed, failover_bound(web.health_check, timing).total_seconds, lambda: _served_by(bed) == one_gone)
    bed.servers["web"].failing_hosts.clear()
    assert wait(bed, failback_bound(web.health_check, timing).total_seconds, lambda: _served_by(bed) == everywhere)


def test_verify_knows_checks_of_single_hosts(bed: RehearsalBed) -> None:
    bed.wait_for_health_checks()
    all_findings = findings(bed)
    assert [finding for finding in all_findings if finding.verdict != "passed"] == []
    subjects = [finding.subject for finding in all_findings if finding.check == "server checks"]
    assert subjects == ["web example.com", "web www.example.com", "web shop.example.com", "api"]


def test_the_chosen_regions_alone_ask_the_server(bed: RehearsalBed) -> None:
    configs = bed.aws.client("route53").list_health_checks()["HealthChecks"]
    # Switches have three regions of their own.
    switches = {check["Id"] for check in configs if check["HealthCheckConfig"].get("Inverted")}
    checks = {check["Id"] for check in configs if check["HealthCheckConfig"].get("Regions")} - switches
    assert len(checks) == len(server_named(bed, "web").hosts)
    for check in bed.aws.control.health_checks():
        regions = sorted(checker["region"] for checker in check["checkers"])
        assert check["id"] in switches or (regions == REGIONS) is (check["id"] in checks)
