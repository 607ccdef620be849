"""What `adopt` plans where a zone holds more than one kind of record of a host."""

from typing import Any
from unittest.mock import Mock

import pytest

from understudy_failover.contract.set_identifiers import KEPT, PAGE, SERVER
from understudy_failover.operations.adoption.plans import adoption
from understudy_failover.operations.adoption.states import name
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.settings import Host, HostedZone

HOST = Host("shop.example.com", HostedZone(name="example.com", id="Z0EXAMPLECOM00000001"))


def _record(type_: str, value: str, role: str = "", set_identifier: str = "") -> RecordSet:
    raw: dict[str, Any] = {"Name": "shop.example.com.", "Type": type_, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    if role:
        raw |= {"Failover": role, "SetIdentifier": set_identifier}
    return RecordSet("shop.example.com", type_, "failover" if role else SIMPLE, raw)


KEPT_A = _record("A", "203.0.113.32", "SECONDARY", KEPT)
STRAY_AAAA = _record("AAAA", "2001:db8::99")
PAIR = [_record("A", "203.0.113.32", "PRIMARY", SERVER), _record("A", "203.0.113.99", "SECONDARY", PAGE)]


def _planned(records: list[RecordSet]) -> list[tuple[str, str]]:
    server = Mock(record_values={"CNAME": ("home.origin.example.net",)})
    changes = adoption(name(HOST, server, records)).changes
    return [(one["Action"], one["ResourceRecordSet"]["Type"]) for one in changes]


@pytest.mark.parametrize("records", [[KEPT_A, STRAY_AAAA], [STRAY_AAAA, KEPT_A]])
def test_before_a_cname_pair_what_is_kept_goes_together_with_what_bypassed_it(records: list[RecordSet]) -> None:
    """An AAAA record beside a server without IPv6 stays all along, and no CNAME stands beside either."""
    assert _planned(records) == [*(("DELETE", one.type) for one in records), ("CREATE", "CNAME")]


def test_a_pair_that_serves_is_never_taken_away() -> None:
    assert ("DELETE", "A") not in _planned([*PAIR, STRAY_AAAA])
    assert _planned(PAIR) == []
