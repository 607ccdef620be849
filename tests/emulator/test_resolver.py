import pytest
from dnslib import QTYPE, RCODE, RR, DNSRecord
from hypothesis import given, strategies as st

from tests.emulator.manual_time import ManualTime
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.resolver import Resolver

SOA = "ns.example.com. root.example.com. 1 7200 900 1209600 86400"
SHORT_SECONDS = 0.001


class World:
    """A name server that the test can change its mind about, and a clock that the test moves."""

    def __init__(self, *, rate: float = 1) -> None:
        self.time = ManualTime()
        self.records: list[tuple[str, int, str, str]] = []
        """Name, TTL, type, value."""
        self.negative_ttl: int | None = 900
        self.asked: list[tuple[str, str]] = []
        self.clock = Clock(rate, (1_800_000_000.0, 0.0), source=self.time)
        self.resolver = Resolver(self.ask, self.clock)

    def ask(self, query: DNSRecord) -> DNSRecord:
        name, kind = str(query.q.qname), QTYPE.get(query.q.qtype)
        self.asked.append((name, kind))
        reply = query.reply()
        for shown, ttl, of_kind, value in self.records:
            if of_kind in {kind, "CNAME"}:
                reply.add_answer(*RR.fromZone(f"{shown} {ttl} IN {of_kind} {value}"))
        if not reply.rr:
            reply.header.rcode = RCODE.NXDOMAIN
            if self.negative_ttl is not None:
                reply.add_auth(*RR.fromZone(f"example.com. {self.negative_ttl} IN SOA {SOA}"))
        return reply

    def pass_by(self, seconds: float) -> None:
        self.clock.sleep(seconds)


def test_a_name_resolves_to_its_ipv4_addresses_and_then_its_ipv6_addresses() -> None:
    world = World()
    world.records = [
        ("www.example.com.", 60, "AAAA", "2001:db8::10"),
        ("www.example.com.", 60, "A", "203.0.113.10"),
        ("www.example.com.", 60, "A", "203.0.113.11"),
    ]
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10", "203.0.113.11", "2001:db8::10")


def test_a_name_without_addresses_resolves_to_none() -> None:
    assert World().resolver.addresses("www.example.com") == ()


@pytest.mark.parametrize("name", ["a" * 64 + ".example.com", "a..example.com"])
def test_what_cannot_be_a_name_resolves_to_none_without_being_asked_for(name: str) -> None:
    world = World()
    assert world.resolver.addresses(name) == ()
    assert world.asked == []


@given(st.integers(1, 172_800), st.sampled_from([0.5, 1, 10, 50]))
def test_an_answer_is_kept_exactly_as_long_as_its_ttl(ttl: int, rate: float) -> None:
    world = World(rate=rate)
    world.records = [("www.example.com.", ttl, "A", "203.0.113.10")]
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10",)
    world.records = [("www.example.com.", ttl, "A", "198.51.100.10")]
    world.pass_by(ttl - SHORT_SECONDS)
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10",)
    world.pass_by(SHORT_SECONDS)
    assert world.resolver.addresses("www.example.com") == ("198.51.100.10",)


@pytest.mark.parametrize("negative_ttl", [1, 45, 900])
def test_a_negative_answer_is_kept_exactly_as_long_as_its_soa_says(negative_ttl: int) -> None:
    world = World()
    world.negative_ttl = negative_ttl
    assert world.resolver.addresses("www.example.com") == ()
    world.records = [("www.example.com.", 60, "A", "203.0.113.10"), ("www.example.com.", 60, "AAAA", "2001:db8::10")]
    world.pass_by(negative_ttl - SHORT_SECONDS)
    assert world.resolver.addresses("www.example.com") == ()
    world.pass_by(SHORT_SECONDS)
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10", "2001:db8::10")


