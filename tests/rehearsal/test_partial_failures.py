"""Partial and complete failures: what serves the hosts, by real checkers and real DNS."""

from collections.abc import Callable, Iterator

import pytest

from stacks.server_alarms import MINUTES
from tests.rehearsal.looking import all_on, server_named, sights, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.sight import OnStage, resolve, visit
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import Stage
from understudy_failover.settings import Server


@pytest.fixture(autouse=True)
def _restore(stage: Stage) -> Iterator[None]:
    yield
    stage.aws.control.mend_regions()
    for server in stage.settings.servers:
        stage.servers[server.name].play(Mode.WELL)
        bound = failback_bound(server.health_check, stage.settings.timing).total_seconds
        assert wait(stage, bound, lambda server=server: all_on(stage, server, OnStage.SERVER)), server.name  # type: ignore[misc]


def _answered_by_itself_all_the_while(stage: Stage, server: Server, seconds: float, until: Callable[[], bool]) -> None:
    """Look at every answer of the name server for at least `seconds` of emulated time, and until something is so."""
    clock = stage.aws.clock
    least = clock.now() + seconds
    looks = 0

    def over() -> bool:
        nonlocal looks
        for host in server.hosts:
            answers = resolve(host, stage.name_server())
            assert answers.are_of_server(server), f"{host.name}: {answers}"
            looks += 1
        return clock.now() > least and until()

    assert wait(stage, seconds, over)
    assert looks > 10 * len(server.hosts)


def _noticed(stage: Stage, server: Server) -> float:
    return 3 * failover_bound(server.health_check, stage.settings.timing).total_seconds


def test_an_answer_without_the_text_fails_over_the_server_whose_check_looks_for_one_alone(stage: Stage) -> None:
    api, web = server_named(stage, "api"), server_named(stage, "web")
    assert api.health_check.search_string
    assert web.health_check.search_string is None
    for server in (api, web):
        stage.servers[server.name].play(Mode.LACKS_TEXT)
    bound = failover_bound(api.health_check, stage.settings.timing).total_seconds
    assert wait(stage, bound, lambda: all_on(stage, api, OnStage.PAGE))
    _answered_by_itself_all_the_while(stage, web, _noticed(stage, web), lambda: True)


def test_both_servers_at_once_hand_all_hosts_over_and_get_them_back(stage: Stage) -> None:
    for server in stage.settings.servers:
        stage.servers[server.name].play(Mode.HANGS)
    for server in stage.settings.servers:
        bound = failover_bound(server.health_check, stage.settings.timing).total_seconds
        assert wait(stage, bound, lambda server=server: all_on(stage, server, OnStage.PAGE)), server.name  # type: ignore[misc]
        assert all(sight.visit.detail == "503" and sight.visit.trusted for sight in sights(stage, server))


def test_a_fifth_of_all_probes_lost_sends_nobody_away(stage: Stage) -> None:
    web = server_named(stage, "web")
    stage.servers["web"].play(Mode.LOSES_SOME)
    lost: set[str] = set()

    def some_lost() -> bool:
        for check in stage.aws.control.health_checks():
            lost.update(checker["reason"] for checker in check["checkers"] if not checker["healthy"])
        return bool(lost)

    # Of the fast profile, where a single lost probe changes a checker's mind.
    assert stage.settings.timing.failure_threshold == 1
    _answered_by_itself_all_the_while(stage, web, 2 * _noticed(stage, web), some_lost)


def test_a_region_that_is_cut_off_sends_nobody_away_and_operators_are_told(stage: Stage) -> None:
    web = server_named(stage, "web")
    stage.aws.control.cut_region("eu-west-1")

    def is_alarmed() -> bool:
        alarms = stage.aws.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        (notice,) = (alarm for alarm in alarms if alarm["AlarmName"].endswith(" web partly down"))
        return bool(notice["StateValue"] == "ALARM")

    _answered_by_itself_all_the_while(stage, web, 60 * (MINUTES + 2), is_alarmed)
    observations = [
        checker["reason"]
        for check in stage.aws.control.health_checks()
        for checker in check["checkers"]
        if checker["region"] == "eu-west-1"
    ]
    assert observations
    assert all("timed out" in reason for reason in observations)


def test_ipv6_alone_down_sends_nobody_away_as_browsers_take_ipv4(stage: Stage) -> None:
    web = server_named(stage, "web")
    assert web.ipv6
    stage.servers["web"].play_at([web.ipv6], Mode.VANISHED)
    assert visit(web.hosts[0], stage.client(), str(web.ipv6)).on_stage is OnStage.NOBODY
    _answered_by_itself_all_the_while(stage, web, _noticed(stage, web), lambda: True)
