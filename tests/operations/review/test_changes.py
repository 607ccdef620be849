"""A reviewer reads in plain words what a deploy would do, and what of it is destructive."""

from typing import Any

import pytest

from understudy_failover.operations.review import Change, Mark, changes
from understudy_failover.operations.review.change import NAMES, RECORD_SET, REPLACED_BY
from understudy_failover.operations.review.records import OUT_AND_IN

Template = dict[str, dict[str, Any]]


def _pair(
    name: str,
    addresses: dict[str, str],
    *,
    ttl: str = "30",
    zone: str = "Z1",
    prefix: str = "",
    page: dict[str, Any] | None = None,
) -> Template:
    """`page` are more properties of its SECONDARY record sets."""
    template: Template = {}
    for kind, address in addresses.items():
        common = {"HostedZoneId": zone, "Name": f"{name}.", "Type": kind}
        template[f"{prefix}{name}{kind}Primary"] = {
            "Type": "AWS::Route53::RecordSet",
            "Properties": common
            | {"Failover": "PRIMARY", "SetIdentifier": "server", "TTL": ttl, "ResourceRecords": [address]},
        }
        template[f"{prefix}{name}{kind}Secondary"] = {
            "Type": "AWS::Route53::RecordSet",
            "Properties": common
            | {"Failover": "SECONDARY", "SetIdentifier": "maintenance-page", "AliasTarget": {}}
            | (page or {}),
        }
    return template


def _check(**config: Any) -> Template:
    values = {"Type": "HTTPS", "RequestInterval": 10, "FailureThreshold": 3, "IPAddress": "203.0.113.10"} | config
    tags = [{"Key": "Name", "Value": "example web"}]
    return {
        "Check": {
            "Type": "AWS::Route53::HealthCheck",
            "Properties": {"HealthCheckConfig": values, "HealthCheckTags": tags},
        }
    }


def _certificate(**values: Any) -> Template:
    common = {"Fingerprint": "AA:" * 31 + "AA", "NotAfter": "2026-12-01T00:00:00Z", "Names": ["example.com"]}
    return {"Certificate": {"Type": "Custom::ServerCertificate", "Properties": common | values}}


def _distribution(*aliases: str, **config: Any) -> Template:
    values = {"Aliases": list(aliases), "HttpVersion": "http2and3"} | config
    return {"Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": values}}}


def _page(*, code: str = "", test: str = "", headers: str = "") -> Template:
    return {
        "Code": {"Type": "AWS::CloudFront::Function", "Properties": {"FunctionCode": code}},
        "Test": {"Type": "Custom::EdgeTest", "Properties": {"Functions": test}},
        "Headers": {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {"Config": headers}},
    }


A = {"A": "203.0.113.10"}
BOTH = A | {"AAAA": "2001:db8::10"}


def test_nothing_changed_is_no_change() -> None:
    template = _pair("www.example.com", BOTH) | _check() | _certificate() | _distribution("www.example.com")
    assert changes(template, template) == []


