"""What `repair` plans, against recorded answers; tests/rehearsal/test_repair.py has it deployed."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from tests.operations.recorded import record
from understudy_failover import cli as entry
from understudy_failover.operations import aws
from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.repair import command, compare, records
from understudy_failover.operations.repair.checks import check_repairs
from understudy_failover.operations.repair.declared import UNKNOWN, NotReadyError, Resource, declared
from understudy_failover.operations.repair.distribution import as_declared, distribution_repairs
from understudy_failover.operations.repair.plan import Action, Lost, Plan, check_key, name_key
from understudy_failover.operations.repair.records import record_repairs
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify import deployment

ZONE, WWW = "Z1", "www.example.com"
PRIMARY: dict[str, Any] = {
    "HostedZoneId": ZONE,
    "Name": f"{WWW}.",
    "Type": "A",
    "SetIdentifier": "server",
    "Failover": "PRIMARY",
    "HealthCheckId": "joined",
    "TTL": "30",
    "ResourceRecords": ["203.0.113.10"],
}
SECONDARY: dict[str, Any] = {
    "HostedZoneId": ZONE,
    "Name": f"{WWW}.",
    "Type": "A",
    "SetIdentifier": "maintenance-page",
    "Failover": "SECONDARY",
    "HealthCheckId": "page",
    "AliasTarget": {"DNSName": "d1.cloudfront.net", "HostedZoneId": "Z2", "EvaluateTargetHealth": False},
}
CHECKS = {"joined", "page"}
DEPLOYED = [
    record(WWW, "A", "203.0.113.10", TTL=30, SetIdentifier="server", Failover="PRIMARY", HealthCheckId="joined"),
    record(
        WWW,
        "A",
        SetIdentifier="maintenance-page",
        Failover="SECONDARY",
        HealthCheckId="page",
        AliasTarget={"DNSName": "d1.cloudfront.net.", "HostedZoneId": "Z2", "EvaluateTargetHealth": False},
    ),
]


def resource(type_: str, properties: Mapping[str, Any], physical_id: str = "id") -> Resource:
    return Resource("stack", "Logical", type_, physical_id, properties)


PAIR = [resource("AWS::Route53::RecordSet", properties) for properties in (PRIMARY, SECONDARY)]


def planned(
    monkeypatch: pytest.MonkeyPatch, *there: RecordSet, checks: set[str] = CHECKS, pair: list[Resource] = PAIR
) -> list[Action | Lost]:
    monkeypatch.setattr(records, "record_sets", lambda *_: list(there))
    return list(record_repairs(None, pair, checks))


def changes(repairs: list[Action | Lost]) -> list[tuple[str, str, str]]:
    (action,) = repairs
    assert isinstance(action, Action)
    batch = cast(Any, action.apply).args[2]
    return [
        (change["Action"], change["ResourceRecordSet"]["Type"], change["ResourceRecordSet"].get("Failover", ""))
        for change in batch
    ]


def test_what_is_as_deployed_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert planned(monkeypatch, *DEPLOYED, record(WWW, "TXT", '"x"'), record("mail.example.com", "A", "1.2.3.4")) == []


def test_a_simple_record_is_replaced_in_the_batch_that_makes_the_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    repairs = planned(monkeypatch, record(WWW, "A", "203.0.113.10"))
    assert changes(repairs) == [("DELETE", "A", ""), ("CREATE", "A", "PRIMARY"), ("CREATE", "A", "SECONDARY")]


@pytest.mark.parametrize("ttl", [300, 31])
def test_only_the_half_that_differs_is_replaced(monkeypatch: pytest.MonkeyPatch, ttl: int) -> None:
    raw = {"SetIdentifier": "server", "Failover": "PRIMARY", "HealthCheckId": "joined"}
    repairs = planned(monkeypatch, record(WWW, "A", "203.0.113.10", **raw, TTL=ttl), DEPLOYED[1])
    assert changes(repairs) == [("DELETE", "A", "PRIMARY"), ("CREATE", "A", "PRIMARY")]


def test_a_record_that_leads_browsers_past_the_pair_goes_and_one_that_does_not_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert changes(planned(monkeypatch, *DEPLOYED, record(WWW, "HTTPS", "1 . ipv4hint=203.0.113.10"))) == [
        ("DELETE", "HTTPS", "")
    ]
    assert planned(monkeypatch, *DEPLOYED, record(WWW, "HTTPS", "1 . alpn=http/1.1")) == []


def test_a_pair_whose_health_check_is_gone_is_never_made_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (lost,) = planned(monkeypatch, record(WWW, "A", "203.0.113.10"), checks={"page"})
    assert isinstance(lost, Lost)
    assert (lost.key, "joined" in lost.text) == (name_key(WWW), True)


def test_a_pair_with_a_value_that_nobody_can_compute_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = [resource("AWS::Route53::RecordSet", {**PRIMARY, "HealthCheckId": UNKNOWN})]
    assert planned(monkeypatch, record(WWW, "A", "203.0.113.10"), pair=pair) == []
    # Nor is its other half deleted.
    assert planned(monkeypatch, *DEPLOYED, pair=[*pair, PAIR[1]]) == []


CONFIG: dict[str, Any] = {"Type": "HTTPS", "IPAddress": "203.0.113.10", "Port": 443, "FailureThreshold": 3}
CHECK = resource("AWS::Route53::HealthCheck", {"HealthCheckConfig": CONFIG}, "one")
JOINED = resource(
    "AWS::Route53::HealthCheck",
    {"HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["one"]}},
    "joined",
)


@pytest.mark.parametrize(
    ("there", "changed"),
    [
        ({}, {}),
        ({"FailureThreshold": 9}, {"FailureThreshold": 3}),
        ({"Disabled": True}, {"Disabled": False}),
        ({"RequestInterval": 30}, {}),  # cannot be changed, neither by hand
        ({"Regions": ["eu-west-1", "us-east-1", "us-west-1"]}, {"Regions": None}),
    ],
)
def test_a_health_check_is_put_back_by_what_differs(there: dict[str, Any], changed: dict[str, Any]) -> None:
    updates: list[dict[str, Any]] = []
    route53 = SimpleNamespace(update_health_check=lambda **arguments: updates.append(arguments))
    for action in check_repairs(route53, [CHECK], {"one": CONFIG | there}):
        assert isinstance(action, Action)
        assert action.key == check_key("one")
        action.apply()
    assert [{*update} - {"HealthCheckId"} for update in updates] == ([set(changed)] if changed else [])


def test_a_deleted_health_check_is_lost_once_and_named_with_the_way_to_get_it_back() -> None:
    (lost,) = check_repairs(None, [CHECK, JOINED], {"joined": {"Type": "CALCULATED", "ChildHealthChecks": ["two"]}})
    assert isinstance(lost, Lost)
    assert lost.key == check_key("one")
    assert "`cdk destroy 'Failover*'`, then `cdk deploy --all`" in lost.advice


DISTRIBUTION = resource(
    "AWS::CloudFront::Distribution",
    {
        "DistributionConfig": {
            "Aliases": ["b.example.com", "a.example.com"],
            "HttpVersion": "http1.1",
            "IPV6Enabled": True,
            "Enabled": True,
            "CustomErrorResponses": [{"ErrorCode": 403, "ResponseCode": 503, "ResponsePagePath": "/error.html"}],
            "Origins": [{"Id": "site", "DomainName": "b.s3.amazonaws.com", "OriginAccessControlId": UNKNOWN}],
        }
    },
    "E1",
)
LIVE: dict[str, Any] = {
    "CallerReference": "x",
    "Aliases": {"Quantity": 2, "Items": ["a.example.com", "b.example.com"]},
    "HttpVersion": "http1.1",
    "IsIPV6Enabled": True,
    "Enabled": True,
    "DefaultRootObject": "",
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "CacheBehaviors": {"Quantity": 0},
    "CustomErrorResponses": {
        "Quantity": 1,
        "Items": [
            {"ErrorCode": 403, "ResponseCode": "503", "ResponsePagePath": "/error.html", "ErrorCachingMinTTL": 10}
        ],
    },
    "Origins": {"Quantity": 1, "Items": [{"Id": "site", "DomainName": "b.s3.amazonaws.com", "ConnectionAttempts": 3}]},
}


class CloudFront:
    """A distribution whose configuration can be changed."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def get_distribution_config(self, **_: str) -> dict[str, Any]:
        return {"ETag": "1", "DistributionConfig": self.config}

    def update_distribution(self, *, Id: str, IfMatch: str, DistributionConfig: dict[str, Any]) -> None:  # noqa: N803
        assert (Id, IfMatch) == ("E1", "1")
        self.config = DistributionConfig


