"""What a zone's guardrails, protections and accelerated recovery refuse: read, foreseen, and reported as one text."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.zone_rules import GUARDRAILS, ZoneRules, refusals, refused, zone_rules

ZONE = "Z0EXAMPLE"
WWW = "www.example.com"


def record(type_: str = "A", name: str = WWW, **more: Any) -> RecordSet:
    return RecordSet(name, type_, "simple", {"Name": f"{name}.", "Type": type_, **more})


def change(action: str, type_: str = "A") -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": {"Name": f"{WWW}.", "Type": type_}}


ALIAS = record(name="app.example.com", AliasTarget={"DNSName": f"{WWW}."})
REPLACED = [change("DELETE"), change("CREATE")]
TO_CNAME = [change("DELETE"), change("CREATE", "CNAME")]
LOCKED = {(WWW, "A"): "of the shop"}


@pytest.mark.parametrize(
    ("rules", "changes", "records", "expected"),
    [
        *(
            ({"recovery": state}, REPLACED, [record()], [(True, state)])
            for state in ("ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED")
        ),
        *(
            ({"recovery": state}, REPLACED, [record()], [])
            for state in ("ENABLED", "DISABLED", "ENABLE_FAILED", "DISABLE_FAILED", "")
        ),
        ({"recovery": "ENABLING"}, [], [record()], []),
        ({"protections": LOCKED}, REPLACED, [record()], [(True, "of the shop")]),
        ({"protections": LOCKED}, [change("CREATE")], [], [(True, f"{WWW} A")]),
        ({"protections": LOCKED}, [change("CREATE", "AAAA")], [], []),
        *(({"guardrails": {guardrail}}, REPLACED, [record(), ALIAS], []) for guardrail in GUARDRAILS),
        *(
            ({"guardrails": {guardrail}}, TO_CNAME, [record(), ALIAS], [])
            for guardrail in GUARDRAILS
            if guardrail not in {"ACTIVE_RECORD_CHECK", "ALIAS_TARGET_CHECK"}
        ),
        ({"guardrails": {"ACTIVE_RECORD_CHECK"}}, TO_CNAME, [record()], [(False, "ACTIVE_RECORD_CHECK")]),
        ({"guardrails": {"ACTIVE_RECORD_CHECK"}}, TO_CNAME, [record(), record()], []),
        ({"guardrails": {"ALIAS_TARGET_CHECK"}}, TO_CNAME, [record(), ALIAS], [(True, "app.example.com")]),
        ({"guardrails": {"ALIAS_TARGET_CHECK"}}, TO_CNAME, [record()], []),
        ({}, TO_CNAME, [record(), ALIAS], []),
    ],
)
def test_what_is_refused(
    rules: dict[str, Any], changes: list[Any], records: list[RecordSet], expected: list[tuple[bool, str]]
) -> None:
    result = list(refusals(ZoneRules(ZONE, **rules), changes, records))
    assert [refusal.certain for refusal in result] == [certain for certain, _ in expected]
    assert all(word in refusal.text and refusal.advice for refusal, (_, word) in zip(result, expected, strict=True))


class Route53:
    """One that knows the calls of November 2026, or not."""

    def __init__(self, zone: dict[str, Any], pages: list[dict[str, Any]] | None = None, code: str = "") -> None:
        self._zone, self._pages, self._code = zone, pages, code
        if pages is not None:
            self.list_resource_record_set_protections = self._protections

    def get_hosted_zone(self, **_: str) -> dict[str, Any]:
        return {"HostedZone": self._zone}

    def _protections(self, **asked: str) -> dict[str, Any]:
        if self._code:
            raise ClientError({"Error": {"Code": self._code}}, "ListResourceRecordSetProtections")
        assert self._pages
        return self._pages[int(asked.get("NextToken", 0))]


def test_every_page_is_read_and_a_guardrail_that_is_off_is_off() -> None:
    pages: list[dict[str, Any]] = [
        {"ResourceRecordSetProtections": [{"RecordName": "\\052.example.com.", "RecordType": "A"}], "NextToken": "1"},
        {"ResourceRecordSetProtections": [{"RecordName": "www.example.com", "RecordType": "AAAA", "Comment": "why"}]},
    ]
    guardrails = [
        {"Name": "ACTIVE_RECORD_CHECK", "Status": "ENABLED"},
        {"Name": "ALIAS_TARGET_CHECK", "Status": "DISABLED"},
    ]
    zone = {
        "Config": {"HostedZoneTier": "ADVANCED"},
        "Features": {"AcceleratedRecoveryStatus": "ENABLED", "ChangeGuardrails": guardrails},
    }
    assert zone_rules(Route53(zone, pages), ZONE) == ZoneRules(
        ZONE,
        "ENABLED",
        "ADVANCED",
        frozenset({"ACTIVE_RECORD_CHECK"}),
        {("*.example.com", "A"): "", ("www.example.com", "AAAA"): "why"},
    )


def test_a_boto3_that_does_not_know_them_says_unknown() -> None:
    rules = zone_rules(Route53({"Config": {}}), ZONE)
    assert (rules.guardrails, rules.protections, len(rules.unknown)) == (None, None, 2)
    assert list(refusals(rules, TO_CNAME, [record(), ALIAS])) == []


def test_a_missing_permission_says_unknown() -> None:
    rules = zone_rules(Route53({"Config": {"HostedZoneTier": "STANDARD"}}, [], "AccessDenied"), ZONE)
    assert (rules.guardrails, rules.protections) == (frozenset(), None)
    assert "AccessDenied" in rules.unknown[0]


@pytest.mark.parametrize("guardrail", GUARDRAILS)
def test_a_refused_batch_is_reported_with_route_53s_words_and_what_turns_the_guardrail_off(guardrail: str) -> None:
    error = ClientError({"Error": {"Code": "InvalidChangeBatch", "Message": f"[{guardrail}: why]"}}, "Change")
    text = refused(SimpleNamespace(), ZONE, error)
    assert f"[{guardrail}: why]" in text
    assert f"--hosted-zone-id {ZONE} --change-guardrails Name={guardrail},Status=DISABLED" in text


def test_a_locked_zone_is_reported_whatever_the_errors_code_is() -> None:
    error = ClientError({"Error": {"Code": "Unpublished"}}, "Change")
    locked = Route53({"Features": {"AcceleratedRecoveryStatus": "DISABLING"}})
    assert "DISABLING" in refused(locked, ZONE, error)
    assert refused(Route53({}), ZONE, error) == "", "another error stays what it is"
