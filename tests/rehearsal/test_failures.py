"""The hosts of a server fail over in every kind of failure, but not if it is only slow."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.rehearsal.looking import all_on, server_named, sights, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.sight import OnStage, Sight
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import Stage
from understudy_failover.settings import Server


@pytest.fixture
def play(stage: Stage) -> Iterator[Callable[[Server, Mode], None]]:
    """Let a server behave otherwise; afterwards all work and all hosts are back on them."""
    yield lambda server, mode: stage.servers[server.name].play(mode)
    for server in stage.settings.servers:
        stage.servers[server.name].play(Mode.WELL)
        bound = failback_bound(server.health_check, stage.settings.timing).total_seconds
        assert wait(stage, bound, lambda server=server: all_on(stage, server, OnStage.SERVER)), server.name  # type: ignore[misc]


@pytest.mark.parametrize(
    "mode", [Mode.REFUSES, Mode.HANGS, Mode.ANSWERS_500, Mode.BREAKS_TLS, Mode.VANISHED], ids=lambda mode: mode.name
)
def test_a_server_that_fails_hands_its_hosts_over(
    stage: Stage, play: Callable[[Server, Mode], None], mode: Mode
) -> None:
    web = server_named(stage, "web")
    play(web, mode)
    bound = failover_bound(web.health_check, stage.settings.timing).total_seconds
    assert wait(stage, bound, lambda: all_on(stage, web, OnStage.PAGE))
    assert all(sight.visit.detail == "503" and sight.visit.trusted for sight in sights(stage, web))


def test_a_server_that_is_slow_within_the_limits_keeps_its_hosts(
    stage: Stage, play: Callable[[Server, Mode], None]
) -> None:
    web = server_named(stage, "web")
    play(web, Mode.SLOW)
    clock = stage.aws.clock
    until = clock.now() + 2 * failover_bound(web.health_check, stage.settings.timing).total_seconds
    while clock.now() < until:
        assert all(sight.answers.are_of_server(web) for sight in sights(stage, web))
        time.sleep(0.1)
    slow = {check["id"]: check["healthy"] for check in stage.aws.control.health_checks()}
    assert all(slow.values())


def test_aaaa_moves_with_a_where_the_server_has_ipv6_and_is_never_answered_where_it_has_not(
    stage: Stage, play: Callable[[Server, Mode], None]
) -> None:
    web, api = server_named(stage, "web"), server_named(stage, "api")
    assert web.ipv6
    assert api.ipv6 is None
    observations: list[Sight] = []

    def moved(server: Server, on_page: bool) -> bool:
        observations.extend(sights(stage, api))
        result = sights(stage, server)
        return all(
            observation.answers.are_of_page(server) if on_page else observation.answers.are_of_server(server)
            for observation in result
        )

    bound = failback_bound(web.health_check, stage.settings.timing).total_seconds
    for server in (web, api):
        assert moved(server, on_page=False)
        play(server, Mode.REFUSES)
        assert wait(stage, bound, lambda server=server: moved(server, on_page=True))  # type: ignore[misc]
        play(server, Mode.WELL)
        assert wait(stage, bound, lambda server=server: moved(server, on_page=False))  # type: ignore[misc]
    assert {sight.answers.ipv6 for sight in observations} == {()}
    assert len({sight.answers.ipv4 for sight in observations}) > 1, "api's A answer moved while this was watched"
