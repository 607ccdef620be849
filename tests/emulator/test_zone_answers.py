"""What the name server answers, read by dnspython, which shares no code with it (dnslib)."""

from dataclasses import replace

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given, strategies as st

from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.emulator.model import (
    AliasTarget,
    Distribution,
    HostedZone,
    RecordSet,
)
from understudy_failover.emulator.nameserver import Nameserver
from understudy_failover.emulator.network import EDGE_IPV4, EDGE_IPV6
from understudy_failover.emulator.zone_answers import ZoneAnswers

SOA = RecordSet(
    "example.com.",
    "SOA",
    ("ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",),
    ttl_seconds=900,
)
NS = RecordSet("example.com.", "NS", ("ns-1.awsdns-1.com.", "ns-2.awsdns-2.net."), ttl_seconds=172_800)
EDGE = Distribution("E1", "d111111abcdef8.cloudfront.net", enabled=True)
TO_EDGE = AliasTarget("d111111abcdef8.cloudfront.net.", CLOUDFRONT_HOSTED_ZONE_ID, evaluate_target_health=False)


def record(name: str, kind: str, *values: str, ttl: int = 30) -> RecordSet:
    return RecordSet(name, kind, values, ttl_seconds=ttl)


def pair(name: str = "www.example.com.", kind: str = "A", value: str = "203.0.113.10") -> tuple[RecordSet, ...]:
    """Return a failover pair: the server's address with a check, the edge without."""
    return (
        RecordSet(
            name,
            kind,
            (value,),
            ttl_seconds=30,
            set_identifier="primary",
            failover="PRIMARY",
            health_check_id="web",
        ),
        RecordSet(name, kind, set_identifier="secondary", failover="SECONDARY", alias_target=TO_EDGE),
    )


def zone(*records: RecordSet, name: str = "example.com.") -> HostedZone:
    return HostedZone(f"Z{name}", name, (*records, SOA, NS) if name == "example.com." else records)


def ask(
    name: str,
    kind: str = "A",
    *,
    zones: tuple[HostedZone, ...],
    healthy: bool | dict[str, bool] = True,
    distributions: tuple[Distribution, ...] = (EDGE,),
    query: dns.message.QueryMessage | None = None,
) -> dns.message.Message:
    """Query as a resolver does; check that the reply fits, and that dnspython reads it."""
    query = query or dns.message.make_query(name, kind)
    answers = ZoneAnswers(
        lambda: zones,
        lambda entry: healthy if isinstance(healthy, bool) else healthy[entry],
        lambda: distributions,
    )
    wire = Nameserver(answers.answer).respond(query.to_wire())
    assert wire is not None
    reply = dns.message.from_wire(wire)
    assert query.is_response(reply)
    return reply


def values(reply: dns.message.Message) -> list[str]:
    """Return the answer section's data, in order."""
    return [str(entry) for rrset in reply.answer for entry in rrset]


def ttls(reply: dns.message.Message) -> set[int]:
    return {rrset.ttl for rrset in reply.answer}


def is_negative(reply: dns.message.Message) -> bool:
    """A negative answer with its SOA."""
    kinds = [rrset.rdtype for rrset in reply.authority]
    return reply.answer == [] and kinds == [dns.rdatatype.SOA]


# --- failover routing policy


def test_a_healthy_primary_is_answered_with_its_own_ttl() -> None:
    reply = ask("www.example.com.", zones=(zone(*pair()),), healthy=True)
    assert values(reply) == ["203.0.113.10"]
    assert ttls(reply) == {30}


def test_an_unhealthy_primary_gives_way_to_the_edge_with_ttl_60() -> None:
    reply = ask("www.example.com.", zones=(zone(*pair()),), healthy=False)
    assert sorted(values(reply)) == sorted(EDGE_IPV4)
    assert ttls(reply) == {60}


def test_aaaa_fails_over_to_the_edges_ipv6_addresses() -> None:
    zones = (zone(*pair(), *pair(kind="AAAA", value="2001:db8::10")),)
    assert values(ask("www.example.com.", "AAAA", zones=zones, healthy=True)) == ["2001:db8::10"]
    assert sorted(values(ask("www.example.com.", "AAAA", zones=zones, healthy=False))) == sorted(EDGE_IPV6)


def test_both_unhealthy_is_answered_with_the_primary() -> None:
    primary, _ = pair()
    secondary = RecordSet(
        "www.example.com.", "A", ("203.0.113.99",), 30, "secondary", "SECONDARY", health_check_id="other"
    )
    zones = (zone(primary, secondary),)
    assert values(ask("www.example.com.", zones=zones, healthy={"web": False, "other": False})) == ["203.0.113.10"]
    assert values(ask("www.example.com.", zones=zones, healthy={"web": False, "other": True})) == ["203.0.113.99"]


