"""The maintenance page cannot be reached: while the servers work, and while one of them is down as well."""

from collections.abc import Iterator

import pytest

from tests.rehearsal.looking import PAGE_CHECK_SECONDS, all_on, dns_watched, is_healthy, page_check, server_named, wait
from tests.rehearsal.test_hold_and_alarms import FIRST_EVALUATION_SECONDS, Alerts
from tests.rehearsal.verifying import check_of
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.sight import OnStage, resolve
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import Stage
from understudy_failover.settings import Server

NOTICE = "maintenance page cannot be reached"
WINDOW_SECONDS = 180
"""For so long the page must be reachable before the alert is sent."""


@pytest.fixture(autouse=True)
def _steady(stage: Stage) -> Iterator[None]:
    """Afterwards everything works, and every check is healthy."""
    yield
    stage.aws.control.mend_edge()
    stage.servers["web"].play(Mode.WELL)
    stage.wait_for_health_checks()


def _state(stage: Stage) -> str:
    name = f"{stage.settings.app} {NOTICE}"
    (alarm,) = stage.aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def _led_to_server(stage: Stage, server: Server) -> bool:
    return all(resolve(host, stage.name_server()).are_of_server(server) for host in server.hosts)


def test_while_the_servers_work_nobody_is_sent_anywhere_and_operators_are_told_once_each_way(stage: Stage) -> None:
    page, web = page_check(stage), server_named(stage, "web")
    assert wait(stage, FIRST_EVALUATION_SECONDS, lambda: _state(stage) == "OK")
    alerts = Alerts(stage)
    with dns_watched(stage, web) as observations:
        stage.aws.control.cut_edge()
        assert wait(stage, PAGE_CHECK_SECONDS, lambda: not is_healthy(stage, page))
        assert wait(stage, FIRST_EVALUATION_SECONDS, lambda: alerts.look() == [("ALARM", NOTICE)])
        assert "get-health-check-status --health-check-id " + page in alerts.last["AlarmDescription"]
        assert all(all_on(stage, server, OnStage.SERVER) for server in stage.settings.servers)
        stage.aws.control.mend_edge()
        assert wait(stage, PAGE_CHECK_SECONDS, lambda: is_healthy(stage, page))
        assert wait(stage, WINDOW_SECONDS + FIRST_EVALUATION_SECONDS, lambda: len(alerts.look()) > 1)
    assert alerts.look() == [("ALARM", NOTICE), ("OK", NOTICE)]
    assert list(observations) == [(str(web.ipv4),)]
    alerts.leave()


def test_while_a_server_is_down_as_well_it_is_answered_and_the_page_as_soon_as_it_can_be_reached(stage: Stage) -> None:
    page, web, timing = page_check(stage), server_named(stage, "web"), stage.settings.timing
    on_stage = check_of(stage, "calculated")["Id"]
    stage.servers["web"].play(Mode.REFUSES)
    stage.aws.control.cut_edge()
    assert wait(stage, PAGE_CHECK_SECONDS, lambda: not is_healthy(stage, page) and not is_healthy(stage, on_stage))
    assert _led_to_server(stage, web)
    assert all_on(stage, web, OnStage.NOBODY)
    assert all_on(stage, server_named(stage, "api"), OnStage.SERVER)
    stage.aws.control.mend_edge()
    seconds = PAGE_CHECK_SECONDS + failover_bound(web.health_check, timing).total_seconds
    assert wait(stage, seconds, lambda: all_on(stage, web, OnStage.PAGE))
    stage.servers["web"].play(Mode.WELL)
    seconds = failback_bound(web.health_check, timing).total_seconds
    assert wait(stage, seconds, lambda: all_on(stage, web, OnStage.SERVER))
    assert _led_to_server(stage, web)
