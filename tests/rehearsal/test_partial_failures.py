"""Partial and complete failures: what serves the hosts, by real checkers and real DNS."""

from collections.abc import Callable, Iterator

import pytest

from stacks.server_alarms import MINUTES
from tests.rehearsal.looking import all_on, observations, server_named, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.observation import ServedBy, probe_https, resolve
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.settings import Server


@pytest.fixture(autouse=True)
def _restore(bed: RehearsalBed) -> Iterator[None]:
    yield
    bed.aws.control.restore_regions()
    for server in bed.settings.servers:
        bed.servers[server.name].play(Mode.WELL)
        bound = failback_bound(server.health_check, bed.settings.timing).total_seconds
        assert wait(bed, bound, lambda server=server: all_on(bed, server, ServedBy.SERVER)), server.name  # type: ignore[misc]


def _answered_by_itself_all_the_while(
    bed: RehearsalBed, server: Server, seconds: float, until: Callable[[], bool]
) -> None:
    """Look at every answer of the name server for at least `seconds` of emulated time, and until something is so."""
    clock = bed.aws.clock
    least = clock.now() + seconds
    probes = 0

    def over() -> bool:
        nonlocal probes
        for host in server.hosts:
            answers = resolve(host, bed.name_server())
            assert answers.are_of_server(server), f"{host.name}: {answers}"
            probes += 1
        return clock.now() > least and until()

    assert wait(bed, seconds, over)
    assert probes > 10 * len(server.hosts)


def _noticed(bed: RehearsalBed, server: Server) -> float:
    return 3 * failover_bound(server.health_check, bed.settings.timing).total_seconds


def test_an_answer_without_the_text_fails_over_the_server_whose_check_searches_for_one_alone(bed: RehearsalBed) -> None:
    api, web = server_named(bed, "api"), server_named(bed, "web")
    assert api.health_check.search_string
    assert web.health_check.search_string is None
    for server in (api, web):
        bed.servers[server.name].play(Mode.LACKS_TEXT)
    bound = failover_bound(api.health_check, bed.settings.timing).total_seconds
    assert wait(bed, bound, lambda: all_on(bed, api, ServedBy.PAGE))
    _answered_by_itself_all_the_while(bed, web, _noticed(bed, web), lambda: True)


def test_both_servers_at_once_hand_all_hosts_over_and_get_them_back(bed: RehearsalBed) -> None:
    for server in bed.settings.servers:
        bed.servers[server.name].play(Mode.HANGS)
    for server in bed.settings.servers:
        bound = failover_bound(server.health_check, bed.settings.timing).total_seconds
        assert wait(bed, bound, lambda server=server: all_on(bed, server, ServedBy.PAGE)), server.name  # type: ignore[misc]
        assert all(
            observation.probe.detail == "503" and observation.probe.trusted for observation in observations(bed, server)
        )


def test_a_fifth_of_all_probes_lost_sends_nobody_away(bed: RehearsalBed) -> None:
    web = server_named(bed, "web")
    bed.servers["web"].play(Mode.LOSES_SOME)
    lost: set[str] = set()

    def some_lost() -> bool:
        for check in bed.aws.control.health_checks():
            lost.update(checker["reason"] for checker in check["checkers"] if not checker["healthy"])
        return bool(lost)

    # Of the fast profile, where a single lost probe changes a checker's mind.
    assert bed.settings.timing.failure_threshold == 1
    _answered_by_itself_all_the_while(bed, web, 2 * _noticed(bed, web), some_lost)


def test_a_region_that_is_cut_off_sends_nobody_away_and_operators_are_informed(bed: RehearsalBed) -> None:
    web = server_named(bed, "web")
    bed.aws.control.cut_region("eu-west-1")

    def is_alarmed() -> bool:
        alarms = bed.aws.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        (notice,) = (alarm for alarm in alarms if alarm["AlarmName"].endswith(" web partly down"))
        return bool(notice["StateValue"] == "ALARM")

    _answered_by_itself_all_the_while(bed, web, 60 * (MINUTES + 2), is_alarmed)
    observations = [
        checker["reason"]
        for check in bed.aws.control.health_checks()
        for checker in check["checkers"]
        if checker["region"] == "eu-west-1"
    ]
    assert observations
    assert all("timed out" in reason for reason in observations)


def test_ipv6_alone_down_sends_nobody_away_as_browsers_take_ipv4(bed: RehearsalBed) -> None:
    web = server_named(bed, "web")
    assert web.ipv6
    bed.servers["web"].play_at([web.ipv6], Mode.VANISHED)
    assert probe_https(web.hosts[0], bed.client(), str(web.ipv6)).served_by is ServedBy.NOBODY
    _answered_by_itself_all_the_while(bed, web, _noticed(bed, web), lambda: True)
