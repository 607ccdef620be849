"""`status` on the deployed chain, above all while every control plane of AWS is down."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.looking import all_on, server_named, wait
from tests.rehearsal.verifying import command_line, operations
from understudy_failover.operations.bounds import failback_bound, switch_on_bound
from understudy_failover.operations.observation import ServedBy
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode

WWW = "www.example.com"


@pytest.fixture(autouse=True)
def _in_steady_state(bed: RehearsalBed) -> Iterator[None]:
    """Afterwards everything works, and every host is on its server."""
    yield
    bed.aws.control.start_services()
    bed.servers["web"].play(Mode.WELL)
    bed.switches().remove("web")
    assert _reaches(bed, ServedBy.SERVER)


def _reaches(bed: RehearsalBed, served_by: ServedBy) -> bool:
    server, timing = server_named(bed, "web"), bed.settings.timing
    bound = max(switch_on_bound(timing).total_seconds, failback_bound(server.health_check, timing).total_seconds)
    return wait(bed, bound, lambda: all_on(bed, server, served_by))


def _status(root: Path, bed: RehearsalBed) -> tuple[int, dict[str, Any]]:
    run = operations(root, bed, "status", "--json")
    assert run.stdout, run.stderr
    return run.returncode, json.loads(run.stdout)


def _host(status: dict[str, Any], name: str = WWW) -> dict[str, Any]:
    (result,) = (host for host in status["hosts"] if host["host"] == name)
    return dict(result)


def _maintenance(root: Path, bed: RehearsalBed, *words: str) -> None:
    run = subprocess.run(
        command_line(bed, "maintenance", *words, "--apply")[: -len(bed.options())],
        cwd=root,
        env=bed.aws.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_in_quiet_times_every_host_is_on_its_server_and_nothing_is_unseen(root: Path, bed: RehearsalBed) -> None:
    code, status = _status(root, bed)
    assert (code, status["unseen"]) == (0, [])
    assert {host["on_stage"] for host in status["hosts"]} == {"server"}
    (resolved,) = _host(status)["resolvers"].values()
    assert _host(status)["name_servers"] == resolved == ["203.0.113.10", "2001:db8::10"]
    assert _host(status)["certificate"] == bed.settings.certificate.public.fingerprint
    assert [switch["on"] for switch in status["switches"]] == [False, False, False]
    assert status["windows"] == []
    assert status["page_requests"][0]["requests"] > 0, "of the checkers of the switches, if nobody else's"
    assert {check["subject"]: check["healthy"] for check in status["health"]} == {
        "web": True,
        "api": True,
        "maintenance page": True,
    }


def test_a_server_that_is_down_is_the_reason(root: Path, bed: RehearsalBed) -> None:
    bed.servers["web"].play(Mode.REFUSES)
    assert _reaches(bed, ServedBy.PAGE)
    run = operations(root, bed, "status")
    assert run.returncode == 1
    assert f"▶ {WWW}   maintenance page (503)\n" in run.stdout
    assert "why: the server is down: 8 × Failure: " in run.stdout
    assert "✔ api.example.org" in run.stdout


def test_with_every_control_plane_down_a_failover_and_a_fail_back_are_seen(root: Path, bed: RehearsalBed) -> None:
    bed.aws.control.stop_control_planes()
    with pytest.raises(Exception, match="ServiceUnavailable"):
        bed.aws.client("route53").list_health_checks()
    bed.servers["web"].play(Mode.REFUSES)
    assert _reaches(bed, ServedBy.PAGE)
    code, status = _status(root, bed)
    assert code == 1
    assert _host(status)["on_stage"] == "maintenance page"
    assert _host(status)["why"] == "why cannot be seen"
    assert _host(status)["certificate"] == bed.settings.certificate.public.fingerprint
    assert _host(status, "api.example.org")["on_stage"] == "server"
    bed.servers["web"].play(Mode.WELL)
    assert _reaches(bed, ServedBy.SERVER)
    code, status = _status(root, bed)
    assert code == 3
    assert _host(status)["on_stage"] == "server"


def test_with_every_control_plane_down_the_switch_works_and_what_is_unseen_is_said(
    root: Path, bed: RehearsalBed
) -> None:
    bed.aws.control.stop_control_planes()
    _maintenance(root, bed, "on", "web")
    assert _reaches(bed, ServedBy.PAGE)
    code, status = _status(root, bed)
    assert code == 1
    assert _host(status)["why"] == "the switch of web is on"
    assert _host(status)["since"] == status["switches"][1]["since"]
    assert (status["windows"], status["health"]) == (None, None)
    assert [text.partition(":")[0] for text in status["unseen"]] == ["windows", "health checks"]
    printed = operations(root, bed, "status").stdout
    assert "? cannot see windows: ListSchedules: " in printed
    assert "windows      cannot be seen\n" in printed
    _maintenance(root, bed, "off", "web")
    assert _reaches(bed, ServedBy.SERVER)


def test_without_s3_the_switches_are_unseen_and_the_rest_is_shown(root: Path, bed: RehearsalBed) -> None:
    bed.aws.control.stop_services("s3")
    code, status = _status(root, bed)
    assert code == 3
    assert status["switches"] is None
    assert [text.partition(":")[0] for text in status["unseen"]] == ["switches"]
    assert _host(status)["on_stage"] == "server"


def test_a_watch_in_a_pipe_shows_changes_until_it_is_interrupted(root: Path, bed: RehearsalBed) -> None:
    process = subprocess.Popen(
        command_line(bed, "status", "--watch", "--json", "--every", "0.2"),
        cwd=root,
        env=bed.aws.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert _host(json.loads(process.stdout.readline()))["on_stage"] == "server"
        bed.switches().put("web", None)
        observations = ""
        while observations != "maintenance page":
            observations = _host(json.loads(process.stdout.readline()))["on_stage"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
