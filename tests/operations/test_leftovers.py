"""What a deploy could not delete: of every kind it is found, deleted by `repair --apply`, and not found again."""

import json
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.support import distribution_config, wait_until
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.leftovers import (
    BY_PROPERTIES,
    GOES_WITH,
    KINDS,
    RECORD_SET,
    Leftover,
    leftover_repairs,
    leftovers,
)
from understudy_failover.operations.repair.plan import Action, Lost

pytestmark = pytest.mark.timeout(900)
STACK, ZONE = "understudy-left-failover", "Z0LEFTOVERS000000001"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALARM = {
    "Namespace": "AWS/Route53",
    "MetricName": "HealthCheckStatus",
    "Statistic": "Minimum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "LessThanThreshold",
}
CODE = "function handler(event) { return event.request; }"


def _cloudfront_shape(config: dict[str, Any]) -> dict[str, Any]:
    """An API's DistributionConfig as a template has it."""
    origin = config["Origins"]["Items"][0]
    return {
        "Enabled": True,
        "Comment": "left",
        "Origins": [{**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
        "DefaultCacheBehavior": config["DefaultCacheBehavior"],
    }


RESOURCES: dict[str, dict[str, Any]] = {
    "AWS::CloudFront::CachePolicy": {
        "CachePolicyConfig": {
            "Name": "left",
            "DefaultTTL": 60,
            "MaxTTL": 60,
            "MinTTL": 60,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "CookiesConfig": {"CookieBehavior": "none"},
                "EnableAcceptEncodingGzip": True,
                "HeadersConfig": {"HeaderBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "none"},
            },
        }
    },
    "AWS::CloudFront::Distribution": {"DistributionConfig": _cloudfront_shape(distribution_config())},
    "AWS::CloudFront::Function": {
        "Name": "left",
        "AutoPublish": True,
        "FunctionCode": CODE,
        "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"},
    },
    "AWS::CloudFront::OriginAccessControl": {
        "OriginAccessControlConfig": {
            "Name": "left",
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
    },
    "AWS::CloudFront::ResponseHeadersPolicy": {"ResponseHeadersPolicyConfig": {"Name": "left"}},
    "AWS::CloudWatch::Alarm": {"AlarmName": "left", **ALARM},
    "AWS::CloudWatch::CompositeAlarm": {"AlarmName": "left-composite", "AlarmRule": "FALSE"},
    "AWS::CloudWatch::Dashboard": {"DashboardName": "left", "DashboardBody": '{"widgets": []}'},
    "AWS::Events::Rule": {"Name": "left", "ScheduleExpression": "rate(1 day)"},
    "AWS::IAM::Role": {"RoleName": "left", "AssumeRolePolicyDocument": TRUST},
    "AWS::KMS::Key": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}},
    "AWS::Lambda::Function": {
        "FunctionName": "left",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/left",
        "Code": {"ZipFile": "def handler(event, context): pass"},
    },
    "AWS::IAM::Policy": {
        "PolicyName": "left",
        "Roles": ["kept"],
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
        },
    },
    "AWS::Lambda::Permission": {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "kept",
        "Principal": "events.amazonaws.com",
    },
    "AWS::Lambda::LayerVersion": {"LayerName": "left", "Content": {"S3Bucket": "layers", "S3Key": "layer.zip"}},
    "AWS::Logs::LogGroup": {"LogGroupName": "/left"},
    "AWS::Route53::HealthCheck": {
        "HealthCheckConfig": {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443, "RequestInterval": 30}
    },
    "AWS::S3::Bucket": {"BucketName": "left-behind"},
    "AWS::SNS::Subscription": {
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:kept",
        "Protocol": "email",
        "Endpoint": "you@example.com",
    },
    "AWS::SNS::Topic": {"TopicName": "left"},
    "AWS::Scheduler::ScheduleGroup": {"Name": "left"},
}


