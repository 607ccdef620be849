"""Faults of AWS's own services and of the clock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulator.support import wait_until
from tests.rehearsal.faults.case import FAILED, REPAIR, UNKNOWN, Case
from tests.rehearsal.looking import PAGE_CHECK_SECONDS, is_healthy, page_check, wait
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import Notifications, Settings
from understudy_failover.settings.sharding import MAIN, stack_name

ROUTE53 = {
    "record pairs": UNKNOWN,
    "TTL": UNKNOWN,
    "bypasses": UNKNOWN,
    "dependent names": UNKNOWN,
    "calculated checks": UNKNOWN,
    "server checks": UNKNOWN,
    "switch checks": UNKNOWN,
    "server verdicts": UNKNOWN,
    "switch verdicts": UNKNOWN,
    "page checks": UNKNOWN,
    "page verdicts": UNKNOWN,
    "delegation": UNKNOWN,
}


CLOUDFRONT = dict.fromkeys(
    (
        "distribution",
        "alternate domain names",
        "conflicting aliases",
        "viewer certificate",
        "orphaned certificates",
        "HTTP version",
        "IPv6",
        "default root object",
        "viewer protocol policy",
        "error responses",
        "response headers",
        "edge functions",
        "page objects",
        "page access",
        "access logs",
        "log retention",
        "TLS",
        "answers",
        "plain HTTP",
        "record pairs",
        "switch checks",
        "page checks",
        "page requests",
        "pricing plan",
    ),
    UNKNOWN,
)


IAM = {"viewer certificate": UNKNOWN, "orphaned certificates": UNKNOWN, "certificate quota": UNKNOWN}


@contextmanager
def _planned(bed: RehearsalBed, operation: str, kind: str) -> Iterator[None]:
    bed.aws.control.plan_fault(operation=operation, kind=kind, times=1_000)
    try:
        yield
    finally:
        bed.aws.control.clear_faults()


@contextmanager
def stopped(bed: RehearsalBed, *services: str) -> Iterator[None]:
    bed.aws.control.stop_services(*services)
    try:
        yield
    finally:
        bed.aws.control.start_services()


@contextmanager
def _control_planes_stopped(bed: RehearsalBed) -> Iterator[None]:
    bed.aws.control.stop_control_planes()
    try:
        yield
    finally:
        bed.aws.control.start_services()


@contextmanager
def _edge_cut(bed: RehearsalBed) -> Iterator[None]:
    page = page_check(bed)
    bed.aws.control.cut_edge()
    try:
        assert wait(bed, PAGE_CHECK_SECONDS, lambda: not is_healthy(bed, page))
        yield
    finally:
        bed.aws.control.restore_edge()
        bed.wait_for_health_checks()


@contextmanager
def _left_behind(bed: RehearsalBed) -> Iterator[None]:
    """A log group that leaves its stack, and that CloudFormation cannot delete."""
    cloudformation, name = bed.aws.client("cloudformation"), stack_name(bed.settings.app, "failover", MAIN)
    deployed = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "left-behind"}}
    more = {**deployed, "Resources": {**deployed["Resources"], "LeftBehind": group}}
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    parameters = [
        {"ParameterKey": parameter["ParameterKey"], "UsePreviousValue": True} for parameter in stack["Parameters"]
    ]
    for template in (more, deployed):
        if template is deployed:
            bed.aws.control.plan_fault(operation=f"DELETE {group['Type']}", kind="server-error")
        cloudformation.update_stack(
            StackName=name,
            TemplateBody=json.dumps(template, separators=(",", ":")),
            Parameters=parameters,
            Tags=stack["Tags"],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        wait_until(lambda: _status(cloudformation, name).endswith("COMPLETE"))
        assert _status(cloudformation, name) == "UPDATE_COMPLETE"
    yield


def _status(cloudformation: Any, name: str) -> str:
    return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def _with_recipient(bed: RehearsalBed) -> Settings:
    return bed.settings.model_copy(update={"notifications": Notifications(emails=("ops@example.net",))})


def _start_services(bed: RehearsalBed) -> None:
    bed.aws.control.start_services()


CASES: dict[str, Case] = {
    "recipient not subscribed": Case(
        lambda _: nullcontext(), {"subscriptions": FAILED}, "is not subscribed", settings=_with_recipient
    ),
    "clock skew": Case(
        lambda _: nullcontext(), {"clock": FAILED}, "ahead", now=lambda: datetime.now(UTC) + timedelta(minutes=10)
    ),
    "Route 53 throttled": Case(
        lambda bed: _planned(bed, "GET /2013-04-01/hostedzone", "throttled"), ROUTE53, "Throttling"
    ),
    "IAM denied": Case(lambda bed: _planned(bed, "ListServerCertificates", "access-denied"), IAM, "AccessDenied"),
    "Route 53 down": Case(lambda bed: stopped(bed, "route53"), {**ROUTE53, "health check quota": UNKNOWN}),
    "CloudFront's API down": Case(lambda bed: stopped(bed, "cloudfront"), CLOUDFRONT),
    "IAM down": Case(lambda bed: stopped(bed, "iam"), IAM),
    "CloudFormation down": Case(lambda bed: stopped(bed, "cloudformation"), {"stacks": UNKNOWN, "leftovers": UNKNOWN}),
    "resource that a deploy could not delete": Case(
        _left_behind,
        {"leftovers": FAILED},
        "AWS::Logs::LogGroup left its stack",
        advice=REPAIR,
        plays=("left-behind",),
    ),
    "Scheduler down": Case(lambda bed: stopped(bed, "scheduler"), {"windows": UNKNOWN}),
    "STS down": Case(
        lambda bed: stopped(bed, "sts"),
        {"clock": UNKNOWN, "page objects": UNKNOWN, "switches": UNKNOWN, "switch objects": UNKNOWN, "windows": UNKNOWN},
    ),
    "S3 down": Case(
        lambda bed: stopped(bed, "s3"),
        {
            "page objects": UNKNOWN,
            "page access": UNKNOWN,
            "access logs": UNKNOWN,
            "log retention": UNKNOWN,
            "switches": UNKNOWN,
            "switch objects": UNKNOWN,
            # Plain HTTP: the policy of response headers marks S3's own 503.
            "answers": FAILED,
        },
        by_hand=_start_services,
        plays=("not-seen",),
    ),
    "edge cut off": Case(
        _edge_cut,
        {"TLS": UNKNOWN, "answers": FAILED, "plain HTTP": FAILED, "page verdicts": FAILED},
        "cannot be reached",
        by_hand=lambda bed: bed.aws.control.restore_edge(),
        plays=(
            "edge-unreachable",
            "page-not-reached",
            "page-unreachable",
            "plain-http-unreachable",
        ),
    ),
    "every control plane down": Case(
        _control_planes_stopped,
        {
            **CLOUDFRONT,
            **ROUTE53,
            **IAM,
            "stacks": UNKNOWN,
            "leftovers": UNKNOWN,
            "windows": UNKNOWN,
            "health check quota": UNKNOWN,
        },
    ),
}
