"""A drill reports the state of a world: what holds, what does not, how long it took."""

import re
from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.operations.world import AtOnce, Pooled, World
from understudy_failover.operations import drill as drill_module
from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER, cached_failure
from understudy_failover.operations.drill import OUTAGE, SWITCH, Cause, Drill, Observations
from understudy_failover.operations.journal import Journal, Kind
from understudy_failover.operations.observation import ServedBy
from understudy_failover.operations.pooled_client import MARK, WHO_NOTICES
from understudy_failover.settings import Settings

Play = Callable[..., Journal]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Play:
    """Drills in a world made of the given facts."""

    def run(
        *,
        faults: list[str] | None = None,
        cause: Cause = OUTAGE,
        ipv6: bool = True,
        complete: list[bool] | None = None,
        client_behavior: Callable[[Observations], None] = lambda _: None,
        **facts: Any,
    ) -> Journal:
        world = World(settings, **facts)
        journal = Journal(world.clock)
        _live_in(world, monkeypatch)
        monkeypatch.setattr(drill_module, "ask", lambda *_: faults or [])
        nobody = cast(Any, None)
        drill = Drill(
            settings,
            settings.servers,
            outage=world,
            name_server=nobody,
            client=nobody,
            patient_client=nobody,
            journal=journal,
            cause=cause,
            client_behavior=client_behavior,
            ipv6=ipv6,
        )
        (complete if complete is not None else []).append(drill.run())
        return journal

    return run


def _live_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill_module, "resolve", world.resolve)
    monkeypatch.setattr(drill_module, "probe_https", world.probe_https)
    monkeypatch.setattr(drill_module, "PooledClient", lambda host, _: Pooled(world, host))
    monkeypatch.setattr(drill_module, "ThreadPoolExecutor", lambda *_, **__: AtOnce())


def _deviations(journal: Journal) -> list[str]:
    return [entry.text for entry in journal.deviations]


def test_in_a_world_as_promised_every_hypothesis_holds(play: Play) -> None:
    journal = play()
    assert _deviations(journal) == []
    assert [measurement.what for measurement in journal.measurements] == [
        f"{server}: {what} {where}"
        for server in ("web", "api")
        for where in ("the maintenance page", "the server")
        for what in ("DNS moves to", "clients see")
    ]


def test_the_measured_times_are_the_true_ones(play: Play) -> None:
    for measurement in play(dns_seconds=17.3, client_seconds=44.4).measurements:
        true = 17.3 if "DNS" in measurement.what else 44.4
        assert measurement.after_seconds <= true <= measurement.within_seconds
        assert measurement.within_seconds - measurement.after_seconds < 2.5


def test_dns_that_moves_too_late_deviates(play: Play) -> None:
    journal = play(dns_seconds=45, client_seconds=50)
    assert any("DNS moves to the maintenance page" in text for text in _deviations(journal))


def test_clients_that_never_arrive_deviate_and_the_drill_waits_no_longer_than_the_bound(play: Play) -> None:
    journal = play(client_seconds=10_000)
    texts = _deviations(journal)
    assert "web: not on the maintenance page within 66 s: example.com, www.example.com, shop.example.com" in texts
    assert journal.entries[-1].at_seconds < 1_000


def test_a_resolver_that_fails_is_named_and_is_no_fault_of_the_deployment(play: Play) -> None:
    complete: list[bool] = []
    journal = play(resolver_fails_seconds=10_000, complete=complete)
    assert complete == [False]
    assert _deviations(journal) == []
    said = [entry.text for entry in journal.entries if entry.kind is Kind.INCONCLUSIVE]
    assert said[0].startswith("web: not on the maintenance page within 66 s: example.com, www.example.com, shop")
    assert said[0].endswith(f"{cached_failure('192.0.2.53')}; {ANOTHER_RESOLVER}")
    assert journal.measurements[0].what == "web: DNS moves to the server", "and what was seen is measured"


def test_a_resolver_that_fails_for_seconds_disturbs_nobody(play: Play) -> None:
    complete: list[bool] = []
    journal = play(resolver_fails_seconds=30, complete=complete)
    assert complete == [True]
    assert {entry.kind for entry in journal.entries} == {Kind.METHOD, Kind.CONFIRMED, Kind.NOTE}


def test_a_name_server_that_is_late_deviates_whatever_the_resolver_does(play: Play) -> None:
    deviations = _deviations(play(resolver_fails_seconds=10_000, dns_seconds=10_000))
    assert deviations[0].startswith("web: not on the maintenance page within")


