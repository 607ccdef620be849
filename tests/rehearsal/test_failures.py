"""The hosts of a server fail over in every kind of failure, but not if it is only slow."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.rehearsal.looking import all_on, observations, server_named, wait
from understudy_failover.operations.bounds import failback_bound, failover_bound
from understudy_failover.operations.observation import Observation, ServedBy
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.settings import Server


@pytest.fixture
def play(bed: RehearsalBed) -> Iterator[Callable[[Server, Mode], None]]:
    """Let a server behave otherwise; afterwards all work and all hosts are back on them."""
    yield lambda server, mode: bed.servers[server.name].play(mode)
    for server in bed.settings.servers:
        bed.servers[server.name].play(Mode.WELL)
        bound = failback_bound(server.health_check, bed.settings.timing).total_seconds
        assert wait(bed, bound, lambda server=server: all_on(bed, server, ServedBy.SERVER)), server.name  # type: ignore[misc]


@pytest.mark.parametrize(
    "mode", [Mode.REFUSES, Mode.HANGS, Mode.ANSWERS_500, Mode.BREAKS_TLS, Mode.VANISHED], ids=lambda mode: mode.name
)
def test_a_server_that_fails_hands_its_hosts_over(
    bed: RehearsalBed, play: Callable[[Server, Mode], None], mode: Mode
) -> None:
    web = server_named(bed, "web")
    play(web, mode)
    bound = failover_bound(web.health_check, bed.settings.timing).total_seconds
    assert wait(bed, bound, lambda: all_on(bed, web, ServedBy.PAGE))
    assert all(
        observation.probe.detail == "503" and observation.probe.trusted for observation in observations(bed, web)
    )


def test_a_server_that_is_slow_within_the_limits_keeps_its_hosts(
    bed: RehearsalBed, play: Callable[[Server, Mode], None]
) -> None:
    web = server_named(bed, "web")
    play(web, Mode.SLOW)
    clock = bed.aws.clock
    until = clock.now() + 2 * failover_bound(web.health_check, bed.settings.timing).total_seconds
    while clock.now() < until:
        assert all(observation.answers.are_of_server(web) for observation in observations(bed, web))
        time.sleep(0.1)
    slow = {check["id"]: check["healthy"] for check in bed.aws.control.health_checks()}
    assert all(slow.values())


def test_aaaa_moves_with_a_where_the_server_has_ipv6_and_is_never_answered_where_it_has_not(
    bed: RehearsalBed, play: Callable[[Server, Mode], None]
) -> None:
    web, api = server_named(bed, "web"), server_named(bed, "api")
    assert web.ipv6
    assert api.ipv6 is None
    seen_observations: list[Observation] = []

    def moved(server: Server, on_page: bool) -> bool:
        seen_observations.extend(observations(bed, api))
        result = observations(bed, server)
        return all(
            observation.answers.are_of_page(server) if on_page else observation.answers.are_of_server(server)
            for observation in result
        )

    bound = failback_bound(web.health_check, bed.settings.timing).total_seconds
    for server in (web, api):
        assert moved(server, on_page=False)
        play(server, Mode.REFUSES)
        assert wait(bed, bound, lambda server=server: moved(server, on_page=True))  # type: ignore[misc]
        play(server, Mode.WELL)
        assert wait(bed, bound, lambda server=server: moved(server, on_page=False))  # type: ignore[misc]
    assert {observation.answers.ipv6 for observation in seen_observations} == {()}
    assert len({observation.answers.ipv4 for observation in seen_observations}) > 1, (
        "api's A answer moved while this was watched"
    )
