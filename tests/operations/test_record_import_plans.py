"""What `import` plans where a zone holds more than one kind of record of a host."""

from typing import Any
from unittest.mock import Mock

import pytest

from tests.operations.recorded import alias, record
from understudy_failover.contract.set_identifiers import PAGE, PLACEHOLDER, SERVER
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.operations.record_import.plans import Step, record_import
from understudy_failover.operations.record_import.states import name
from understudy_failover.settings import Host, HostedZone

HOST = Host("shop.example.com", HostedZone(name="example.com", id="Z0EXAMPLECOM00000001"))


def _record(type_: str, value: str, role: str = "", set_identifier: str = "") -> RecordSet:
    raw: dict[str, Any] = {"Name": "shop.example.com.", "Type": type_, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    if role:
        raw |= {"Failover": role, "SetIdentifier": set_identifier}
    return RecordSet("shop.example.com", type_, "failover" if role else SIMPLE, raw)


KEPT_A = _record("A", "203.0.113.32", "SECONDARY", PLACEHOLDER)
STRAY_AAAA = _record("AAAA", "2001:db8::99")
PAIR = [_record("A", "203.0.113.32", "PRIMARY", SERVER), _record("A", "203.0.113.99", "SECONDARY", PAGE)]


def _planned(records: list[RecordSet]) -> list[tuple[str, str]]:
    server = Mock(record_values={"CNAME": ("home.origin.example.net",)})
    changes = record_import(name(HOST, server, records), 30).changes
    return [(change["Action"], change["ResourceRecordSet"]["Type"]) for change in changes]


@pytest.mark.parametrize("records", [[KEPT_A, STRAY_AAAA], [STRAY_AAAA, KEPT_A]])
def test_before_a_cname_pair_what_is_kept_goes_together_with_what_bypassed_it(records: list[RecordSet]) -> None:
    """An AAAA record beside a server without IPv6 stays all along, and no CNAME stands beside either."""
    assert _planned(records) == [*(("DELETE", record.type) for record in records), ("CREATE", "CNAME")]


def test_a_pair_that_serves_is_never_taken_away() -> None:
    assert ("DELETE", "A") not in _planned([*PAIR, STRAY_AAAA])
    assert _planned(PAIR) == []


def _planned_for(*records: RecordSet) -> Step:
    server = Mock(record_values={"A": ("203.0.113.20",)})
    server.name = "home"
    return record_import(name(HOST, server, records), 30)


SHOP = "shop.example.com"
ADDRESS = "203.0.113.20"
PAIR_OF_ANOTHER_TOOL = [
    record(SHOP, "A", ADDRESS, Failover="PRIMARY", SetIdentifier="Primary", HealthCheckId="theirs"),
    record(SHOP, "A", "203.0.113.99", Failover="SECONDARY", SetIdentifier="Secondary"),
]
TAKEN_OVER: dict[str, tuple[list[RecordSet], str]] = {
    "a TTL of a day": ([record(SHOP, "A", ADDRESS, TTL=86_400)], "up to 24 h after `import`"),
    "two values": ([record(SHOP, "A", ADDRESS, "203.0.113.21")], "from the deploy on 203.0.113.20 answers"),
    "a name of a dynamic DNS": ([record(SHOP, "CNAME", "myhome.dyndns.example.")], "the server's values"),
    "an alias": ([alias(SHOP, "elb.example")], "the server's values"),
    "a failover pair": (PAIR_OF_ANOTHER_TOOL, "no failover until the deploy"),
}


@pytest.mark.parametrize("kind", TAKEN_OVER)
def test_what_can_be_taken_over_is_replaced_in_one_batch_by_one_placeholder(kind: str) -> None:
    records, text = TAKEN_OVER[kind]
    step = _planned_for(*records)
    assert step.refusal is None
    actions = [change["Action"] for change in step.changes]
    assert actions == ["DELETE"] * len(records) + ["CREATE"]
    placeholder = step.changes[-1]["ResourceRecordSet"]
    assert (placeholder["SetIdentifier"], placeholder["Failover"]) == (PLACEHOLDER, "SECONDARY")
    assert ADDRESS in [value["Value"] for value in placeholder["ResourceRecords"]]
    assert placeholder["TTL"] <= 60
    assert text in " ".join(warning.text for warning in step.warnings)


REFUSED: dict[str, list[RecordSet]] = {
    "weighted": [record(SHOP, "A", ADDRESS, Weight=weight, SetIdentifier=str(weight)) for weight in (90, 10)],
    "latency": [record(SHOP, "A", ADDRESS, Region="eu-west-1", SetIdentifier="eu")],
    "multivalue": [record(SHOP, "A", ADDRESS, MultiValueAnswer=True, SetIdentifier="one")],
    "geolocation": [record(SHOP, "A", ADDRESS, GeoLocation={"CountryCode": "DE"}, SetIdentifier="de")],
}


@pytest.mark.parametrize("policy", REFUSED)
def test_another_routing_policy_is_refused_with_what_to_do_and_taken_over_once_that_was_done(policy: str) -> None:
    step = _planned_for(*REFUSED[policy])
    assert step.changes == ()
    assert step.refusal
    assert f"another routing policy ({policy}" in step.refusal.text
    assert "replace it by a simple one first" in step.refusal.text
    assert _planned_for(record(SHOP, "A", ADDRESS)).refusal is None


TXT = record(SHOP, "TXT", '"heritage=external-dns"')
CASES: dict[str, tuple[list[RecordSet], str, list[RecordSet] | None]] = {
    "beside-cname": ([TXT], "delete it", []),
    "routing-policy-in-the-way": (REFUSED["latency"], "replace it by a simple one", [record(SHOP, "A", ADDRESS)]),
    "ipv6-bypass": ([STRAY_AAAA], "delete it", []),
    "long-ttl": ([record(SHOP, "A", ADDRESS, TTL=86_400)], "hold from then on", None),
    "no-failover-until-deploy": (PAIR_OF_ANOTHER_TOOL, "until the deploy", None),
    "secondary-answers-no-more": (PAIR_OF_ANOTHER_TOOL, "the deploy replaces it with the maintenance page", None),
    "answer-changes-now": ([alias(SHOP, "elb.example")], "the server's values", None),
    "answer-changes-with-deploy": ([record(SHOP, "A", "203.0.113.21")], "from the deploy on", None),
}
"""What stands in the zone, what the alert says, and what stands there then; None: as `import --apply` leaves it."""


@pytest.mark.parametrize("identifier", CASES)
def test_an_alert_is_gone_after_its_advice_was_followed(identifier: str) -> None:
    before, words, after = CASES[identifier]
    server = Mock(record_values={"CNAME": ("home.example.net",)} if identifier == "beside-cname" else {"A": (ADDRESS,)})
    server.name = "home"

    def notices(records: list[RecordSet]) -> dict[str, str]:
        step = record_import(name(HOST, server, records), 30)
        return {notice.id: notice.text for notice in (*filter(None, [step.refusal]), *step.warnings)}

    assert words in notices(before)[identifier]
    if after is None:
        changes = record_import(name(HOST, server, before), 30).changes
        created = [change["ResourceRecordSet"] for change in changes if change["Action"] == "CREATE"]
        after = [RecordSet(SHOP, record["Type"], "failover", record) for record in created]
    assert identifier not in notices(after)
