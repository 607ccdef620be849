"""What preflight says of a host whose pair is deployed: a deploy would not put it back."""

from ipaddress import IPv6Address
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.operations.recorded import alias, record
from understudy_failover.operations.finding import Finding, Verdict
from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.preflight.records import dependents, records
from understudy_failover.settings import Notifications, Settings

API = "api.example.org"
PRIMARY = record(API, "A", "203.0.113.20", Failover="PRIMARY", SetIdentifier="server", HealthCheckId="x")
PAGE = alias(API, "d1.cloudfront.net", Failover="SECONDARY", SetIdentifier="maintenance-page")
PLACEHOLDER = record(API, "A", "203.0.113.20", Failover="SECONDARY", SetIdentifier="kept-by-understudy")


def only_finding(settings: Settings, there: list[RecordSet], *, deployed: bool = True) -> Finding:
    template = {"stack/Api": {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": f"{API}.", "Type": "A"}}}
    subject = SimpleNamespace(
        settings=settings,
        records=lambda _: there,
        deployed=template if deployed else {},
        outputs={"DistributionId": "E1"},
    )
    (finding,) = (candidate for candidate in records(cast(Any, subject)) if candidate.subject.split()[0] == API)
    return finding


@pytest.mark.parametrize(("minimum", "ttl_seconds"), [(86_400, 900), (20, 86_400)])
def test_a_name_without_a_record_is_missing_for_the_ttl_of_the_soa_record_and_not_its_minimum(
    settings: Settings, minimum: int, ttl_seconds: int
) -> None:
    authority = record("example.org", "SOA", f"ns.example. host.example. 1 7200 900 1209600 {minimum}", TTL=ttl_seconds)
    finding = only_finding(settings, [authority], deployed=False)
    assert finding.verdict is Verdict.PASSED
    assert f"for {ttl_seconds:,} s, the TTL of the zone's SOA record" in finding.text
    assert "SOA" not in only_finding(settings, [authority, PLACEHOLDER], deployed=False).text


def test_a_deployed_pair_passes(settings: Settings) -> None:
    assert only_finding(settings, [PRIMARY, PAGE]).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    "there",
    [
        [],
        [record(API, "A", "203.0.113.20")],
        [PLACEHOLDER],
        [PRIMARY],
        [PRIMARY, PAGE, record(API, "HTTPS", "1 elsewhere.example.")],
    ],
    ids=["nothing", "a simple record", "a placeholder", "one half", "a bypass"],
)
def test_one_that_was_changed_by_hand_is_for_repair_and_not_for_adopt(
    settings: Settings, there: list[RecordSet]
) -> None:
    finding = only_finding(settings, there)
    assert finding.verdict is Verdict.FAILED
    assert finding.advice.startswith("`understudy repair --apply`")


def test_a_record_of_a_type_that_the_deploy_adds_is_for_adopt(settings: Settings) -> None:
    api = settings.servers[1].model_copy(update={"ipv6": IPv6Address("2001:db8::20")})
    with_ipv6 = settings.model_copy(update={"servers": (settings.servers[0], api)})
    template = {"stack/Api": {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": f"{API}.", "Type": "A"}}}
    there = [PRIMARY, PAGE, record(API, "AAAA", "2001:db8::20")]
    subject = SimpleNamespace(settings=with_ipv6, records=lambda _: there, deployed=template, outputs={})
    several = [finding for finding in records(cast(Any, subject)) if finding.subject.split()[0] == API]
    assert [finding.verdict for finding in several] == [Verdict.PASSED, Verdict.WARNING]
    assert several[1].advice == "`understudy import api.example.org --apply`"


def test_before_a_deploy_the_same_record_is_for_adopt(settings: Settings) -> None:
    finding = only_finding(settings, [record(API, "A", "203.0.113.20")], deployed=False)
    assert (finding.verdict, finding.advice) == (Verdict.WARNING, "`understudy import api.example.org --apply`")


ELSEWHERE = record("example.com", "MX", "10 mail.example.net.")
CASES = {"alert-lost"}
"""Ids of the findings that are played below."""


@pytest.mark.parametrize(
    ("there", "lost"),
    [
        ([], True),
        ([record("example.com", "MX", "10 www.example.com.")], True),
        ([ELSEWHERE], False),
    ],
    ids=["no MX record", "an MX record to a host", "an MX record elsewhere"],
)
def test_alerts_to_a_domain_whose_mail_goes_to_a_host_are_lost_and_another_address_is_the_cure(
    settings: Settings, there: list[RecordSet], *, lost: bool
) -> None:
    def alerts(email: str) -> list[Finding]:
        changed = settings.model_copy(update={"notifications": Notifications(emails=(email,))})
        subject = SimpleNamespace(
            settings=changed, records=lambda zone: [known for known in there if "COM" in zone], deployed={}
        )
        return [finding for finding in dependents(cast(Any, subject)) if finding.id == "alert-lost"]

    before = alerts("ops@example.com")
    assert [finding.subject for finding in before] == (["ops@example.com"] if lost else [])
    assert all("name an address whose mail another server takes" in finding.advice for finding in before)
    assert alerts("ops@example.net") == []