def test_metadata_alone_is_no_change() -> None:
    old, new = _check(), _check()
    new["Check"]["Metadata"] = {"aws:cdk:path": "Elsewhere/Check"}
    assert changes(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, _pair("a.example.com", A), Change(Mark.ADDED, "host added: a.example.com (A 203.0.113.10)")),
        (
            _pair("a.example.com", A),
            {},
            Change(
                Mark.REMOVED,
                "host removed: a.example.com; it no longer fails over, and keeps the address of its server",
                destructive=True,
            ),
        ),
        (
            _pair("a.example.com", A),
            _pair("a.example.com", BOTH),
            Change(Mark.ADDED, "AAAA pair added: a.example.com (2001:db8::10)"),
        ),
        (
            _pair("a.example.com", BOTH),
            _pair("a.example.com", A),
            Change(Mark.REMOVED, "AAAA pair removed: a.example.com", destructive=True),
        ),
        (
            _pair("a.example.com", A),
            _pair("a.example.com", {"A": "203.0.113.11"}),
            Change(Mark.CHANGED, "address of a.example.com: A 203.0.113.10 → 203.0.113.11"),
        ),
        (
            _pair("a.example.com", A),
            _pair("a.example.com", A, ttl="60"),
            Change(Mark.CHANGED, "TTL of a.example.com: 30 s → 60 s"),
        ),
        (
            _pair("a.example.com", BOTH),
            _pair("a.example.com", BOTH, page={"HealthCheckId": {"Fn::ImportValue": "page"}}),
            Change(Mark.CHANGED, "answer while neither server nor page can be reached, of a.example.com: its server"),
        ),
        (
            _check(),
            _check(FailureThreshold=1),
            Change(Mark.CHANGED, "health check of web: failure_threshold 3 → 1 (tightened: fails over sooner)"),
        ),
        (
            _check(SearchString="ok"),
            _check(),
            Change(Mark.CHANGED, 'health check of web: search_string "ok" → none (loosened)'),
        ),
        (
            _check(),
            _check(RequestInterval=30),
            Change(
                Mark.CHANGED,
                "health check of web replaced: request_interval_seconds 10 → 30 (loosened)",
                destructive=True,
            ),
        ),
        (
            _check(),
            {},
            Change(Mark.REMOVED, "health check removed: web", destructive=True),
        ),
        (
            _distribution("a.example.com"),
            _distribution("a.example.com", "b.example.com"),
            Change(Mark.CHANGED, "distribution answers also for b.example.com"),
        ),
        (
            _distribution("a.example.com", "b.example.com"),
            _distribution("a.example.com"),
            Change(Mark.CHANGED, "distribution answers no longer for b.example.com", destructive=True),
        ),
        (
            _distribution("a.example.com"),
            _distribution("a.example.com", HttpVersion="http2"),
            Change(Mark.CHANGED, "distribution: HttpVersion"),
        ),
        (
            _distribution("a.example.com"),
            {},
            Change(Mark.REMOVED, "distribution removed: Distribution", destructive=True),
        ),
        (
            _certificate(),
            _certificate(Names=["example.com", "*.example.com"]),
            Change(Mark.CHANGED, "certificate also covers *.example.com"),
        ),
        (
            {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/a/"}}},
            {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/b/"}}},
            Change(Mark.CHANGED, "supporting resources changed: 1 role"),
        ),
        (
            {"stack/Old": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["a"], "PolicyName": "Old"}}},
            {"stack/New": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["a"], "PolicyName": "New"}}},
            Change(Mark.CHANGED, "supporting resources changed: 1 policy"),
        ),
        (
            {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": "a"}}},
            {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": "b"}}},
            Change(Mark.CHANGED, "supporting resources changed: 1 bucket policy"),
        ),
        (
            _page(headers="a"),
            _page(headers="b"),
            Change(Mark.CHANGED, "maintenance page changes: its response headers"),
        ),
        (
            _page(code="a", test="a", headers="a"),
            _page(code="b", test="b", headers="b"),
            Change(Mark.CHANGED, "maintenance page changes: its edge functions"),
        ),
        (
            {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}}},
            {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "mine"}}},
            Change(Mark.CHANGED, "bucket Bucket is replaced: BucketName none → mine", destructive=True),
        ),
        (
            {"Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate", "Properties": {}}},
            {},
            Change(Mark.REMOVED, "bucket kept, but no longer managed: Bucket"),
        ),
        (
            {"Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete", "Properties": {}}},
            {},
            Change(Mark.REMOVED, "bucket removed: Bucket", destructive=True),
        ),
    ],
)
def test_each_kind_of_change_has_its_words(old: Template, new: Template, expected: Change) -> None:
    assert changes(old, new) == [expected]


def test_a_renewal_names_old_and_new_fingerprint_and_expiry() -> None:
    new = _certificate(Fingerprint="BB:" * 31 + "BB", NotAfter="2027-03-01T00:00:00Z")
    assert [change.text for change in changes(_certificate(), new)] == [
        "certificate renewed: AA:AA:AA:AA:AA:AA:AA:AA… (until 2026-12-01) → BB:BB:BB:BB:BB:BB:BB:BB… (until 2027-03-01)"
    ]


def test_a_host_that_changes_its_zone_is_destructive() -> None:
    differences = changes(_pair("a.example.com", A), _pair("a.example.com", A, zone="Z2"))
    assert [change.destructive for change in differences] == [True]
    assert differences[0].text == "hosted zone of a.example.com: Z1 → Z2; record sets are replaced"