def test_a_page_that_cannot_be_reached_is_answered_to_nobody_whose_server_fails() -> None:
    primary, page = pair()
    zones = (zone(primary, replace(page, health_check_id="page")),)
    for healthy, answered in (
        ({"web": True, "page": True}, ["203.0.113.10"]),
        ({"web": True, "page": False}, ["203.0.113.10"]),
        ({"web": False, "page": True}, list(EDGE_IPV4)),
        ({"web": False, "page": False}, ["203.0.113.10"]),
    ):
        assert values(ask("www.example.com.", zones=zones, healthy=healthy)) == answered, healthy


def test_a_primary_without_a_health_check_is_always_answered() -> None:
    primary = RecordSet("www.example.com.", "A", ("203.0.113.10",), 30, "primary", "PRIMARY")
    reply = ask("www.example.com.", zones=(zone(primary, pair()[1]),), healthy=False)
    assert values(reply) == ["203.0.113.10"]


@pytest.mark.parametrize("half", [0, 1])
def test_half_a_pair_is_answered_whatever_its_health(half: int) -> None:
    reply = ask("www.example.com.", zones=(zone(pair()[half]),), healthy=False)
    assert values(reply) == (["203.0.113.10"] if half == 0 else list(EDGE_IPV4))


def test_the_pair_of_one_name_says_nothing_about_another() -> None:
    zones = (zone(*pair(), *pair("shop.example.com.", value="203.0.113.20")),)
    assert values(ask("shop.example.com.", zones=zones)) == ["203.0.113.20"]


def test_a_wildcard_pair_fails_over_for_the_names_that_it_covers() -> None:
    zones = (zone(*pair("*.example.com.")),)
    assert values(ask("any.example.com.", zones=zones, healthy=True)) == ["203.0.113.10"]
    assert values(ask("any.example.com.", zones=zones, healthy=False)) == list(EDGE_IPV4)


# --- no data


def test_where_there_is_no_aaaa_the_answer_is_no_data_instead_of_no_name() -> None:
    reply = ask("www.example.com.", "AAAA", zones=(zone(*pair()),), healthy=False)
    assert reply.rcode() == dns.rcode.NOERROR
    assert is_negative(reply)


def test_a_distribution_without_ipv6_has_no_aaaa() -> None:
    without = Distribution("E1", EDGE.domain_name, enabled=True, ipv6_enabled=False)
    alias = RecordSet("www.example.com.", "AAAA", alias_target=TO_EDGE)
    reply = ask("www.example.com.", "AAAA", zones=(zone(alias),), distributions=(without,))
    assert reply.rcode() == dns.rcode.NOERROR
    assert is_negative(reply)


def test_an_alias_to_a_distribution_that_does_not_exist_has_no_data() -> None:
    reply = ask("www.example.com.", zones=(zone(*pair()),), healthy=False, distributions=())
    assert reply.rcode() == dns.rcode.NOERROR
    assert is_negative(reply)


def test_a_name_that_does_not_exist_is_nxdomain() -> None:
    reply = ask("nowhere.example.com.", zones=(zone(*pair()),))
    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert is_negative(reply)


@pytest.mark.parametrize("name", ["nowhere", "www"], ids=["NXDOMAIN", "NODATA"])
@pytest.mark.parametrize(("ttl_seconds", "minimum"), [(900, 86_400), (900, 45), (60, 86_400)])
def test_the_ttl_of_the_soa_record_is_that_of_negative_answers(name: str, ttl_seconds: int, minimum: int) -> None:
    value = f"ns.example.net. root.example.net. 1 7200 900 1209600 {minimum}"
    zones = (
        zone(*pair("www.example.net."), RecordSet("example.net.", "SOA", (value,), ttl_seconds), name="example.net."),
    )
    reply = ask(f"{name}.example.net.", "AAAA", zones=zones)
    assert [(rrset.ttl, str(rrset[0])) for rrset in reply.authority] == [(ttl_seconds, value)]


# --- zones


def test_a_zone_that_is_not_here_is_refused() -> None:
    reply = ask("www.example.org.", zones=(zone(*pair()),))
    assert reply.rcode() == dns.rcode.REFUSED
    assert not reply.flags & dns.flags.AA
    assert reply.answer == reply.authority == []


def test_a_name_that_only_ends_like_a_zone_is_refused() -> None:
    reply = ask("notexample.com.", zones=(zone(*pair()),))
    assert reply.rcode() == dns.rcode.REFUSED


def test_of_nested_zones_the_longest_answers() -> None:
    inner = zone(record("www.dev.example.com.", "A", "203.0.113.77"), name="dev.example.com.")
    outer = zone(record("www.dev.example.com.", "A", "203.0.113.1"))
    for zones in ((inner, outer), (outer, inner)):
        assert values(ask("www.dev.example.com.", zones=zones)) == ["203.0.113.77"]