def test_aaaa_answers_that_do_not_move_deviate(play: Play) -> None:
    texts = _deviations(play(edge_ipv6=()))
    assert any(text.startswith("web: not on the maintenance page") for text in texts)
    assert not any(text.startswith("api: not on the maintenance page") for text in texts)


def test_hosts_of_other_servers_that_are_dragged_along_deviate(play: Play) -> None:
    texts = _deviations(play(drags_others_along=True))
    assert any(text.startswith("hosts of other servers were disturbed: api.example.org") for text in texts)


def test_a_wrong_answer_of_the_page_deviates_and_many_are_counted(play: Play) -> None:
    texts = _deviations(play(faults=[f"answer {number} is wrong" for number in range(8)]))
    assert texts[:5] == [f"answer {number} is wrong" for number in range(5)]
    assert texts[5] == "and 3 more of that kind"


def _confirmed(journal: Journal) -> list[str]:
    return [entry.text for entry in journal.entries if entry.kind is Kind.CONFIRMED]


def test_by_the_switch_the_server_goes_on_at_its_own_addresses(play: Play) -> None:
    confirmed = _confirmed(play(cause=SWITCH, dns_seconds=8, client_seconds=12))
    assert "web: meanwhile the server answers at 203.0.113.10 and 2001:db8::10" in confirmed
    assert "api: meanwhile the server answers at 203.0.113.20" in confirmed
    assert not any("meanwhile" in text for text in _confirmed(play())), "in an outage it does not"


def test_by_the_switch_a_server_that_does_not_go_on_deviates(play: Play) -> None:
    texts = _deviations(play(cause=SWITCH, dns_seconds=8, client_seconds=12, answers_at_its_address=False))
    assert any(text.startswith("web: not the server at its own address: example.com at 203.0.113.10") for text in texts)


def test_without_ipv6_no_address_of_it_is_connected_to(play: Play) -> None:
    confirmed = _confirmed(play(cause=SWITCH, dns_seconds=8, client_seconds=12, ipv6=False))
    assert "web: meanwhile the server answers at 203.0.113.10" in confirmed


def test_a_server_that_does_not_come_back_ends_the_drill_before_the_next_outage(play: Play) -> None:
    journal = play(comes_back=False)
    assert not any(entry.text == "api fails" for entry in journal.entries)
    assert any("the deployment is not in a steady state" in text for text in _deviations(journal))


def test_the_outage_ends_even_when_the_drill_is_broken_off(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    world = World(settings)
    journal = Journal(world.clock)
    _live_in(world, monkeypatch)

    def break_off(*_: object) -> list[str]:
        raise RuntimeError("broken off")

    monkeypatch.setattr(drill_module, "ask", break_off)
    nobody = cast(Any, None)
    with pytest.raises(RuntimeError, match="broken off"):
        Drill(
            settings,
            settings.servers,
            outage=world,
            name_server=nobody,
            client=nobody,
            patient_client=nobody,
            journal=journal,
        ).run()
    assert [entry.text for entry in journal.entries if entry.kind is Kind.METHOD] == ["web fails", "web works again"]


def _notes(journal: Journal) -> list[str]:
    return [entry.text for entry in journal.entries if entry.kind is Kind.NOTE]


def test_a_kept_connection_that_stays_on_the_page_is_shown_noted_and_no_deviation(play: Play) -> None:
    observed: list[Observations] = []
    journal = play(client_behavior=observed.append)
    assert _deviations(journal) == []
    (web, api) = _notes(journal)
    assert re.fullmatch(
        r"web: after 5\d s a client that keeps its connection to example.com still sees the maintenance page, "
        rf"as long as it asks often: {re.escape(WHO_NOTICES)}",
        web,
    )
    assert api.startswith("api: ")
    kept = [observations for observations in observed if f"example.com{MARK}" in observations]
    assert {observations[f"example.com{MARK}"].probe.served_by for observations in kept} == {ServedBy.PAGE}
    assert kept[-1]["example.com"].probe.served_by is ServedBy.SERVER, "and then everybody else is back"


def test_a_kept_connection_that_ends_leads_back_and_the_note_says_when(play: Play) -> None:
    (web, _) = _notes(play(keeps_seconds=20))
    assert re.fullmatch(
        r"web: after 4\d s a client that keeps its connection to example.com sees server \(200\), by connection 2", web
    )


def test_without_a_page_or_a_way_back_nothing_is_noted_of_kept_connections(play: Play) -> None:
    assert _notes(play(client_seconds=10_000)) == []
    assert _notes(play(comes_back=False)) == []
