"""Delegation, judged by answers: white-label name servers, split horizon, DNSSEC, and a machine without network."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from understudy_failover.operations import delegation as module
from understudy_failover.operations.cached_failure import cached_failure
from understudy_failover.operations.delegation import Outcome, delegation
from understudy_failover.operations.name_server import DnsError, RecordsFound
from understudy_failover.operations.reach import Reach, add_arguments, from_arguments

ZONE, ZONE_ID = "example.com", "Z0EXAMPLECOM00000001"
OWN = ("ns-1.awsdns-01.com", "ns-2.awsdns-02.net")
ADDRESSES = {"ns-1.awsdns-01.com": ("205.251.192.1",), "ns-2.awsdns-02.net": ("205.251.194.2",)}


class World:
    """A resolver with given answers; an exception in place of an answer is raised."""

    def __init__(
        self,
        ns: Sequence[str] | DnsError,
        addresses: Mapping[str, tuple[str, ...]] = ADDRESSES,
        *,
        unchecked: Sequence[str] = (),
    ) -> None:
        self.ns, self.known, self.unchecked = ns, addresses, unchecked

    def __str__(self) -> str:
        return "192.0.2.53"

    def records(self, name: str, kind: str, *, checked: bool = True) -> RecordsFound:
        assert (name, kind) == (ZONE, "NS")
        answer = self.ns if checked else self.unchecked or self.ns
        if isinstance(answer, DnsError):
            raise answer
        return RecordsFound(tuple(f"{name}." for name in answer), 60)

    def addresses(self, name: str, kind: str) -> tuple[str, ...]:
        assert kind == "A"
        return self.known.get(name, ())


def judged(*worlds: World, patch: pytest.MonkeyPatch, network: bool = True) -> module.Delegation:
    patch.setattr(Reach, "asked_resolvers", lambda _: [*worlds])
    patch.setattr(Reach, "has_network", network)
    return delegation(Reach(), ZONE, ZONE_ID, OWN)


def test_the_zones_own_name_servers_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(World(OWN), patch=monkeypatch).outcome is Outcome.OURS


def test_white_label_name_servers_with_the_addresses_of_the_zones_own_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    white = {f"ns{n}.example.com": addresses for n, addresses in enumerate(ADDRESSES.values(), 1)}
    verdict = judged(World([*white], ADDRESSES | white), patch=monkeypatch)
    assert (verdict.outcome, verdict.advice) == (Outcome.OURS, "")


def test_white_label_name_servers_with_other_addresses_are_ours_if_they_answer_the_same_soa(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soa = {"205.251.192.1": ("ns-1. admin. 1",), "198.51.100.1": ("ns-1. admin. 1",), "198.51.100.9": ("other. x. 7",)}

    class PageRequest:
        def __init__(self, address: str, _: int) -> None:
            self.address = address

        def records(self, *_: str) -> RecordsFound:
            return RecordsFound(soa[self.address], 60)

    monkeypatch.setattr(module, "NameServer", PageRequest)
    same = judged(World(["ns1.example.com"], ADDRESSES | {"ns1.example.com": ("198.51.100.1",)}), patch=monkeypatch)
    other = judged(World(["ns1.example.com"], ADDRESSES | {"ns1.example.com": ("198.51.100.9",)}), patch=monkeypatch)
    assert (same.outcome, other.outcome) == (Outcome.OURS, Outcome.ELSEWHERE)


def test_name_servers_of_another_zone_are_elsewhere_and_the_registrar_is_advised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdict = judged(World(["ns.elsewhere.example"]), patch=monkeypatch)
    assert verdict.outcome is Outcome.ELSEWHERE
    assert "registrar" in verdict.advice
    assert judged(World(OWN), patch=monkeypatch).outcome is Outcome.OURS  # as advised


def test_some_of_another_zone_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = judged(World([*OWN, "ns.elsewhere.example"]), patch=monkeypatch)
    assert verdict.outcome is Outcome.PARTLY
    assert "ns.elsewhere.example" in verdict.text


def test_no_name_servers_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(World([]), patch=monkeypatch).outcome is Outcome.NOWHERE


def test_the_name_servers_of_private_zones_mean_a_vpc_and_not_the_delegation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdict = judged(World(sorted(module.PRIVATE_ZONES)), patch=monkeypatch)
    assert verdict.outcome is Outcome.INSIDE_VPC
    assert "VPC" in verdict.text
    assert "--resolver" in verdict.advice


def test_an_answer_only_without_validation_is_a_dnssec_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = judged(World(DnsError("x", "SERVFAIL"), unchecked=OWN), patch=monkeypatch)
    assert verdict.outcome is Outcome.BOGUS
    assert "DS record" in verdict.advice


SERVFAIL, REFUSED = DnsError("x", "SERVFAIL"), DnsError("x", "REFUSED")


def name_servers_answer(patch: pytest.MonkeyPatch, *, soa: RecordsFound | DnsError) -> None:
    class OwnServer:
        def __init__(self, address: str, _: int) -> None:
            assert (address,) in ADDRESSES.values()

        def records(self, *_: str) -> RecordsFound:
            if isinstance(soa, DnsError):
                raise soa
            return soa

    patch.setattr(module, "NameServer", OwnServer)


def test_a_zone_that_neither_resolver_nor_its_name_servers_answer_for_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name_servers_answer(monkeypatch, soa=REFUSED)
    verdict = judged(World(SERVFAIL), patch=monkeypatch)
    assert verdict.outcome is Outcome.SILENT
    assert "192.0.2.53 say SERVFAIL" in verdict.text


def test_a_resolver_that_fails_beside_name_servers_that_answer_may_keep_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name_servers_answer(monkeypatch, soa=RecordsFound(("ns. root. 1 2 3 4 5",), 900))
    verdict = judged(World(SERVFAIL), patch=monkeypatch)
    assert (verdict.outcome, verdict.text) == (Outcome.KEPT_FAILURE, cached_failure("192.0.2.53"))
    # What the advice says, in both worlds: of a failure that was kept, and of registrars that name other servers.
    assert verdict.advice.count("--resolver") == 2
    assert judged(World(SERVFAIL), World(OWN), patch=monkeypatch).outcome is Outcome.OURS
    assert judged(World(SERVFAIL), World(SERVFAIL), patch=monkeypatch).outcome is Outcome.SILENT


@pytest.mark.parametrize(("network", "outcome"), [(False, Outcome.NO_NETWORK), (True, Outcome.NO_DNS)])
def test_silence_is_reported_as_a_fault_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, network: bool, outcome: Outcome
) -> None:
    verdict = judged(World(DnsError("timed out")), patch=monkeypatch, network=network)
    assert verdict.outcome is outcome
    assert verdict.outcome.is_unknown


@dataclass(frozen=True)
class Case:
    """What a resolver answers before and after the advice; the advice is for a registrar, or for this machine."""

    world: World | None
    advice: str
    network: bool = True
    soa: RecordsFound | DnsError = REFUSED


CASES: dict[Outcome, Case] = {
    Outcome.PARTLY: Case(World([*OWN, "ns.elsewhere.example"]), "remove them at your registrar"),
    Outcome.ELSEWHERE: Case(World(["ns.elsewhere.example"]), f"at your registrar to those of {ZONE_ID}"),
    Outcome.NOWHERE: Case(World([]), f"at your registrar to those of {ZONE_ID}: {', '.join(OWN)}"),
    Outcome.SILENT: Case(World(SERVFAIL), "compare the name servers at your registrar"),
    Outcome.KEPT_FAILURE: Case(
        World(SERVFAIL),
        "`--resolver 1.1.1.1:53 --resolver 8.8.8.8:53`",
        soa=RecordsFound(("ns. root. 1 2 3 4 5",), 900),
    ),
    Outcome.BOGUS: Case(World(SERVFAIL, unchecked=OWN), "remove the DS record"),
    Outcome.NO_RESOLVER: Case(None, "`--resolver 1.1.1.1:53`"),
    Outcome.INSIDE_VPC: Case(World(sorted(module.PRIVATE_ZONES)), "`--resolver 1.1.1.1:53`"),
    Outcome.NO_NETWORK: Case(World(DnsError("timed out")), "connect it", network=False),
    Outcome.NO_DNS: Case(World(DnsError("timed out")), "`--resolver 1.1.1.1:53`"),
}


@pytest.mark.parametrize("outcome", CASES)
def test_it_is_ours_after_the_advice_was_followed(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    case = CASES[outcome]

    def asked(reach: Reach) -> list[World]:
        # As advised: another resolver, named with --resolver.
        if reach.resolvers:
            return [World(OWN)]
        if case.world is None:
            raise DnsError("this machine names no resolver")
        return [case.world]

    monkeypatch.setattr(Reach, "asked_resolvers", asked)
    name_servers_answer(monkeypatch, soa=case.soa)
    monkeypatch.setattr(Reach, "has_network", case.network)
    verdict = delegation(Reach(), ZONE, ZONE_ID, OWN)
    assert (verdict.outcome, case.advice in verdict.advice) == (outcome, True), verdict.advice
    options = argparse.ArgumentParser()
    add_arguments(options)
    if named := re.search("`(--resolver [^`]+)`", verdict.advice):
        reach = from_arguments(options.parse_args(named[1].split()))
    else:
        reach = Reach()
        monkeypatch.setattr(Reach, "asked_resolvers", lambda _: [World(OWN)])
    monkeypatch.setattr(Reach, "has_network", True)
    assert delegation(reach, ZONE, ZONE_ID, OWN).outcome is Outcome.OURS