@pytest.mark.parametrize(
    ("drift", "named"),
    [
        ({}, ""),
        ({"HttpVersion": "http2"}, "HttpVersion"),
        ({"DefaultRootObject": "index.html"}, "DefaultRootObject"),
        ({"Aliases": {"Quantity": 1, "Items": ["a.example.com"]}}, "Aliases"),
        ({"CustomErrorResponses": {"Quantity": 0}}, "CustomErrorResponses"),
    ],
)
def test_a_distribution_is_put_back_by_what_differs_and_keeps_the_rest(drift: dict[str, Any], named: str) -> None:
    cloudfront = CloudFront(LIVE | drift)
    repairs = list(distribution_repairs(lambda _: cloudfront, [DISTRIBUTION]))
    assert bool(repairs) == bool(named)
    for action in repairs:
        assert isinstance(action, Action)
        assert f"set {named} as deployed" in action.text
        action.apply()
    assert list(distribution_repairs(lambda _: cloudfront, [DISTRIBUTION])) == []
    assert cloudfront.config["CallerReference"] == "x"
    assert cloudfront.config["Origins"]["Items"][0]["ConnectionAttempts"] == 3


def test_of_what_nobody_can_compute_the_distribution_keeps_what_it_has() -> None:
    declared_config = DISTRIBUTION.properties["DistributionConfig"]
    assert as_declared(declared_config, LIVE)["Origins"] == LIVE["Origins"]


TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Check": {"Type": "AWS::Route53::HealthCheck", "Properties": {"Ref": {"Ref": "Check"}}},
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Distribution": {"Type": "AWS::CloudFront::Distribution"},
        "Odd": {
            "Type": "Custom::Odd",
            "Properties": {
                "Id": {"Fn::GetAtt": ["Check", "HealthCheckId"]},
                "Arn": {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]},
                "Domain": {"Fn::GetAtt": ["Distribution", "DomainName"]},
                "Imported": {"Fn::ImportValue": "other:Export"},
                "Sub": {"Fn::Sub": "of-${AWS::AccountId}"},
                "Odd": {"Fn::GetAtt": ["Odd", "Anything"]},
                "List": [{"Ref": "Bucket"}, 3],
            },
        },
    },
    "Outputs": {"Domain": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}}},
}


class CloudFormation:
    """Two stacks as they were deployed, or in another state."""

    def __init__(self, status: str = "UPDATE_COMPLETE") -> None:
        self.status = status

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if StackName == "absent":
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
        outputs = [
            {"OutputKey": "Domain", "OutputValue": "d1.cloudfront.net"},
            {"OutputKey": "Other", "OutputValue": "exported", "ExportName": "other:Export"},
        ]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": outputs}]}

    def get_template(self, **_: str) -> dict[str, Any]:
        return {"TemplateBody": TEMPLATE}

    def get_paginator(self, _: str) -> Any:
        summaries = [{"LogicalResourceId": name, "PhysicalResourceId": name.lower()} for name in TEMPLATE["Resources"]]
        return SimpleNamespace(paginate=lambda **_: [{"StackResourceSummaries": summaries}])


def clients(cloudformation: CloudFormation) -> Any:
    sts = SimpleNamespace(get_caller_identity=lambda: {"Account": "000000000000"})
    return lambda service: {"cloudformation": cloudformation, "sts": sts}.get(service, SimpleNamespace())