@pytest.fixture(scope="module")
def aws(processes: None) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(rate=10) as running:
        running.control.create_hosted_zone(id=ZONE, name="left.test")
        running.client("sns").create_topic(Name="kept")
        running.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(TRUST))
        running.client("lambda").create_function(
            FunctionName="kept",
            Role="arn:aws:iam::000000000000:role/kept",
            Runtime="python3.13",
            Handler="index.handler",
            Code={"ZipFile": _empty_zip()},
        )
        s3 = running.client("s3")
        s3.create_bucket(Bucket="layers")
        s3.put_object(Bucket="layers", Key="layer.zip", Body=_empty_zip())
        yield running


def _empty_zip() -> bytes:
    return b"PK\x05\x06" + bytes(18)


def _template(*types: str) -> str:
    kept = {"Kept": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/kept"}}}
    more = {type_.replace("::", ""): {"Type": type_, "Properties": RESOURCES[type_]} for type_ in types}
    return json.dumps({"Resources": kept | more})


def _deploy(aws: EmbeddedAws, operation: str, template: str) -> None:
    cloudformation = aws.client("cloudformation")
    getattr(cloudformation, operation)(StackName=STACK, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])

    def ended() -> str:
        status: str = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
        return status if status.endswith(("COMPLETE", "FAILED")) else ""

    assert wait_until(ended) in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, cloudformation.describe_stack_events(
        StackName=STACK
    )


def test_the_table_here_has_every_kind() -> None:
    """tests/stacks/test_leftover_kinds.py holds that our templates have no other."""
    assert RESOURCES.keys() == {*KINDS, *BY_PROPERTIES} - {RECORD_SET}
    assert not {*KINDS, *BY_PROPERTIES} & GOES_WITH.keys()


def _client_with_properties(aws: EmbeddedAws, service: str) -> Any:
    """A client whose stack events have properties, as AWS's have and MiniStack's have not."""
    client = aws.client(service)

    def paginator(operation: str) -> Any:
        def paginate(**query: str) -> Iterator[dict[str, Any]]:
            for page in client.get_paginator(operation).paginate(**query):
                for event in page.get("StackEvents", ()):
                    event["ResourceProperties"] = json.dumps(RESOURCES.get(event["ResourceType"], {}))
                yield page

        return SimpleNamespace(paginate=paginate)

    return SimpleNamespace(get_paginator=paginator) if service == "cloudformation" else client


def test_of_every_kind_it_is_found_and_deleted(aws: EmbeddedAws) -> None:
    client = partial(_client_with_properties, aws)
    _deploy(aws, "create_stack", _template())
    for type_ in RESOURCES:
        _deploy(aws, "update_stack", _template(type_))
        aws.control.plan_fault(operation=f"DELETE {type_}", kind="server-error")
        _deploy(aws, "update_stack", _template())
        (left,) = leftovers(client, [STACK])
        assert (left.type, "a planned fault" in left.reason) == (type_, True)
        if type_ == "AWS::S3::Bucket":
            aws.client("s3").put_object(Bucket=left.physical_id, Key="page", Body=b"x")
        (action,) = leftover_repairs(client, [Resource(STACK, "Kept", "AWS::Logs::LogGroup", "/kept", {})])
        assert isinstance(action, Action)
        action.apply()
        assert list(leftovers(client, [STACK])) == [], type_


def test_a_deletion_that_succeeds_leaves_nothing(aws: EmbeddedAws) -> None:
    _deploy(aws, "update_stack", _template("AWS::SNS::Topic"))
    _deploy(aws, "update_stack", _template())
    assert list(leftovers(partial(_client_with_properties, aws), [STACK])) == []


