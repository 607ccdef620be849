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
from understudy_failover.operations.sight import OnStage
from understudy_failover.page import Window
from understudy_failover.rehearsal.stage import Stage

CONTROL_PLANES = ("cloudformation", "cloudfront", "iam", "lambda", "route53")
S3 = "s3"


def maintenance(root: Path, stage: Stage, *words: str) -> dict[str, Any]:
    """`understudy maintenance … --json`; answers what it printed."""
    run = operations(root, stage, "maintenance", *words, "--json", options=False)
    assert run.returncode == 0, run.stderr
    document: dict[str, Any] = json.loads(run.stdout)
    return document


def _on(document: dict[str, Any]) -> dict[str | None, bool]:
    return {switch["server"]: switch["on"] for switch in document["switches"]}


def _reaches(stage: Stage, name: str, on_stage: OnStage) -> bool:
    server, timing = server_named(stage, name), stage.settings.timing
    bound = max(switch_on_bound(timing).total_seconds, failback_bound(server.health_check, timing).total_seconds)
    return wait(stage, bound, lambda: all_on(stage, server, on_stage))


@pytest.fixture(autouse=True)
def _steady(stage: Stage) -> Iterator[None]:
    """Afterwards every service answers, every switch is off and every host is on its server."""
    yield
    stage.aws.control.start_services()
    stage.aws.control.mend_edge()
    for name in ("web", "api", "_all"):
        stage.switches().remove(name)
    assert all(_reaches(stage, name, OnStage.SERVER) for name in ("web", "api"))
    stage.wait_for_health_checks()


def test_it_sends_one_servers_hosts_to_the_page_and_back_while_the_server_works(root: Path, stage: Stage) -> None:
    assert _on(maintenance(root, stage, "on", "web", "--apply")) == {None: False, "web": True, "api": False}
    assert _reaches(stage, "web", OnStage.PAGE)
    assert all_on(stage, server_named(stage, "api"), OnStage.SERVER)
    assert _on(maintenance(root, stage, "off", "web", "--apply")) == {None: False, "web": False, "api": False}
    assert _reaches(stage, "web", OnStage.SERVER)


def test_its_page_tells_what_is_planned_and_until_when_and_afterwards_nothing_of_it(root: Path, stage: Stage) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    maintenance(root, stage, "on", "web", "--until", until.isoformat(), "--apply")
    assert wait(stage, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(stage, "shop.example.com", Window(until)))
    answer = stage.patient_client().request("shop.example.com", address=EDGE_IPV4[0])
    # No browser: programs wait in silence, so none is sent away for longer.
    assert answer.headers["retry-after"] == "600"
    assert page_says(stage, "api.example.org", None)
    maintenance(root, stage, "on", "web", "--apply")  # which keeps the end
    maintenance(root, stage, "off", "web", "--apply")
    maintenance(root, stage, "on", "web", "--apply")
    assert wait(stage, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(stage, "shop.example.com", Window()))
    maintenance(root, stage, "off", "web", "--apply")
    assert wait(stage, SECONDS_UNTIL_PAGES_SAY_SO, lambda: page_says(stage, "shop.example.com", None))


def test_the_switch_for_all_sends_everybody(root: Path, stage: Stage) -> None:
    maintenance(root, stage, "on", "--all", "--apply")
    assert _reaches(stage, "web", OnStage.PAGE)
    assert _reaches(stage, "api", OnStage.PAGE)


def test_the_plan_changes_nothing(root: Path, stage: Stage) -> None:
    planned = maintenance(root, stage, "on", "web")
    assert (planned["applied"], planned["changes"]) == (False, ["web"])
    assert not any(_on(maintenance(root, stage, "status")).values())


def test_it_works_while_every_control_plane_is_down(root: Path, stage: Stage) -> None:
    stage.aws.control.stop_services(*CONTROL_PLANES)
    with pytest.raises(Exception, match="ServiceUnavailable"):
        stage.aws.client("route53").list_hosted_zones()
    maintenance(root, stage, "on", "web", "--apply")
    assert _reaches(stage, "web", OnStage.PAGE)
    maintenance(root, stage, "off", "web", "--apply")
    assert _reaches(stage, "web", OnStage.SERVER)


def test_it_needs_no_sts_where_the_account_is_told(root: Path, stage: Stage) -> None:
    stage.aws.control.stop_services("sts")
    words = ("--account", "000000000000")
    assert _on(maintenance(root, stage, "status", *words)) == {None: False, "web": False, "api": False}


@pytest.mark.parametrize("trouble", ["S3", "CloudFront"])
def test_trouble_with_s3_or_cloudfront_never_sends_anybody_away(stage: Stage, trouble: str) -> None:
    if trouble == "S3":
        stage.aws.control.stop_services(S3)
    else:
        stage.aws.control.cut_edge()
    clock = stage.aws.clock
    until = clock.now() + 2 * switch_on_bound(stage.settings.timing).total_seconds
    while clock.now() < until:
        assert all(all_on(stage, server, OnStage.SERVER) for server in stage.settings.servers)
    # The page's own may say that it cannot be reached.
    page = page_check(stage)
    assert all(check["healthy"] for check in stage.aws.control.health_checks() if check["id"] != page)
    reasons = {checker["reason"] for check in stage.aws.control.health_checks() for checker in check["checkers"]}
    assert any(reason.startswith("Failure") for reason in reasons), "the trouble must have been seen"


@pytest.mark.parametrize("trouble", ["S3", "CloudFront"])
def test_a_switch_that_nobody_can_read_any_more_gives_the_hosts_back(stage: Stage, trouble: str) -> None:
    stage.switches().put("web", None)
    assert _reaches(stage, "web", OnStage.PAGE)
    if trouble == "S3":
        stage.aws.control.stop_services(S3)
    else:
        stage.aws.control.cut_edge()
    assert _reaches(stage, "web", OnStage.SERVER)


def test_a_deploy_of_another_page_leaves_the_switch_on(root: Path, stage: Stage) -> None:
    stage.switches().put("web", None)
    text = stage.settings_path.read_text(encoding="utf-8")
    assert text.count('"Questions: help@example.com"') == 1
    stage.settings_path.write_text(text.replace("Questions: help", "Ask help"), encoding="utf-8")
    stage.cdk.deploy(print)
    assert _on(maintenance(root, stage, "status"))["web"]
    stage.settings_path.write_text(text, encoding="utf-8")
    stage.cdk.deploy(print)


def test_a_destroy_with_a_switch_on_leaves_nothing(stage: Stage) -> None:
    stage.switches().put("web", None)
    stage.cdk.destroy(print)
    assert stage.leftovers() == []
    # For the fixture that looks afterwards.
    stage.cdk.deploy(print)
