"""The maintenance switch against the deployed chain: the command, and what goes by it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.looking import SECONDS_UNTIL_PAGES_SAY_SO, all_on, page_check, page_says, server_named, wait
from tests.rehearsal.verifying import operations
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.bounds import failback_bound, switch_on_bound
from understudy_failover.operations.observation import ServedBy
from understudy_failover.page import Window
from understudy_failover.rehearsal.bed import RehearsalBed

CONTROL_PLANES = ("cloudformation", "cloudfront", "iam", "lambda", "route53")
S3 = "s3"


def maintenance(root: Path, bed: RehearsalBed, *words: str) -> dict[str, Any]:
    """`understudy maintenance … --json`; answers what it printed."""
    run = operations(root, bed, "maintenance", *words, "--json", options=False)
    assert run.returncode == 0, run.stderr
    document: dict[str, Any] = json.loads(run.stdout)
    return document


def _on(document: dict[str, Any]) -> dict[str | None, bool]:
    return {switch["server"]: switch["on"] for switch in document["switches"]}


def _reaches(bed: RehearsalBed, name: str, served_by: ServedBy) -> bool:
    server, timing = server_named(bed, name), bed.settings.timing
    bound = max(switch_on_bound(timing).total_seconds, failback_bound(server.health_check, timing).total_seconds)
    return wait(bed, bound, lambda: all_on(bed, server, served_by))


@pytest.fixture(autouse=True)
def _in_steady_state(bed: RehearsalBed) -> Iterator[None]:
    """Afterwards every service answers, every switch is off and every host is on its server."""
    yield
    bed.aws.control.start_services()
    bed.aws.control.restore_edge()
    for name in ("web", "api", "_all"):
        bed.switches().remove(name)
    assert all(_reaches(bed, name, ServedBy.SERVER) for name in ("web", "api"))
    bed.wait_for_health_checks()


def test_it_sends_one_servers_hosts_to_the_page_and_back_while_the_server_works(root: Path, bed: RehearsalBed) -> None:
    assert _on(maintenance(root, bed, "on", "web", "--apply")) == {None: False, "web": True, "api": False}
    assert _reaches(bed, "web", ServedBy.PAGE)
    assert all_on(bed, server_named(bed, "api"), ServedBy.SERVER)
    assert _on(maintenance(root, bed, "off", "web", "--apply")) == {None: False, "web": False, "api": False}
    assert _reaches(bed, "web", ServedBy.SERVER)


def test_its_page_shows_what_is_planned_and_until_when_and_afterwards_nothing_of_it(
    root: Path, bed: RehearsalBed
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    maintenance(root, bed, "on", "web", "--until", until.isoformat(), "--apply")
    assert wait(bed, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(bed, "shop.example.com", Window(until)))
    answer = bed.patient_client().request("shop.example.com", address=EDGE_IPV4[0])
    # No browser: programs wait in silence, so none is sent away for longer.
    assert answer.headers["retry-after"] == "600"
    assert page_says(bed, "api.example.org", None)
    maintenance(root, bed, "on", "web", "--apply")  # which keeps the end
    maintenance(root, bed, "off", "web", "--apply")
    maintenance(root, bed, "on", "web", "--apply")
    assert wait(bed, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(bed, "shop.example.com", Window()))
    maintenance(root, bed, "off", "web", "--apply")
    assert wait(bed, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(bed, "shop.example.com", None))


def test_the_switch_for_all_sends_everybody(root: Path, bed: RehearsalBed) -> None:
    maintenance(root, bed, "on", "--all", "--apply")
    assert _reaches(bed, "web", ServedBy.PAGE)
    assert _reaches(bed, "api", ServedBy.PAGE)


def test_the_plan_changes_nothing(root: Path, bed: RehearsalBed) -> None:
    planned = maintenance(root, bed, "on", "web")
    assert (planned["applied"], planned["changes"]) == (False, ["web"])
    assert not any(_on(maintenance(root, bed, "status")).values())


def test_it_works_while_every_control_plane_is_down(root: Path, bed: RehearsalBed) -> None:
    bed.aws.control.stop_services(*CONTROL_PLANES)
    with pytest.raises(Exception, match="ServiceUnavailable"):
        bed.aws.client("route53").list_hosted_zones()
    maintenance(root, bed, "on", "web", "--apply")
    assert _reaches(bed, "web", ServedBy.PAGE)
    maintenance(root, bed, "off", "web", "--apply")
    assert _reaches(bed, "web", ServedBy.SERVER)


def test_it_needs_no_sts_where_the_account_is_given(root: Path, bed: RehearsalBed) -> None:
    bed.aws.control.stop_services("sts")
    words = ("--account", "000000000000")
    assert _on(maintenance(root, bed, "status", *words)) == {None: False, "web": False, "api": False}


@pytest.mark.parametrize("trouble", ["S3", "CloudFront"])
def test_trouble_with_s3_or_cloudfront_never_sends_anybody_away(bed: RehearsalBed, trouble: str) -> None:
    if trouble == "S3":
        bed.aws.control.stop_services(S3)
    else:
        bed.aws.control.cut_edge()
    clock = bed.aws.clock
    until = clock.now() + 2 * switch_on_bound(bed.settings.timing).total_seconds
    while clock.now() < until:
        assert all(all_on(bed, server, ServedBy.SERVER) for server in bed.settings.servers)
    # The page's own may say that it cannot be reached.
    page = page_check(bed)
    assert all(check["healthy"] for check in bed.aws.control.health_checks() if check["id"] != page)
    reasons = {checker["reason"] for check in bed.aws.control.health_checks() for checker in check["checkers"]}
    assert any(reason.startswith("Failure") for reason in reasons), "the trouble must have been seen"


@pytest.mark.parametrize("trouble", ["S3", "CloudFront"])
def test_a_switch_that_nobody_can_read_any_more_gives_the_hosts_back(bed: RehearsalBed, trouble: str) -> None:
    bed.switches().put("web", None)
    assert _reaches(bed, "web", ServedBy.PAGE)
    if trouble == "S3":
        bed.aws.control.stop_services(S3)
    else:
        bed.aws.control.cut_edge()
    assert _reaches(bed, "web", ServedBy.SERVER)


def test_a_deploy_of_another_page_leaves_the_switch_on(root: Path, bed: RehearsalBed) -> None:
    bed.switches().put("web", None)
    text = bed.settings_path.read_text(encoding="utf-8")
    assert text.count('"Questions: help@example.com"') == 1
    bed.settings_path.write_text(text.replace("Questions: help", "Ask help"), encoding="utf-8")
    bed.cdk.deploy(print)
    assert _on(maintenance(root, bed, "status"))["web"]
    bed.settings_path.write_text(text, encoding="utf-8")
    bed.cdk.deploy(print)


def test_a_destroy_with_a_switch_on_leaves_nothing(bed: RehearsalBed) -> None:
    bed.switches().put("web", None)
    bed.cdk.destroy(print)
    assert bed.leftovers() == []
    # For the fixture that looks afterwards.
    bed.cdk.deploy(print)
