"""Faults of record sets, and of those who answer for them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tests.rehearsal.faults.case import API, FAILED, NOBODY, REPAIR, UNKNOWN, WWW, Case
from tests.rehearsal.looking import server_named
from tests.rehearsal.verifying import check_of, record_added, record_changed
from understudy_failover.rehearsal.bed import RehearsalBed


def _record(
    name: str, kind: str, half: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> Callable[[RehearsalBed], AbstractContextManager[None]]:
    return lambda bed: record_changed(bed, name, kind, half, change)


def _added(name: str, kind: str, value: str) -> Callable[[RehearsalBed], AbstractContextManager[None]]:
    return lambda bed: record_added(bed, name, kind, value)


@contextmanager
def _simple_instead(bed: RehearsalBed) -> Iterator[None]:
    """Route 53 refuses this record beside the records of a pair."""
    with (
        record_changed(bed, API, "A", "SECONDARY", _gone),
        record_changed(bed, API, "A", "PRIMARY", _gone),
        record_added(bed, API, "A", str(server_named(bed, "api").ipv4)),
    ):
        yield


def _secondary_with_the_servers_check(bed: RehearsalBed) -> AbstractContextManager[None]:
    server = check_of(bed, "server")["Id"]
    return record_changed(bed, WWW, "A", "SECONDARY", lambda record: {**record, "HealthCheckId": server})


def _gone(_: dict[str, Any]) -> None:
    return None


@contextmanager
def _lied(bed: RehearsalBed, name: str, kind: str, *values: str) -> Iterator[None]:
    bed.aws.control.override_dns(name=name, type=kind, values=values)
    try:
        yield
    finally:
        bed.aws.control.clear_dns_overrides()


def _clear_the_override(bed: RehearsalBed) -> None:
    bed.aws.control.clear_dns_overrides()


CASES: dict[str, Case] = {
    "primary half missing": Case(
        _record(API, "A", "PRIMARY", _gone),
        {"record pairs": FAILED, "TTL": UNKNOWN, "serving": FAILED},
        "the primary half is missing",
        advice=REPAIR,
        plays=(
            "on-page",
            "pair-wrong",
            "primary-missing",
        ),
    ),
    "SECONDARY record set missing": Case(
        _record(WWW, "A", "SECONDARY", _gone),
        {"record pairs": FAILED},
        "A: the SECONDARY record set is missing",
        advice=REPAIR,
    ),
    "AAAA SECONDARY record set missing": Case(
        _record(WWW, "AAAA", "SECONDARY", _gone),
        {"record pairs": FAILED},
        "AAAA: the SECONDARY record set is missing",
        advice=REPAIR,
    ),
    "primary leads elsewhere": Case(
        _record(WWW, "A", "PRIMARY", lambda record: {**record, "ResourceRecords": [{"Value": NOBODY}]}),
        {"record pairs": FAILED, "name servers": FAILED, "serving": UNKNOWN, "resolver": FAILED},
        NOBODY,
        advice=REPAIR,
        plays=(
            "led-nowhere",
            "name-server-wrong",
            "resolver-strange",
        ),
    ),
    "secondary leads elsewhere": Case(
        _record(
            WWW,
            "A",
            "SECONDARY",
            lambda record: {**record, "AliasTarget": {**record["AliasTarget"], "DNSName": "delsewhere.cloudfront.net"}},
        ),
        {"record pairs": FAILED},
        "delsewhere",
        advice=REPAIR,
    ),
    "TTL drift": Case(
        _record(WWW, "A", "PRIMARY", lambda record: {**record, "TTL": 3600}),
        {"TTL": FAILED},
        "3600 s",
        advice=REPAIR,
        plays=("ttl-differs",),
    ),
    "simple record in place of the pair": Case(
        _simple_instead,
        {"record pairs": FAILED, "TTL": UNKNOWN, "bypasses": FAILED},
        "type A beside or in place",
        advice=REPAIR,
        plays=("bypass",),
    ),
    "AAAA record where the server has no IPv6": Case(
        _added(API, "AAAA", "2001:db8::99"),
        {"bypasses": FAILED, "name servers": FAILED, "serving": UNKNOWN, "resolver": FAILED},
        "type AAAA",
        advice=REPAIR,
    ),
    "HTTPS record": Case(
        _added(WWW, "HTTPS", "1 elsewhere.example. alpn=h2"),
        {"bypasses": FAILED, "name servers": FAILED},
        "type HTTPS",
        advice=REPAIR,
    ),
    "zone delegated to somebody else": Case(
        lambda bed: _lied(bed, "example.com", "NS", "ns.elsewhere.example."),
        {"delegation": FAILED},
        "registrar",
        by_hand=_clear_the_override,
    ),
    "resolver overridden": Case(
        lambda bed: _lied(bed, WWW, "A", NOBODY), {"resolver": FAILED}, NOBODY, by_hand=_clear_the_override
    ),
    "resolver knowing nothing": Case(
        lambda bed: _lied(bed, WWW, "A"), {"resolver": FAILED}, "no IPv4 address", by_hand=_clear_the_override
    ),
    "health check deleted": Case(
        _record(API, "A", "PRIMARY", lambda record: {**record, "HealthCheckId": "gone"}),
        {"calculated checks": FAILED},
        "does not exist",
        advice=REPAIR,
        plays=("check-missing",),
    ),
    "SECONDARY record set without a health check": Case(
        _record(
            WWW, "A", "SECONDARY", lambda entry: {key: value for key, value in entry.items() if key != "HealthCheckId"}
        ),
        {"page checks": FAILED},
        "www.example.com A has no health check",
        advice=REPAIR,
        plays=("page-check-wrong",),
    ),
    "SECONDARY record set with the health check of the server": Case(
        _secondary_with_the_servers_check, {"page checks": FAILED}, "Type is HTTPS instead of TCP", advice=REPAIR
    ),
}
