"""`understudy drill` against the deployed chain, as it is run against AWS."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.rehearsal.looking import all_on, wait
from understudy_failover.operations.bounds import failback_bound, switch_on_bound
from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.record import Record
from understudy_failover.rehearsal.bed import RehearsalBed

LIMIT_SECONDS = 240
"""More than any drill of one server at this rate."""


@pytest.fixture(autouse=True)
def _in_steady_state(bed: RehearsalBed) -> Iterator[None]:
    """Before and after the test, every switch is off and every host is served by its server."""
    _restore(bed)
    yield
    _restore(bed)


def _restore(bed: RehearsalBed) -> None:
    bed.aws.control.start_services()
    bed.aws.control.restore_edge()
    timing = bed.settings.timing
    for name in ("web", "api"):
        bed.switches().remove(name)
    for server in bed.settings.servers:
        bound = max(switch_on_bound(timing).total_seconds, failback_bound(server.health_check, timing).total_seconds)
        assert wait(bed, bound, lambda server=server: all_on(bed, server, ServedBy.SERVER))  # type: ignore[misc]
    # The page's own needs longest to be convinced of an edge that is back.
    bed.wait_for_health_checks()


def _command(bed: RehearsalBed, folder: Path, *words: str) -> list[str]:
    proxy, name_server = (f"{host}:{port}" for host, port in (bed.aws.gateway, bed.aws.nameserver))
    return [
        *(sys.executable, "-m", "understudy_failover", "--settings", str(bed.settings_path), "drill", *words),
        *("--proxy", proxy, "--name-server", name_server, "--ca", str(bed.certificate_authority)),
        *("--report", str(folder)),
    ]


def _drill(root: Path, bed: RehearsalBed, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(bed, folder, *words),
        cwd=root,
        env=bed.aws.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )


def _is_off(bed: RehearsalBed) -> bool:
    return not any(bed.switches().positions(["web", "api"]).values())


def test_it_sends_clients_to_the_page_and_back_and_leaves_journal_and_report(
    root: Path, bed: RehearsalBed, tmp_path: Path
) -> None:
    process = _drill(root, bed, tmp_path, "api", "--yes", "--json")
    assert process.returncode == 0, process.stderr
    (written,) = tmp_path.glob("*-journal.json")
    result = Record.model_validate_json(written.read_text(encoding="utf-8"))
    assert result == Record.model_validate(json.loads(process.stdout), strict=False)
    assert result.outcome == "held"
    hosts = {host.name: host for host in result.hosts}
    stages = [bed for bed, _ in groupby(span.on_stage for span in hosts["api.example.org"].spans)]
    assert stages == ["server", "maintenance page", "server"]
    assert {span.on_stage for span in hosts["www.example.com"].spans} == {"server"}
    spans = hosts["api.example.org (connection kept)"].spans
    assert (spans[-1].dns, spans[-1].on_stage) == ("server", "maintenance page"), (
        "where DNS leads back, and it does not"
    )
    assert any("meanwhile the server answers at 203.0.113.20" in entry.text for entry in result.entries)
    (report,) = tmp_path.glob("*-report.html")
    assert "Every hypothesis held" in report.read_text(encoding="utf-8")
    assert _is_off(bed)


def test_a_dry_run_reads_shows_the_plan_and_changes_nothing(root: Path, bed: RehearsalBed, tmp_path: Path) -> None:
    process = _drill(root, bed, tmp_path, "--all", "--dry-run")
    assert process.returncode == 0, process.stderr
    assert "✔ the deployment is in a steady state" in process.stderr
    assert "▶ web: switch on; visitors of example.com, www.example.com, shop.example.com see the page" in process.stderr
    assert list(tmp_path.iterdir()) == []
    assert _is_off(bed)


def test_without_anybody_to_ask_it_needs_yes(root: Path, bed: RehearsalBed, tmp_path: Path) -> None:
    process = _drill(root, bed, tmp_path, "api")
    assert process.returncode == 1
    assert "there is no terminal to confirm on; pass --yes" in process.stderr
    assert _is_off(bed)


def test_nothing_begins_on_a_stage_that_is_not_in_steady_state_and_everything_wrong_is_named(
    root: Path, bed: RehearsalBed, tmp_path: Path
) -> None:
    bed.switches().put("web", None)
    bed.aws.control.cut_edge()
    bed.aws.control.stop_services("scheduler")
    process = _drill(root, bed, tmp_path, "api", "--yes")
    assert process.returncode == 1
    assert "web: its switch is on since" in process.stderr
    assert "the maintenance windows cannot be read" in process.stderr
    assert "the page at the distribution: api.example.org: GET /: " in process.stderr
    assert "api: switch on" not in process.stderr
    assert not bed.switches().positions(["api"])["api"]


def test_records_that_are_not_as_declared_are_named(root: Path, bed: RehearsalBed, tmp_path: Path) -> None:
    route53 = bed.aws.client("route53")
    zone = next(zone for zone in bed.settings.zones if zone.name == "example.org")
    listed = route53.list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    (secondary,) = (
        entry for entry in listed if entry["Name"].startswith("api.") and entry.get("Failover") == "SECONDARY"
    )

    def change(action: str) -> None:
        changes = [{"Action": action, "ResourceRecordSet": secondary}]
        route53.change_resource_record_sets(HostedZoneId=zone.id, ChangeBatch={"Changes": changes})

    change("DELETE")
    try:
        process = _drill(root, bed, tmp_path, "api", "--dry-run", "--json")
    finally:
        change("CREATE")
    assert process.returncode == 1
    assert json.loads(process.stdout)["unsteady"] == ["api.example.org: A SECONDARY is missing"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_the_page_is_up_it_turns_the_switch_off(
    root: Path, bed: RehearsalBed, tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        _command(bed, tmp_path, "api", "--yes"),
        cwd=root,
        env=bed.aws.environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr
        observations = []
        for line in process.stderr:
            observations.append(line)
            if "api: switch on" in line and "within" not in line:
                break
        os.killpg(process.pid, number)
        rest = process.stderr.read()
        assert process.wait(LIMIT_SECONDS) == 130, [*observations, rest]
    assert "interrupted; the switch is off" in rest
    assert _is_off(bed)
    (written,) = tmp_path.glob("*-journal.json")
    assert Record.model_validate_json(written.read_text(encoding="utf-8")).outcome == "broken off"


def test_a_server_that_nobody_has_is_named(root: Path, bed: RehearsalBed, tmp_path: Path) -> None:
    process = _drill(root, bed, tmp_path, "wbe", "--yes")
    assert process.returncode == 2
    assert process.stderr == "failover.toml has no server wbe; it has web, api\n"