def test_answers_are_authoritative_and_offer_no_recursion() -> None:
    reply = ask("www.example.com.", zones=(zone(*pair()),))
    assert reply.flags & dns.flags.AA
    assert not reply.flags & dns.flags.RA


def test_answers_claim_to_be_authenticated_for_nobody() -> None:
    query = dns.message.make_query("www.example.com.", "A")
    query.flags |= dns.flags.AD
    assert not ask("", zones=(zone(*pair()),), query=query).flags & dns.flags.AD


def test_another_class_than_in_is_refused() -> None:
    query = dns.message.make_query("www.example.com.", "A", rdclass=dns.rdataclass.CH)
    assert ask("", zones=(zone(*pair()),), query=query).rcode() == dns.rcode.REFUSED


def test_another_operation_than_a_query_is_not_implemented() -> None:
    query = dns.message.make_query("www.example.com.", "A")
    query.set_opcode(dns.opcode.STATUS)
    wire = Nameserver(ZoneAnswers(lambda: (zone(*pair()),), lambda _: True, lambda: ()).answer).respond(query.to_wire())
    assert wire is not None
    assert dns.message.from_wire(wire).rcode() == dns.rcode.NOTIMP


# --- records of all kinds


@given(st.lists(st.booleans(), min_size=15, max_size=15))
def test_names_are_found_in_any_case_and_shown_as_they_were_asked(upper: list[bool]) -> None:
    name = "".join(letter.upper() if up else letter for letter, up in zip("www.example.com", upper, strict=True))
    reply = ask(f"{name}.", zones=(zone(*pair()),))
    assert values(reply) == ["203.0.113.10"]
    assert reply.answer[0].name.to_text() == f"{name}."


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("A", "203.0.113.10"),
        ("AAAA", "2001:db8::10"),
        ("TXT", '"v=spf1 -all"'),
        ("TXT", '"semi; colon" "and \\"quotes\\""'),
        ("MX", "10 mail.example.com."),
        ("NS", "ns.example.net."),
        ("SRV", "1 2 5060 sip.example.com."),
        ("CAA", '0 issue "ca.example.net"'),
        ("PTR", "host.example.com."),
        ("NAPTR", '100 10 "U" "E2U+sip" "!^.*$!sip:info@example.com!" .'),
        ("DS", "12345 13 2 49fd46e6c4b45c55d4ac69cbd3cd34ac1afe51deb7f4d7a1e3f7e2f3a1e0c6b1"),
        ("SSHFP", "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"),
        ("TLSA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971"),
    ],
)
def test_a_records_value_reaches_the_client_as_it_was_written(kind: str, value: str) -> None:
    reply = ask("host.example.com.", kind, zones=(zone(record("host.example.com.", kind, value)),))
    assert values(reply) == [value]


def test_all_values_of_a_record_set_are_answered() -> None:
    addresses = [f"203.0.113.{number}" for number in range(1, 6)]
    reply = ask("www.example.com.", zones=(zone(record("www.example.com.", "A", *addresses)),))
    assert sorted(values(reply)) == addresses


def test_a_ttl_of_0_is_0() -> None:
    reply = ask("www.example.com.", zones=(zone(record("www.example.com.", "A", "203.0.113.10", ttl=0)),))
    assert ttls(reply) == {0}


def test_the_apex_answers_soa_and_ns() -> None:
    assert values(ask("example.com.", "SOA", zones=(zone(),))) == list(SOA.values)
    assert sorted(values(ask("example.com.", "NS", zones=(zone(),)))) == sorted(NS.values)


def test_any_is_answered_with_hinfo_as_rfc_8482_says() -> None:
    reply = ask("www.example.com.", "ANY", zones=(zone(*pair()),))
    assert values(reply) == ['"RFC8482" ""']


def test_a_type_that_nobody_knows_has_no_data() -> None:
    reply = ask("www.example.com.", "TYPE65280", zones=(zone(*pair()),))
    assert reply.rcode() == dns.rcode.NOERROR
    assert is_negative(reply)


def test_an_alias_to_a_record_of_the_same_zone_has_that_records_values_and_ttl() -> None:
    target = AliasTarget("www.example.com.", "Zexample.com.", evaluate_target_health=True)
    zones = (zone(*pair(), RecordSet("example.com.", "A", alias_target=target)),)
    reply = ask("example.com.", zones=zones, healthy=True)
    assert values(reply) == ["203.0.113.10"]
    assert ttls(reply) == {30}
    assert reply.answer[0].name.to_text() == "example.com."
    assert values(ask("example.com.", zones=zones, healthy=False)) == list(EDGE_IPV4)


# --- CNAME