class Recorded:
    """CloudFormation and Route 53 as they answered."""

    def __init__(self, *events: dict[str, Any], records: tuple[dict[str, Any], ...] = (), kept_id: str = "") -> None:
        self.events, self.records, self.kept_id = events, records, kept_id
        self.deleted: list[Any] = []

    def __call__(self, _service: str) -> "Recorded":
        return self

    def get_paginator(self, operation: str) -> Any:
        status = "UPDATE_COMPLETE"
        summaries = [{"ResourceType": RECORD_SET, "PhysicalResourceId": self.kept_id, "ResourceStatus": status}]
        page = {
            "describe_stack_events": {"StackEvents": self.events},
            "list_stack_resources": {"StackResourceSummaries": summaries},
            "list_resource_record_sets": {"ResourceRecordSets": self.records},
        }[operation]
        return type("Pages", (), {"paginate": lambda *_, **__: [page]})()

    def change_resource_record_sets(self, **batch: Any) -> None:
        self.deleted += [change["ResourceRecordSet"] for change in batch["ChangeBatch"]["Changes"]]

    def get_topic_attributes(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AuthorizationErrorAccessDenied", "Message": ""}}, "GetTopicAttributes")


def _event(type_: str, status: str, physical_id: str, properties: Any = None) -> dict[str, Any]:
    event = {"ResourceType": type_, "ResourceStatus": status, "PhysicalResourceId": physical_id}
    return event | ({"ResourceProperties": json.dumps(properties)} if properties else {})


HALF = {"HostedZoneId": "Z1", "Name": "*.example.com.", "Type": "A", "SetIdentifier": "server"}
OTHER = {"Name": "\\052.example.com.", "Type": "A", "SetIdentifier": "by hand"}
SAME = {"Name": "\\052.example.com.", "Type": "A", "SetIdentifier": "server", "TTL": 30}


def test_of_a_record_set_exactly_that_one_is_deleted() -> None:
    client = Recorded(_event(RECORD_SET, "DELETE_FAILED", "*.example.com", HALF), records=(OTHER, SAME))
    (action,) = leftover_repairs(client, [Resource("s", "l", RECORD_SET, "x", {})])
    assert isinstance(action, Action)
    action.apply()
    assert client.deleted == [SAME]


def test_a_record_set_that_is_gone_is_no_leftover() -> None:
    client = Recorded(_event(RECORD_SET, "DELETE_FAILED", "*.example.com", HALF), records=(OTHER,))
    assert list(leftovers(client, ["s"])) == []


def test_a_record_set_without_properties_is_named_and_not_deleted() -> None:
    client = Recorded(_event(RECORD_SET, "DELETE_FAILED", "www.example.com"), records=(OTHER,))
    (lost,) = leftover_repairs(client, [Resource("s", "l", RECORD_SET, "x", {})])
    assert isinstance(lost, Lost)


@pytest.mark.parametrize(
    "events",
    [
        (_event(RECORD_SET, "DELETE_COMPLETE", "a", HALF), _event(RECORD_SET, "DELETE_FAILED", "a", HALF)),
        (_event("Custom::ServerCertificate", "DELETE_FAILED", "a"),),
        (_event("AWS::S3::BucketPolicy", "DELETE_FAILED", "a"),),
        (_event("AWS::S3::Bucket", "DELETE_SKIPPED", "a"),),
    ],
)
def test_what_was_deleted_later_or_goes_with_another_is_no_leftover(events: tuple[dict[str, Any], ...]) -> None:
    assert list(leftovers(Recorded(*events, records=(SAME,)), ["s"])) == []


def test_what_a_stack_has_again_is_no_leftover() -> None:
    client = Recorded(_event(RECORD_SET, "DELETE_FAILED", "a", HALF), records=(SAME,), kept_id="a")
    assert list(leftovers(client, ["s"])) == []


def test_what_may_not_be_read_counts_as_there() -> None:
    (left,) = leftovers(Recorded(_event("AWS::SNS::Topic", "DELETE_FAILED", "arn")), ["s"])
    assert left == Leftover("AWS::SNS::Topic", "arn", {}, "no reason")