def test_a_template_is_read_with_the_values_that_it_had_when_it_was_deployed() -> None:
    by_id = {item.logical_id: item for item in declared(clients(CloudFormation()), ["stack", "absent"])}
    assert by_id["Odd"].properties == {
        "Id": "check",
        "Arn": "arn:aws:s3:::bucket/*",
        "Domain": "d1.cloudfront.net",
        "Imported": "exported",
        "Sub": "of-000000000000",
        "Odd": UNKNOWN,
        "List": ["bucket", 3],
    }
    assert not by_id["Odd"].known()
    assert by_id["Odd"].known("Id", "Domain")


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_nothing_is_compared_while_a_stack_changes_or_has_failed_half_way(status: str) -> None:
    with pytest.raises(NotReadyError, match=status):
        declared(clients(CloudFormation(status)), ["stack"])


def test_what_one_service_refuses_costs_its_own_part_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListHealthChecks")

    action = Action(name_key("x"), "x", "y", lambda: None)
    for part in ("distribution_repairs", "subscription_repairs", "leftover_repairs", "object_repairs"):
        monkeypatch.setattr(compare, part, lambda *_, **__: iter(()))
    monkeypatch.setattr(compare, "bucket_repairs", lambda *_: iter((action,)))
    monkeypatch.setattr(compare, "_route53", refused)
    plan = compare.compare(clients(CloudFormation()), ["stack"])
    assert (plan.actions, len(plan.unseen)) == ((action,), 1)


def test_a_change_that_is_refused_is_reported_and_the_others_are_made(capsys: pytest.CaptureFixture[str]) -> None:
    carried_out: list[str] = []

    def refused() -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "UpdateHealthCheck")

    actions = [
        Action(check_key("a"), "a", "1", refused),
        Action(check_key("b"), "b", "2", lambda: carried_out.append("b")),
    ]
    assert command.apply_all(actions, Terminal(as_json=False)) == ["a"]
    assert carried_out == ["b"]
    assert "AccessDenied" in capsys.readouterr().err


def test_advice_is_by_what_was_found_and_of_nothing_else() -> None:
    plan = Plan(
        (Action(check_key("a"), "a", "1", lambda: None),), (Lost(check_key("b"), "b", "gone", "make it again"),)
    )
    assert plan.advice(check_key("a")) == "somebody changed it: `understudy repair --apply`"
    assert plan.advice(check_key("a"), check_key("b")) == "make it again"
    assert plan.advice(name_key("a")) == ""
    assert json.dumps(plan.lost[0].advice)


def _run(monkeypatch: pytest.MonkeyPatch, deployed: set[str], *words: str) -> int:
    """Run the command where these stacks are deployed, and nothing has been changed."""

    def describe(*, StackName: str) -> dict[str, Any]:  # noqa: N803
        if StackName not in deployed:
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]}

    services: dict[str, Any] = {
        "cloudformation": SimpleNamespace(describe_stacks=describe),
        "sts": SimpleNamespace(get_caller_identity=lambda: {"Account": "111122223333"}),
    }
    monkeypatch.setattr(aws, "client", lambda service, *_: services[service])
    monkeypatch.setattr(deployment.Deployment, "planned_work", lambda _: {})
    monkeypatch.setattr(aws, "require_credentials", lambda: None)
    monkeypatch.setattr(deployment, "compare", lambda *_, **__: Plan())
    return entry.main(["repair", *words])


def test_of_an_app_that_is_not_deployed_nothing_is_said_to_be_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(monkeypatch, set()) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "understudy-example: nothing is deployed in account 111122223333" in printed.err
    assert "Deploy first: `cdk deploy --all`" in printed.err


def test_a_stack_that_is_not_deployed_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(monkeypatch, {"understudy-example-maintenance"}) == 1
    assert capsys.readouterr().out == ("✘ stack understudy-example-failover: is not deployed\n  → `cdk deploy --all`\n")
    assert _run(monkeypatch, {"understudy-example-maintenance", "understudy-example-failover"}) == 0
    assert capsys.readouterr().out == "Everything compared is as it was deployed.\n"