def test_the_same_record_set_under_another_logical_id_is_found_before_the_deploy_fails() -> None:
    differences = changes(_pair("a.example.com", A), _pair("a.example.com", A, prefix="New"))
    assert differences == [
        Change(
            Mark.CHANGED,
            "record sets of a.example.com move to other logical ids: the deploy would fail, as they exist already; "
            f"{OUT_AND_IN}",
            destructive=True,
            fix=OUT_AND_IN,
        )
    ]


def test_destructive_changes_come_first() -> None:
    old = _pair("z.example.com", A) | _check()
    new = _pair("a.example.com", A) | _check(FailureThreshold=1)
    assert [change.destructive for change in changes(old, new)] == [True, False, False]


def test_every_resource_whose_content_changed_is_reported() -> None:
    kinds = ["AWS::S3::Bucket", "AWS::Route53::HealthCheck", "AWS::CloudFront::Distribution", "AWS::Lambda::Function"]
    for kind in kinds:
        old = {"One": {"Type": kind, "Properties": {"Tags": [1], "HealthCheckConfig": {}, "DistributionConfig": {}}}}
        new = {"One": {"Type": kind, "Properties": {"Tags": [2], "HealthCheckConfig": {}, "DistributionConfig": {}}}}
        assert changes(old, new), kind


@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, paths in REPLACED_BY.items() for path in paths if kind != RECORD_SET]
)
def test_whatever_is_replaced_is_destructive(kind: str, path: str) -> None:
    def with_(value: str) -> Template:
        table, _, key = path.rpartition(".")
        return {"One": {"Type": kind, "Properties": {table: {key: value}} if table else {key: value}}}

    first, *_ = changes(with_("old"), with_("new"))
    assert first.destructive
    assert "replaced" in first.text


@pytest.mark.parametrize("key", REPLACED_BY[RECORD_SET])
def test_a_record_set_that_is_replaced_is_destructive(key: str) -> None:
    old, new = _pair("a.example.com", A), _pair("a.example.com", A)
    for resource in new.values():
        resource["Properties"] = resource["Properties"] | {key: "b.example.com."}
    assert changes(old, new)[0].destructive


@pytest.mark.parametrize("kind", NAMES)
def test_the_loss_of_whatever_serves_people_is_destructive(kind: str) -> None:
    resource = {"Type": kind, "Properties": {"Name": "a.example.com", "Type": "A", "Failover": "PRIMARY"}}
    assert [change.destructive for change in changes({"One": resource}, {})] == [True]


def test_a_resource_that_becomes_one_of_another_type_is_lost() -> None:
    old = {"One": {"Type": "AWS::S3::Bucket", "Properties": {}}}
    assert changes(old, {"One": {"Type": "AWS::IAM::Role", "Properties": {}}})[0] == Change(
        Mark.REMOVED, "bucket removed: One", destructive=True
    )


def test_a_custom_resource_cannot_change_its_function() -> None:
    old, new = _certificate(ServiceToken="a"), _certificate(ServiceToken="b")
    assert changes(old, new)[0].destructive


def test_a_policy_takes_the_place_of_one_and_no_more() -> None:
    old, first, second = (
        {f"stack/{name}": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["a"], "PolicyName": name}}}
        for name in ("Old", "First", "Second")
    )
    other: Template = {"stack/Other": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["b"]}}}
    for new, number in ((first | second, "1 policy"), (first | second | other, "2 policies")):
        assert [change.text for change in changes(old, new)] == [
            f"supporting resources added: {number}",
            "supporting resources changed: 1 policy",
        ]


def test_names_are_shortened_only_where_nobody_loses() -> None:
    names = [f"h{number:02}.example.com" for number in range(12)]
    old = {key: resource for name in names for key, resource in _pair(name, A).items()}
    new = {key: resource for name in names for key, resource in _pair(name, A, ttl="60").items()}
    (ttl,) = changes(old, new)
    assert ttl.text.endswith("h09.example.com and 2 more: 30 s → 60 s")
    (gone,) = changes(old, {})
    assert all(name in gone.text for name in names)
