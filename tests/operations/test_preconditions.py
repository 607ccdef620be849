"""Before a drill everything is looked at; each thing that is wrong is named, and none that is not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations import preconditions
from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER, cached_failure
from understudy_failover.operations.failover_pairs import Pair
from understudy_failover.operations.observation import Answers, HttpsProbe, Observation, ServedBy
from understudy_failover.operations.preconditions import Preconditions
from understudy_failover.operations.switch import Position, SwitchError
from understudy_failover.operations.windows import Window
from understudy_failover.settings import Host, Settings

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
SECONDS = 600
EDGE = "d111111abcdef8.cloudfront.net"
DOWN = EndpointConnectionError(endpoint_url="https://somewhere")


@dataclass
class World:
    """As it should be, as long as a test changes nothing."""

    settings: Settings
    on: dict[str, Position] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    away: dict[str, HttpsProbe] = field(default_factory=dict)
    answer_problems: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    asked: dict[str, str | None] = field(default_factory=dict)
    """By host name the place where its page was asked for."""
    down: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    """Where failover.toml is not what is deployed."""
    ttl_seconds: int = 30
    """As Route 53 has it."""

    def positions(self, servers: list[str]) -> dict[str, Position | None]:
        if "s3" in self.down:
            raise SwitchError("no such bucket")
        return {name: self.on.get(name) for name in servers}

    def all(self) -> list[Window]:
        if "scheduler" in self.down:
            raise DOWN
        return self.windows

    def observe(self, host: Host, *_: object) -> Observation:
        server = next(candidate for candidate in self.settings.servers if host in candidate.hosts)
        answers = Answers((str(server.ipv4),), (str(server.ipv6),) if server.ipv6 else ())
        return Observation(answers, self.away.get(host.name, HttpsProbe(ServedBy.SERVER, "200")))

    def pairs(self, *_: object) -> dict[tuple[str, str], Pair]:
        if "route53" in self.down:
            raise DOWN
        zone_pairs: dict[tuple[str, str], Pair] = {}
        for server in self.settings.servers:
            for host in server.hosts:
                for kind, address in (("A", server.ipv4), ("AAAA", server.ipv6)):
                    if address and f"{host.name} {kind}" not in self.missing:
                        zone_pairs[host.name, kind] = Pair((str(address),), EDGE, ttls=(self.ttl_seconds,))
        return zone_pairs

    def undeployed(self, *_: object, **__: object) -> list[str]:
        if "cloudformation" in self.down:
            raise DOWN
        return self.differences

    def ask(self, questions: Any, *_: object) -> list[str]:
        self.asked = {name: several[0].address for name, several in questions.items()}
        return self.answer_problems


@pytest.fixture
def world(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    fake = World(settings)
    for name in ("observe", "pairs", "ask", "undeployed"):
        monkeypatch.setattr(preconditions, name, getattr(fake, name))
    return fake


def _violations(world: World) -> list[str]:
    """Before a drill of api."""
    anything = cast(Any, world)
    with ThreadPoolExecutor(1) as workers:
        preconditions = Preconditions(
            world.settings,
            world.settings.servers[1:],
            switches=anything,
            windows=anything,
            route53=None,
            cloudformation=None,
            client=anything,
            name_server=anything,
            workers=workers,
        )
        return list(preconditions.violations(NOW, SECONDS))


def _window(server: str, begins_after: int, ends_after: int) -> Window:
    return Window(NOW + timedelta(seconds=begins_after), NOW + timedelta(seconds=ends_after), server)


def test_where_all_is_well_nothing_is_wrong_and_the_page_was_asked_for_at_the_distribution(world: World) -> None:
    assert _violations(world) == []
    assert world.asked == {"api.example.org": EDGE, "understudy-drill.example.org": EDGE}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "web",
            "web: its switch is on since 2026-11-25T02:00:00Z; turn it off with "
            "`understudy maintenance off web --apply`",
        ),
        (
            FOR_ALL,
            "every server: its switch is on since 2026-11-25T02:00:00Z; turn it off with "
            "`understudy maintenance off --all --apply`",
        ),
    ],
)
def test_any_switch_that_is_on_is_named_with_what_turns_it_off(world: World, name: str, said: str) -> None:
    world.on[name] = Position(NOW, None)
    assert _violations(world) == [said]


@pytest.mark.parametrize("window", [_window("web", -60, 60), _window("api", 300, 900), _window(FOR_ALL, 600, 700)])
def test_a_window_that_meets_the_drill_is_named(world: World, window: Window) -> None:
    world.windows = [window]
    (said,) = _violations(world)
    assert "a maintenance window lasts from " in said


@pytest.mark.parametrize("window", [_window("api", 660, 900), _window("api", -900, -60)])
def test_a_window_before_or_after_the_drill_does_not_matter(world: World, window: Window) -> None:
    world.windows = [window]
    assert _violations(world) == []


def test_a_host_of_any_server_that_is_elsewhere_is_named(world: World) -> None:
    world.away["www.example.com"] = HttpsProbe(ServedBy.NOBODY, "refused")
    assert _violations(world) == [
        "www.example.com: not on its server, but nobody (refused) at 203.0.113.10, 2001:db8::10"
    ]


def test_a_resolver_that_fails_is_named_in_place_of_the_host(world: World) -> None:
    world.away["www.example.com"] = HttpsProbe(ServedBy.NOBODY, "no answer", unresolved_by="192.0.2.53")
    assert _violations(world) == [f"www.example.com: {cached_failure('192.0.2.53')}; {ANOTHER_RESOLVER}"]


def test_half_a_pair_is_named_for_the_servers_of_the_drill_alone(world: World) -> None:
    world.missing = {"*.example.org A", "example.com AAAA"}
    assert _violations(world) == [
        "*.example.org: A PRIMARY is missing, not 203.0.113.20",
        "*.example.org: A SECONDARY is missing",
    ]


def test_a_page_that_is_not_right_is_named(world: World) -> None:
    world.answer_problems = ["api.example.org: GET /: status 200 instead of 503"]
    assert _violations(world) == ["the page at the distribution: api.example.org: GET /: status 200 instead of 503"]


def test_an_api_that_is_down_is_named_and_the_rest_is_reported_all_the_same(world: World) -> None:
    world.down = {"s3", "scheduler", "route53"}
    world.away["www.example.com"] = HttpsProbe(ServedBy.PAGE, "503")
    switches, windows, host, records = _violations(world)
    assert switches == "the switches cannot be read: no such bucket"
    assert windows.startswith("the maintenance windows cannot be read: Could not connect")
    assert host.startswith("www.example.com: not on its server, but maintenance page (503)")
    assert records.startswith("the record sets cannot be read: Could not connect")


def test_a_ttl_that_is_not_the_declared_one_is_named(world: World) -> None:
    """The bounds of a drill are those of the TTL in failover.toml."""
    world.ttl_seconds = 300
    assert _violations(world) == [
        "api.example.org: TTL of the A pair is 300 s, not 30 s",
        "*.example.org: TTL of the A pair is 300 s, not 30 s",
    ]


def test_a_file_that_is_not_what_is_deployed_is_named_with_both_cures(world: World) -> None:
    world.differences = ["failure_threshold of api: deployed 5, failover.toml 3"]
    assert _violations(world) == [
        "failover.toml is not what is deployed: failure_threshold of api: deployed 5, failover.toml 3; "
        "deploy it with `cdk deploy --all`, or undo the edit"
    ]
    world.down = {"cloudformation"}
    (said,) = _violations(world)
    assert said.startswith("the deployed templates cannot be read: ")
