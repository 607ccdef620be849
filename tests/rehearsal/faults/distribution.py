"""Faults of the distribution, its page and its edge functions."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from tests.emulator.support import distribution_config
from tests.rehearsal.faults.case import FAILED, NO_PAGE, REPAIR, UNKNOWN, WWW, Case, changed
from tests.rehearsal.verifying import configured, distribution
from understudy_failover.page import Window, window_objects
from understudy_failover.rehearsal.bed import RehearsalBed

NO_HOST = "old.example.com"


@contextmanager
def _another_distribution(bed: RehearsalBed, *aliases: str) -> Iterator[None]:
    cloudfront = bed.aws.client("cloudfront")
    config = distribution_config(bucket="elsewhere")
    config["Aliases"] = {"Quantity": len(aliases), "Items": list(aliases)}
    identifier = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    try:
        yield
    finally:
        answer = cloudfront.get_distribution(Id=identifier)
        config = answer["Distribution"]["DistributionConfig"]
        config["Enabled"] = False
        cloudfront.update_distribution(Id=identifier, IfMatch=answer["ETag"], DistributionConfig=config)
        cloudfront.delete_distribution(Id=identifier, IfMatch=cloudfront.get_distribution(Id=identifier)["ETag"])


@contextmanager
def _stolen(bed: RehearsalBed) -> Iterator[None]:
    def give_away(config: dict[str, Any]) -> None:
        left = [name for name in config["Aliases"]["Items"] if name != WWW]
        config["Aliases"] = {"Quantity": len(left), "Items": left}

    with configured(bed, give_away), _another_distribution(bed, WWW):
        yield


def _remove_elsewhere(bed: RehearsalBed) -> None:
    cloudfront, own = bed.aws.client("cloudfront"), distribution(bed)["Id"]
    for entry in cloudfront.list_distributions()["DistributionList"]["Items"]:
        if entry["Id"] != own:
            answer = cloudfront.get_distribution_config(Id=entry["Id"])
            config = {**answer["DistributionConfig"], "Aliases": {"Quantity": 0}}
            cloudfront.update_distribution(Id=entry["Id"], IfMatch=answer["ETag"], DistributionConfig=config)


def _bucket(bed: RehearsalBed) -> str:
    origins = distribution(bed)["DistributionConfig"]["Origins"]["Items"]
    (name,) = (origin["DomainName"] for origin in origins if origin["Id"] == "site")
    return str(name).partition(".s3.")[0]


@contextmanager
def _falsely_planned(bed: RehearsalBed) -> Iterator[None]:
    with _object(bed, "web/en.html", None):
        window = Window(datetime(2036, 1, 1, tzinfo=UTC))
        (page,) = (
            candidate for candidate in window_objects(bed.settings, "web", window) if candidate.key == "web/en.html"
        )
        bed.aws.client("s3").put_object(
            Bucket=_bucket(bed),
            Key=page.key,
            Body=page.body.encode(),
            ContentType=page.content_type,
            Metadata=dict(page.metadata),
        )
        yield


@contextmanager
def _object(bed: RehearsalBed, key: str, body: bytes | None) -> Iterator[None]:
    """An object otherwise, or gone."""
    s3, bucket = bed.aws.client("s3"), _bucket(bed)
    before = s3.get_object(Bucket=bucket, Key=key)
    content = before["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)
    if body is not None:
        # Despite its metadata.
        s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata={"planned": "true"})
    try:
        yield
    finally:
        headers = {name: before[name] for name in ("ContentType", "CacheControl") if name in before}
        s3.put_object(Bucket=bucket, Key=key, Body=content, **headers)


@contextmanager
def _denied(bed: RehearsalBed) -> Iterator[None]:
    s3, bucket = bed.aws.client("s3"), _bucket(bed)
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@contextmanager
def _bucket_logs_nothing(bed: RehearsalBed) -> Iterator[None]:
    s3, bucket = bed.aws.client("s3"), _bucket(bed)
    enabled = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    try:
        yield
    finally:
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})


@contextmanager
def _logs_for_ever(bed: RehearsalBed) -> Iterator[None]:
    s3 = bed.aws.client("s3")
    bucket = s3.get_bucket_logging(Bucket=_bucket(bed))["LoggingEnabled"]["TargetBucket"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    try:
        yield
    finally:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def _no_logs(config: dict[str, Any]) -> None:
    config["Logging"] = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}


def _logs_to_what_is_gone(config: dict[str, Any]) -> None:
    config["Logging"]["Bucket"] = "deleted-by-hand.s3.us-east-1.amazonaws.com"


@contextmanager
def _function_changed(bed: RehearsalBed) -> Iterator[None]:
    cloudfront, name = bed.aws.client("cloudfront"), f"{bed.settings.app}-viewer-request"
    code = cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()

    def publish(text: bytes) -> None:
        described = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
        cloudfront.update_function(
            Name=name,
            IfMatch=described["ETag"],
            FunctionConfig=described["FunctionSummary"]["FunctionConfig"],
            FunctionCode=text,
        )
        etag = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
        cloudfront.publish_function(Name=name, IfMatch=etag)

    publish(code + b"// by hand\n")
    try:
        yield
    finally:
        publish(code)


@contextmanager
def _detached(bed: RehearsalBed) -> Iterator[None]:
    with configured(bed, lambda config: config["DefaultCacheBehavior"].update(FunctionAssociations={"Quantity": 0})):
        yield


@contextmanager
def under_way(bed: RehearsalBed) -> Iterator[None]:
    identifier = distribution(bed)["Id"]
    bed.aws.control.set_distribution_status(id=identifier, status="InProgress")
    try:
        yield
    finally:
        bed.aws.control.set_distribution_status(id=identifier, status="Deployed")


@contextmanager
def _in_plan(bed: RehearsalBed) -> Iterator[None]:
    bed.aws.control.subscribe(distribution(bed)["ARN"])
    try:
        yield
    finally:
        bed.aws.control.subscribe()


CASES: dict[str, Case] = {
    "flat-rate plan": Case(
        _in_plan,
        {"pricing plan": FAILED},
        "FREE",
        by_hand=lambda bed: bed.aws.control.subscribe(),
        plays=("flat-rate-plan",),
    ),
    "alias stolen by another distribution": Case(
        _stolen,
        {
            "alternate domain names": FAILED,
            "conflicting aliases": FAILED,
            "TLS": FAILED,
            "answers": UNKNOWN,
            "plain HTTP": FAILED,
        },
        WWW,
        advice=REPAIR,
        by_hand=_remove_elsewhere,
        plays=(
            "alias-elsewhere",
            "alias-missing",
            "plain-http-wrong",
        ),
    ),
    "more specific alias elsewhere": Case(
        lambda bed: _another_distribution(bed, "blog.example.org"),
        {"conflicting aliases": FAILED},
        "blog",
        by_hand=_remove_elsewhere,
    ),
    "distribution disabled": Case(
        changed(lambda config: config.update(Enabled=False)),
        {"distribution": FAILED, **NO_PAGE, "plain HTTP": FAILED},
        "is disabled",
        advice=REPAIR,
        plays=("distribution-disabled",),
    ),
    "distribution not Deployed": Case(
        under_way,
        {"distribution": FAILED},
        "InProgress",
        by_hand=lambda bed: bed.aws.control.set_distribution_status(id=distribution(bed)["Id"], status="Deployed"),
        plays=("distribution-in-progress",),
    ),
    "alias of no host": Case(
        changed(lambda config: config["Aliases"].update(Quantity=6, Items=[*config["Aliases"]["Items"], NO_HOST])),
        {"alternate domain names": FAILED},
        "but no host of its certificate",
        advice=REPAIR,
        plays=("alias-not-wanted",),
    ),
    "IPv6 missing": Case(
        changed(lambda config: config.update(IsIPV6Enabled=False)),
        {"IPv6": FAILED},
        advice=REPAIR,
        plays=("setting-differs",),
    ),
    "HTTP/2 switched on": Case(
        changed(lambda config: config.update(HttpVersion="http2")),
        {"HTTP version": FAILED},
        advice=REPAIR,
        plays=("http2-agreed",),
    ),
    "default root object": Case(
        changed(lambda config: config.update(DefaultRootObject="index.html")),
        {"default root object": FAILED},
        advice=REPAIR,
    ),
    "plain HTTP redirected": Case(
        changed(lambda config: config["DefaultCacheBehavior"].update(ViewerProtocolPolicy="redirect-to-https")),
        {"viewer protocol policy": FAILED, "plain HTTP": FAILED},
        "redirect-to-https",
        advice=REPAIR,
    ),
    "error responses missing": Case(
        changed(lambda config: config.update(CustomErrorResponses={"Quantity": 0})),
        {"error responses": FAILED},
        "403",
        advice=REPAIR,
        plays=("error-responses-missing",),
    ),
    "response headers policy detached": Case(
        changed(lambda config: config["DefaultCacheBehavior"].update(ResponseHeadersPolicyId="")),
        {"response headers": FAILED},
        "no response headers policy for *",
        advice=REPAIR,
        plays=("headers-policy-missing",),
    ),
    "edge functions detached": Case(
        # Plain HTTP: the policy of response headers marks the page of S3's errors.
        _detached,
        {"edge functions": FAILED, "answers": FAILED},
        "not attached",
        advice=REPAIR,
        plays=(
            "function-detached",
            "page-wrong",
        ),
    ),
    "edge function changed": Case(
        _function_changed, {"edge functions": FAILED}, "other code", advice=REPAIR, plays=("function-changed",)
    ),
    "page object missing": Case(
        lambda bed: _object(bed, "web/en.html", None),
        {"page objects": FAILED, "answers": FAILED},
        "web/en.html",
        advice=REPAIR,
        plays=("objects-missing",),
    ),
    "page object changed": Case(
        lambda bed: _object(bed, "error.html", b"x"),
        {"page objects": FAILED},
        "error.html",
        advice=REPAIR,
        plays=("objects-differ",),
    ),
    "page of planned work that no switch states": Case(
        _falsely_planned,
        {"page objects": FAILED},
        "1 speak of planned work that no switch states: web/en.html",
        advice=REPAIR,
        plays=("objects-planned",),
    ),
    "distribution logs nothing": Case(
        changed(_no_logs), {"access logs": FAILED}, "logs nothing", advice=REPAIR, plays=("logs-missing",)
    ),
    "page's bucket logs nothing": Case(_bucket_logs_nothing, {"access logs": FAILED}, "logs nothing", advice=REPAIR),
    "access logs kept for ever": Case(
        _logs_for_ever,
        {"log retention": FAILED},
        "deletes nothing, not after 30",
        advice=REPAIR,
        plays=("log-retention-differs",),
    ),
    "bucket of the access logs deleted": Case(
        changed(_logs_to_what_is_gone),
        {"log retention": FAILED},
        "does not exist, so logs go nowhere",
        advice=REPAIR,
        plays=("log-bucket-missing",),
    ),
    "access logs that nobody asked for": Case(
        lambda _: nullcontext(),
        {"access logs": FAILED},
        "does not ask for",
        settings=lambda bed: bed.settings.model_copy(update={"access_logs": None}),
    ),
    "S3 denies the distribution": Case(
        _denied,
        {"page access": FAILED, "answers": FAILED, "plain HTTP": FAILED},
        "does not let",
        advice=REPAIR,
        plays=("page-denied",),
    ),
}