def test_a_cname_chain_within_the_zone_is_answered_to_its_end() -> None:
    zones = (
        zone(
            record("a.example.com.", "CNAME", "b.example.com.", ttl=300),
            record("b.example.com.", "CNAME", "www.example.com.", ttl=200),
            *pair(),
        ),
    )
    reply = ask("a.example.com.", zones=zones)
    assert values(reply) == ["b.example.com.", "www.example.com.", "203.0.113.10"]
    assert [(rrset.name.to_text(), rrset.ttl) for rrset in reply.answer] == [
        ("a.example.com.", 300),
        ("b.example.com.", 200),
        ("www.example.com.", 30),
    ]


def test_a_cname_that_was_asked_for_is_not_followed() -> None:
    zones = (zone(record("a.example.com.", "CNAME", "www.example.com."), *pair()),)
    assert values(ask("a.example.com.", "CNAME", zones=zones)) == ["www.example.com."]


def test_a_cname_that_leads_out_of_the_zone_is_all_of_the_answer() -> None:
    other = zone(record("www.example.net.", "A", "203.0.113.1"), name="example.net.")
    zones = (zone(record("a.example.com.", "CNAME", "www.example.net.")), other)
    reply = ask("a.example.com.", zones=zones)
    assert reply.rcode() == dns.rcode.NOERROR
    assert values(reply) == ["www.example.net."]


def test_a_cname_to_a_name_that_does_not_exist_is_nxdomain_with_the_chain() -> None:
    reply = ask("a.example.com.", zones=(zone(record("a.example.com.", "CNAME", "gone.example.com.")),))
    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert values(reply) == ["gone.example.com."]


def test_a_cname_of_a_wildcard_has_the_name_that_was_asked() -> None:
    zones = (zone(record("*.example.com.", "CNAME", "www.example.com."), *pair()),)
    reply = ask("any.example.com.", zones=zones)
    assert [rrset.name.to_text() for rrset in reply.answer] == ["any.example.com.", "www.example.com."]


def test_a_cname_loop_comes_to_an_end() -> None:
    zones = (
        zone(
            record("a.example.com.", "CNAME", "b.example.com."),
            record("b.example.com.", "CNAME", "a.example.com."),
        ),
    )
    assert set(values(ask("a.example.com.", zones=zones))) == {"a.example.com.", "b.example.com."}


# --- wildcards: the zone and the questions of RFC 4592, section 2.2.1 (Route 53 has no glue, nor we delegation)

RFC_4592 = (
    HostedZone(
        "Z4592",
        "example.",
        (
            RecordSet("example.", "SOA", ("ns.example. root.example. 1 2 3 4 5",), 3600),
            record("*.example.", "TXT", '"this is a wildcard"'),
            record("*.example.", "MX", "10 host1.example."),
            record("sub.*.example.", "TXT", '"this is not a wildcard"'),
            record("host1.example.", "A", "192.0.2.1"),
            record("_ssh._tcp.host1.example.", "SRV", "0 0 22 host1.example."),
            record("_ssh._tcp.host2.example.", "SRV", "0 0 22 host2.example."),
        ),
    ),
)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("host3.example.", "MX", "10 host1.example."),
        ("foo.bar.example.", "TXT", '"this is a wildcard"'),
        ("*.example.", "TXT", '"this is a wildcard"'),
        ("sub.*.example.", "TXT", '"this is not a wildcard"'),
    ],
)
def test_a_wildcard_answers_where_rfc_4592_says_so(name: str, kind: str, expected: str) -> None:
    reply = ask(name, kind, zones=RFC_4592)
    assert values(reply) == [expected]
    assert reply.answer[0].name.to_text() == name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("host3.example.", "A"),  # the wildcard exists, without that type
        ("host1.example.", "MX"),  # the name exists by itself
        ("sub.*.example.", "MX"),  # likewise
        ("host2.example.", "MX"),  # an empty non-terminal: it exists by what lies below it
        ("_tcp.host1.example.", "TXT"),  # likewise
        ("*.example.", "SRV"),
    ],
)
def test_a_wildcard_gives_no_data_where_rfc_4592_says_so(name: str, kind: str) -> None:
    reply = ask(name, kind, zones=RFC_4592)
    assert reply.rcode() == dns.rcode.NOERROR
    assert is_negative(reply)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("_telnet._tcp.host1.example.", "SRV"),  # the closest encloser is _tcp.host1, which has no wildcard
        ("www.host1.example.", "MX"),
        ("ghost.*.example.", "MX"),  # the closest encloser is the wildcard itself
    ],
)
def test_a_wildcard_does_not_reach_where_rfc_4592_says_so(name: str, kind: str) -> None:
    reply = ask(name, kind, zones=RFC_4592)
    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert is_negative(reply)


def test_a_wildcard_does_not_stand_for_the_apex() -> None:
    reply = ask("example.com.", zones=(zone(*pair("*.example.com.")),))
    assert reply.rcode() == dns.rcode.NOERROR
    assert is_negative(reply)