def test_an_answer_with_ttl_0_is_asked_for_each_time() -> None:
    world = World()
    world.records = [("www.example.com.", 0, "A", "203.0.113.10"), ("www.example.com.", 0, "AAAA", "2001:db8::10")]
    for _ in range(3):
        world.resolver.addresses("www.example.com")
    assert len(world.asked) == 6


def test_an_answer_that_says_nothing_of_how_long_is_not_kept() -> None:
    world = World()
    world.negative_ttl = None
    world.resolver.addresses("www.example.com")
    world.records = [("www.example.com.", 60, "A", "203.0.113.10")]
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10",)


def test_a_chain_is_kept_as_long_as_its_shortest_link() -> None:
    world = World()
    world.records = [
        ("www.example.com.", 10, "CNAME", "web.example.com."),
        ("web.example.com.", 300, "A", "203.0.113.10"),
    ]
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10",)
    world.records = [("www.example.com.", 60, "A", "198.51.100.10")]
    world.pass_by(10 - SHORT_SECONDS)
    assert world.resolver.addresses("www.example.com") == ("203.0.113.10",)
    world.pass_by(SHORT_SECONDS)
    assert world.resolver.addresses("www.example.com") == ("198.51.100.10",)


def test_each_type_of_a_name_is_kept_for_itself() -> None:
    world = World()
    world.records = [("www.example.com.", 10, "A", "203.0.113.10"), ("www.example.com.", 100, "AAAA", "2001:db8::10")]
    world.resolver.addresses("www.example.com")
    world.asked.clear()
    world.pass_by(50)
    world.resolver.addresses("www.example.com")
    assert world.asked == [("www.example.com.", "A")]


def test_a_name_is_the_same_in_any_case_and_with_a_trailing_dot() -> None:
    world = World()
    world.records = [("www.example.com.", 60, "A", "203.0.113.10"), ("www.example.com.", 60, "AAAA", "2001:db8::10")]
    for name in ("www.example.com", "WWW.example.COM", "www.example.com."):
        assert world.resolver.addresses(name) == ("203.0.113.10", "2001:db8::10")
    assert len(world.asked) == 2


def test_flushing_forgets_everything() -> None:
    world = World()
    world.records = [("www.example.com.", 86_400, "A", "203.0.113.10")]
    world.resolver.addresses("www.example.com")
    world.records = [("www.example.com.", 86_400, "A", "198.51.100.10")]
    world.resolver.flush()
    assert world.resolver.addresses("www.example.com") == ("198.51.100.10",)


def test_an_alias_that_leads_out_of_its_zone_is_followed_and_kept_as_long_as_its_shortest_link() -> None:
    world = World()
    links = {"www.example.com.": ("CNAME", 10, "web.example.net."), "web.example.net.": ("A", 300, "203.0.113.10")}

    def ask(query: DNSRecord) -> DNSRecord:
        world.asked.append((str(query.q.qname), QTYPE.get(query.q.qtype)))
        reply = query.reply()
        kind, ttl, value = links[str(query.q.qname)]
        if kind in {"CNAME", QTYPE.get(query.q.qtype)}:
            reply.add_answer(*RR.fromZone(f"{query.q.qname} {ttl} IN {kind} {value}"))
        return reply

    resolver = Resolver(ask, world.clock)
    assert resolver.addresses("www.example.com") == ("203.0.113.10",)
    links["www.example.com."] = ("CNAME", 10, "d1.cloudfront.net.")
    links["d1.cloudfront.net."] = ("A", 60, "198.51.100.10")
    world.pass_by(10 - SHORT_SECONDS)
    assert resolver.addresses("www.example.com") == ("203.0.113.10",)
    world.pass_by(2 * SHORT_SECONDS)
    assert resolver.addresses("www.example.com") == ("198.51.100.10",)


def test_aliases_in_a_circle_resolve_to_nothing() -> None:
    world = World()
    world.records = [("www.example.com.", 60, "CNAME", "www.example.com.")]
    assert world.resolver.addresses("www.example.com") == ()
