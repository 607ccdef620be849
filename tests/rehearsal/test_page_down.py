"""The maintenance page cannot be reached: while the servers work, and while one of them is down as well."""

from collections.abc import Iterator

import pytest

from tests.rehearsal.looking import PAGE_CHECK_SECONDS, all_on, dns_watched, is_healthy, page_check, server_named, wait
from tests.rehearsal.test_hold_and_alarms import FIRST_EVALUATION_SECONDS, Alerts
from tests.rehearsal.verifying import check_of
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.observation import ServedBy, resolve
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.settings import Server

NOTICE = "maintenance page cannot be reached"
WINDOW_SECONDS = 180
"""For so long the page must be reachable before the alert is sent."""


@pytest.fixture(autouse=True)
def _in_steady_state(bed: RehearsalBed) -> Iterator[None]:
    """Afterwards everything works, and every check is healthy."""
    yield
    bed.aws.control.restore_edge()
    bed.servers["web"].play(Mode.WELL)
    bed.wait_for_health_checks()


def _state(bed: RehearsalBed) -> str:
    name = f"{bed.settings.app} {NOTICE}"
    (alarm,) = bed.aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def _led_to_server(bed: RehearsalBed, server: Server) -> bool:
    return all(resolve(host, bed.name_server()).are_of_server(server) for host in server.hosts)


def test_while_the_servers_work_nobody_is_sent_anywhere_and_operators_are_informed_once_each_way(
    bed: RehearsalBed,
) -> None:
    page, web = page_check(bed), server_named(bed, "web")
    assert wait(bed, FIRST_EVALUATION_SECONDS, lambda: _state(bed) == "OK")
    alerts = Alerts(bed)
    with dns_watched(bed, web) as observations:
        bed.aws.control.cut_edge()
        assert wait(bed, PAGE_CHECK_SECONDS, lambda: not is_healthy(bed, page))
        assert wait(bed, FIRST_EVALUATION_SECONDS, lambda: alerts.events() == [("ALARM", NOTICE)])
        assert "get-health-check-status --health-check-id " + page in alerts.last["AlarmDescription"]
        assert all(all_on(bed, server, ServedBy.SERVER) for server in bed.settings.servers)
        bed.aws.control.restore_edge()
        assert wait(bed, PAGE_CHECK_SECONDS, lambda: is_healthy(bed, page))
        assert wait(bed, WINDOW_SECONDS + FIRST_EVALUATION_SECONDS, lambda: len(alerts.events()) > 1)
    assert alerts.events() == [("ALARM", NOTICE), ("OK", NOTICE)]
    assert list(observations) == [(str(web.ipv4),)]
    alerts.leave()


def test_while_a_server_is_down_as_well_it_is_answered_and_the_page_as_soon_as_it_can_be_reached(
    bed: RehearsalBed,
) -> None:
    page, web, timing = page_check(bed), server_named(bed, "web"), bed.settings.timing
    calculated = check_of(bed, "calculated")["Id"]
    bed.servers["web"].play(Mode.REFUSES)
    bed.aws.control.cut_edge()
    assert wait(bed, PAGE_CHECK_SECONDS, lambda: not is_healthy(bed, page) and not is_healthy(bed, calculated))
    assert _led_to_server(bed, web)
    assert all_on(bed, web, ServedBy.NOBODY)
    assert all_on(bed, server_named(bed, "api"), ServedBy.SERVER)
    bed.aws.control.restore_edge()
    seconds = PAGE_CHECK_SECONDS + failover_bound(web.health_check, timing).total_seconds
    assert wait(bed, seconds, lambda: all_on(bed, web, ServedBy.PAGE))
    bed.servers["web"].play(Mode.WELL)
    seconds = failback_bound(web.health_check, timing).total_seconds
    assert wait(bed, seconds, lambda: all_on(bed, web, ServedBy.SERVER))
    assert _led_to_server(bed, web)
