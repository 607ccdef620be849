"""The table of faults: ways to break a deployed stage and put it back, and which checks of `verify` must tell."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from operations.bounds import ALIAS_TTL_SECONDS
from operations.sight import resolve
from operations.windows import Window
from rehearsal.certificates import CertificateAuthority, IssuedCertificate
from rehearsal.servers import Mode
from rehearsal.stage import Stage
from settings import Settings, load
from settings.switch import FOR_ALL
from tests.emulator.support import distribution_config
from tests.rehearsal.looking import PAGE_CHECK_SECONDS, is_healthy, page_check, server_named, wait
from tests.rehearsal.verifying import (
    check_changed,
    check_of,
    configured,
    distribution,
    record_added,
    record_changed,
)

FAILED, UNKNOWN = "failed", "unknown"
WWW, API = "www.example.com", "api.example.org"
NOBODY = "203.0.113.99"
ROUTE53 = {
    "record pairs": UNKNOWN,
    "TTL": UNKNOWN,
    "bypasses": UNKNOWN,
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
        "edge functions",
        "page objects",
        "page access",
        "TLS",
        "answers",
        "plain HTTP",
        "record pairs",
        "switch checks",
        "page checks",
        "pricing plan",
    ),
    UNKNOWN,
)
IAM = {"viewer certificate": UNKNOWN, "orphaned certificates": UNKNOWN, "certificate quota": UNKNOWN}
NO_PAGE = {"TLS": FAILED, "answers": UNKNOWN}


@dataclass
class Case:
    """`fault` breaks the stage and puts it back; `expected` are the checks that must not pass, and no others."""

    fault: Callable[[Stage], AbstractContextManager[Any]]
    expected: dict[str, str]
    told: str = ""
    """What one of the findings says."""
    settings: Callable[[Stage], Settings] | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def _config(change: Callable[[dict[str, Any]], Any]) -> Callable[[Stage], AbstractContextManager[None]]:
    return lambda stage: configured(stage, change)


def _record(
    name: str, kind: str, half: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> Callable[[Stage], AbstractContextManager[None]]:
    return lambda stage: record_changed(stage, name, kind, half, change)


def _added(name: str, kind: str, value: str) -> Callable[[Stage], AbstractContextManager[None]]:
    return lambda stage: record_added(stage, name, kind, value)


@contextmanager
def _simple_instead(stage: Stage) -> Iterator[None]:
    """Beside the halves of a pair Route 53 would refuse it."""
    with (
        record_changed(stage, API, "A", "SECONDARY", _gone),
        record_changed(stage, API, "A", "PRIMARY", _gone),
        record_added(stage, API, "A", str(server_named(stage, "api").ipv4)),
    ):
        yield


def _secondary_with_the_servers_check(stage: Stage) -> AbstractContextManager[None]:
    server = check_of(stage, "server")["Id"]
    return record_changed(stage, WWW, "A", "SECONDARY", lambda one: {**one, "HealthCheckId": server})


def _gone(_: dict[str, Any]) -> None:
    return None


def _check(part: str, **changes: Any) -> Callable[[Stage], AbstractContextManager[None]]:
    return lambda stage: check_changed(stage, part, **changes)


@contextmanager
def _on_page(stage: Stage, *servers: str) -> Iterator[None]:
    """Until the name server leads the servers' hosts to the page; afterwards, until it leads back."""
    _await_dns(stage, servers, page=True)
    yield


def _await_dns(stage: Stage, servers: tuple[str, ...], *, page: bool) -> None:
    def there() -> bool:
        for name in servers:
            server = server_named(stage, name)
            for host in server.hosts:
                answers = resolve(host, stage.name_server())
                if not (answers.are_of_page(server) if page else answers.are_of_server(server)):
                    return False
        return True

    assert wait(stage, ALIAS_TTL_SECONDS, there), (servers, page)


@contextmanager
def _check_on_page(stage: Stage, part: str, **changes: Any) -> Iterator[None]:
    with check_changed(stage, part, **changes), _on_page(stage, "web"):
        yield
    _await_dns(stage, ("web",), page=False)


@contextmanager
def _down(stage: Stage) -> Iterator[None]:
    stage.servers["web"].play(Mode.REFUSES)
    try:
        with _on_page(stage, "web"):
            yield
    finally:
        stage.servers["web"].play(Mode.WELL)
        _await_dns(stage, ("web",), page=False)


@contextmanager
def _switched(stage: Stage, name: str, *servers: str, ends_at: datetime | None = None) -> Iterator[None]:
    stage.switches().put(name, ends_at)
    try:
        with _on_page(stage, *servers):
            yield
    finally:
        stage.switches().remove(name)
        _await_dns(stage, servers, page=False)


@contextmanager
def _overdue_window(stage: Stage) -> Iterator[None]:
    scheduler = stage.aws.client("scheduler")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    name = Window(start, start + timedelta(hours=1), "web").name("off")
    scheduler.create_schedule(
        GroupName=stage.settings.app,
        Name=name,
        State="DISABLED",
        ScheduleExpression="at(2026-01-01T01:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:scheduler:::aws-sdk:s3:deleteObject", "RoleArn": "arn:aws:iam::000000000000:role/x"},
    )
    try:
        yield
    finally:
        scheduler.delete_schedule(GroupName=stage.settings.app, Name=name)


@contextmanager
def _uploaded(stage: Stage, issued: IssuedCertificate, *names: str, path: str = "") -> Iterator[list[str]]:
    """More certificates in IAM; answers their ids."""
    iam = stage.aws.client("iam")
    more = {"CertificateChain": issued.chain_pem} if issued.chain_pem else {}
    identifiers = [
        iam.upload_server_certificate(
            ServerCertificateName=name,
            Path=path or f"/cloudfront/{stage.settings.app}/",
            CertificateBody=issued.body_pem,
            PrivateKey=issued.private_key_pem,
            **more,
        )["ServerCertificateMetadata"]["ServerCertificateId"]
        for name in names
    ]
    try:
        yield identifiers
    finally:
        for name in names:
            iam.delete_server_certificate(ServerCertificateName=name)


def _use(identifier: str) -> Callable[[dict[str, Any]], None]:
    return lambda config: config["ViewerCertificate"].update(IAMCertificateId=identifier)


@contextmanager
def _attached(stage: Stage, issued: IssuedCertificate) -> Iterator[None]:
    with _uploaded(stage, issued, "by-hand") as (identifier,), configured(stage, _use(identifier)):
        yield


def _foreign(stage: Stage) -> AbstractContextManager[None]:
    return _attached(stage, CertificateAuthority().issue(stage.settings.certificate.public.names, days=90))


def _other(stage: Stage) -> AbstractContextManager[None]:
    return _attached(stage, stage.authority.issue(stage.settings.certificate.public.names, days=90))


@contextmanager
def _short(stage: Stage) -> Iterator[None]:
    """A certificate that ends soon, declared and in use."""
    issued = stage.authority.issue(stage.settings.certificate.public.names, days=5, age_days=85)
    issued.write_public_half(_renewed(stage).parent / "certificates" / stage.settings.certificate.name)
    with _attached(stage, issued):
        yield


def _renewed(stage: Stage) -> Path:
    folder = stage.settings_path.parent / "renewed"
    folder.mkdir(exist_ok=True)
    shutil.copy(stage.settings_path, folder)
    return folder / stage.settings_path.name


@contextmanager
def _without_chain(stage: Stage) -> Iterator[None]:
    secret = stage.aws.client("secretsmanager").get_secret_value(SecretId=stage.settings.certificate.private_key_secret)
    with _attached(stage, IssuedCertificate(stage.settings.certificate.public.body_pem, "", secret["SecretString"])):
        yield


@contextmanager
def _another_distribution(stage: Stage, *aliases: str) -> Iterator[None]:
    cloudfront = stage.aws.client("cloudfront")
    config = distribution_config(bucket="elsewhere")
    config["Aliases"] = {"Quantity": len(aliases), "Items": list(aliases)}
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    try:
        yield
    finally:
        answer = cloudfront.get_distribution(Id=made)
        config = answer["Distribution"]["DistributionConfig"]
        config["Enabled"] = False
        cloudfront.update_distribution(Id=made, IfMatch=answer["ETag"], DistributionConfig=config)
        cloudfront.delete_distribution(Id=made, IfMatch=cloudfront.get_distribution(Id=made)["ETag"])


@contextmanager
def _stolen(stage: Stage) -> Iterator[None]:
    def give_away(config: dict[str, Any]) -> None:
        left = [name for name in config["Aliases"]["Items"] if name != WWW]
        config["Aliases"] = {"Quantity": len(left), "Items": left}

    with configured(stage, give_away), _another_distribution(stage, WWW):
        yield


def _bucket(stage: Stage) -> str:
    origins = distribution(stage)["DistributionConfig"]["Origins"]["Items"]
    (name,) = (one["DomainName"] for one in origins if one["Id"] == "site")
    return str(name).partition(".s3.")[0]


@contextmanager
def _object(stage: Stage, key: str, body: bytes | None) -> Iterator[None]:
    """An object otherwise, or gone."""
    s3, bucket = stage.aws.client("s3"), _bucket(stage)
    before = s3.get_object(Bucket=bucket, Key=key)
    content = before["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)
    if body is not None:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    try:
        yield
    finally:
        headers = {name: before[name] for name in ("ContentType", "CacheControl") if name in before}
        s3.put_object(Bucket=bucket, Key=key, Body=content, **headers)


@contextmanager
def _denied(stage: Stage) -> Iterator[None]:
    s3, bucket = stage.aws.client("s3"), _bucket(stage)
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@contextmanager
def _function_changed(stage: Stage) -> Iterator[None]:
    cloudfront, name = stage.aws.client("cloudfront"), f"{stage.settings.app}-viewer-request"
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
def _detached(stage: Stage) -> Iterator[None]:
    with configured(stage, lambda config: config["DefaultCacheBehavior"].update(FunctionAssociations={"Quantity": 0})):
        yield


@contextmanager
def under_way(stage: Stage) -> Iterator[None]:
    identifier = distribution(stage)["Id"]
    stage.aws.control.set_distribution_status(id=identifier, status="InProgress")
    try:
        yield
    finally:
        stage.aws.control.set_distribution_status(id=identifier, status="Deployed")


@contextmanager
def _planned(stage: Stage, operation: str, kind: str) -> Iterator[None]:
    stage.aws.control.plan_fault(operation=operation, kind=kind, times=1_000)
    try:
        yield
    finally:
        stage.aws.control.clear_faults()


@contextmanager
def stopped(stage: Stage, *services: str) -> Iterator[None]:
    stage.aws.control.stop_services(*services)
    try:
        yield
    finally:
        stage.aws.control.start_services()


@contextmanager
def _control_planes_stopped(stage: Stage) -> Iterator[None]:
    stage.aws.control.stop_control_planes()
    try:
        yield
    finally:
        stage.aws.control.start_services()


@contextmanager
def _edge_cut(stage: Stage) -> Iterator[None]:
    page = page_check(stage)
    stage.aws.control.cut_edge()
    try:
        assert wait(stage, PAGE_CHECK_SECONDS, lambda: not is_healthy(stage, page))
        yield
    finally:
        stage.aws.control.mend_edge()
        stage.wait_for_health_checks()


@contextmanager
def _lied(stage: Stage, name: str, kind: str, *values: str) -> Iterator[None]:
    stage.aws.control.lie(name=name, type=kind, values=values)
    try:
        yield
    finally:
        stage.aws.control.tell_the_truth()


@contextmanager
def _in_plan(stage: Stage) -> Iterator[None]:
    stage.aws.control.subscribe(distribution(stage)["ARN"])
    try:
        yield
    finally:
        stage.aws.control.subscribe()


@contextmanager
def _few_health_checks(stage: Stage) -> Iterator[None]:
    stage.aws.control.set_quota("health checks", 8)
    try:
        yield
    finally:
        stage.aws.control.set_quota("health checks", 200)


def _issued(stage: Stage) -> IssuedCertificate:
    return stage.authority.issue(("elsewhere.example",), days=90)


CASES = {
    "foreign certificate attached": Case(_foreign, {"viewer certificate": FAILED, **NO_PAGE}, "by-hand"),
    "another certificate of the same CA attached": Case(
        _other, {"viewer certificate": FAILED, "TLS": FAILED}, "not the declared"
    ),
    "certificate attached that IAM does not have": Case(
        _config(_use("ASCAGONE")), {"viewer certificate": FAILED, **NO_PAGE}, "ASCAGONE"
    ),
    "chain incomplete": Case(_without_chain, NO_PAGE),
    "certificate expiring": Case(
        _short,
        {"certificate lifetime": FAILED, "orphaned certificates": FAILED},
        "expires in",
        settings=lambda stage: load(_renewed(stage)),
    ),
    "orphaned server certificate": Case(
        lambda stage: _uploaded(stage, _issued(stage), "left-over"), {"orphaned certificates": FAILED}, "left-over"
    ),
    "certificate quota nearly used": Case(
        lambda stage: _uploaded(stage, _issued(stage), *(f"other-{number}" for number in range(16)), path="/other/"),
        {"certificate quota": FAILED},
        "of 20",
    ),
    "health check quota nearly used": Case(_few_health_checks, {"health check quota": FAILED}, "of 8"),
    "flat-rate plan": Case(_in_plan, {"pricing plan": FAILED}, "FREE"),
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
    ),
    "more specific alias elsewhere": Case(
        lambda stage: _another_distribution(stage, "blog.example.org"), {"conflicting aliases": FAILED}, "blog"
    ),
    "distribution disabled": Case(
        _config(lambda config: config.update(Enabled=False)),
        {"distribution": FAILED, **NO_PAGE, "plain HTTP": FAILED},
        "is disabled",
    ),
    "distribution not Deployed": Case(under_way, {"distribution": FAILED}, "InProgress"),
    "IPv6 missing": Case(_config(lambda config: config.update(IsIPV6Enabled=False)), {"IPv6": FAILED}),
    "HTTP/2 switched on": Case(_config(lambda config: config.update(HttpVersion="http2")), {"HTTP version": FAILED}),
    "default root object": Case(
        _config(lambda config: config.update(DefaultRootObject="index.html")), {"default root object": FAILED}
    ),
    "plain HTTP redirected": Case(
        _config(lambda config: config["DefaultCacheBehavior"].update(ViewerProtocolPolicy="redirect-to-https")),
        {"viewer protocol policy": FAILED, "plain HTTP": FAILED},
        "redirect-to-https",
    ),
    "error responses missing": Case(
        _config(lambda config: config.update(CustomErrorResponses={"Quantity": 0})), {"error responses": FAILED}, "403"
    ),
    "edge functions detached": Case(
        _detached, {"edge functions": FAILED, "answers": FAILED, "plain HTTP": FAILED}, "not attached"
    ),
    "edge function changed": Case(_function_changed, {"edge functions": FAILED}, "other code"),
    "page object missing": Case(
        lambda stage: _object(stage, "web/en.html", None), {"page objects": FAILED, "answers": FAILED}, "web/en.html"
    ),
    "page object changed": Case(
        lambda stage: _object(stage, "error.html", b"x"), {"page objects": FAILED}, "error.html"
    ),
    "S3 denies the distribution": Case(
        _denied, {"page access": FAILED, "answers": FAILED, "plain HTTP": FAILED}, "does not let"
    ),
    "primary half missing": Case(
        _record(API, "A", "PRIMARY", _gone),
        {"record pairs": FAILED, "TTL": UNKNOWN, "on stage": FAILED},
        "the primary half is missing",
    ),
    "secondary half missing": Case(
        _record(WWW, "A", "SECONDARY", _gone), {"record pairs": FAILED}, "A: the secondary half is missing"
    ),
    "AAAA secondary half missing": Case(
        _record(WWW, "AAAA", "SECONDARY", _gone), {"record pairs": FAILED}, "AAAA: the secondary half is missing"
    ),
    "primary leads elsewhere": Case(
        _record(WWW, "A", "PRIMARY", lambda one: {**one, "ResourceRecords": [{"Value": NOBODY}]}),
        {"record pairs": FAILED, "name servers": FAILED, "on stage": UNKNOWN, "resolver": FAILED},
        NOBODY,
    ),
    "secondary leads elsewhere": Case(
        _record(
            WWW,
            "A",
            "SECONDARY",
            lambda one: {**one, "AliasTarget": {**one["AliasTarget"], "DNSName": "delsewhere.cloudfront.net"}},
        ),
        {"record pairs": FAILED},
        "delsewhere",
    ),
    "TTL drift": Case(_record(WWW, "A", "PRIMARY", lambda one: {**one, "TTL": 3600}), {"TTL": FAILED}, "3600 s"),
    "simple record in place of the pair": Case(
        _simple_instead, {"record pairs": FAILED, "TTL": UNKNOWN, "bypasses": FAILED}, "type A beside or in place"
    ),
    "AAAA record where the server has no IPv6": Case(
        _added(API, "AAAA", "2001:db8::99"),
        {"bypasses": FAILED, "name servers": FAILED, "on stage": UNKNOWN, "resolver": FAILED},
        "type AAAA",
    ),
    "HTTPS record": Case(
        _added(WWW, "HTTPS", "1 . alpn=h2"), {"bypasses": FAILED, "name servers": FAILED}, "type HTTPS"
    ),
    "zone delegated to somebody else": Case(
        lambda stage: _lied(stage, "example.com", "NS", "ns.elsewhere.example."), {"delegation": FAILED}, "registrar"
    ),
    "resolver lying": Case(lambda stage: _lied(stage, WWW, "A", NOBODY), {"resolver": FAILED}, NOBODY),
    "resolver knowing nothing": Case(lambda stage: _lied(stage, WWW, "A"), {"resolver": FAILED}, "no IPv4 address"),
    "health check deleted": Case(
        _record(API, "A", "PRIMARY", lambda one: {**one, "HealthCheckId": "gone"}),
        {"calculated checks": FAILED},
        "does not exist",
    ),
    "secondary half without a health check": Case(
        _record(
            WWW, "A", "SECONDARY", lambda one: {key: value for key, value in one.items() if key != "HealthCheckId"}
        ),
        {"page checks": FAILED},
        "www.example.com A has no health check",
    ),
    "secondary half with the health check of the server": Case(
        _secondary_with_the_servers_check, {"page checks": FAILED}, "Type is HTTPS instead of TCP"
    ),
    "child of the calculated check deleted": Case(
        lambda stage: check_changed(
            stage,
            "calculated",
            ChildHealthChecks=["gone", check_of(stage, "web")["Id"], check_of(stage, FOR_ALL)["Id"]],
        ),
        {"server checks": FAILED},
        "deleted",
    ),
    "calculated check without a switch": Case(
        lambda stage: check_changed(
            stage,
            "calculated",
            HealthThreshold=2,
            ChildHealthChecks=[check_of(stage, "server")["Id"], check_of(stage, "web")["Id"]],
        ),
        {"calculated checks": FAILED},
        "does not watch",
    ),
    "calculated check healthy too soon": Case(
        _check("calculated", HealthThreshold=1), {"calculated checks": FAILED}, "healthy with 1 of 3"
    ),
    "check disabled by hand": Case(_check("server", Disabled=True), {"server checks": FAILED}, "Disabled is true"),
    "check from three regions alone": Case(
        lambda stage: check_changed(stage, "server", Regions=["eu-west-1", "us-east-1", "us-west-1"]),
        {"server checks": FAILED},
        "Regions is",
    ),
    "check inverted": Case(
        lambda stage: _check_on_page(stage, "server", Inverted=True),
        {"server checks": FAILED, "on stage": FAILED},
        "Inverted is true",
    ),
    "threshold changed": Case(_check("server", FailureThreshold=2), {"server checks": FAILED}, "FailureThreshold is 2"),
    "switch check not inverted": Case(
        lambda stage: _check_on_page(stage, "web", Inverted=False),
        {"switch checks": FAILED, "on stage": FAILED},
        "Inverted is false",
    ),
    "switch check asks for another path": Case(
        _check("web", ResourcePath="/.understudy/switch/wbe"), {"calculated checks": FAILED}, "the switch of wbe"
    ),
    "server down": Case(_down, {"server verdicts": FAILED, "on stage": FAILED}, "is down"),
    "switch left on": Case(
        lambda stage: _switched(stage, "web", "web"),
        {"switches": FAILED, "switch verdicts": FAILED, "on stage": FAILED},
        "maintenance off web",
    ),
    "switch for all left on after its end": Case(
        lambda stage: _switched(stage, FOR_ALL, "web", "api", ends_at=datetime(2026, 1, 1, tzinfo=UTC)),
        {"switches": FAILED, "switch verdicts": FAILED, "on stage": FAILED},
        "which is over",
    ),
    "window overdue": Case(_overdue_window, {"windows": FAILED}, "has not run"),
    "clock skew": Case(
        lambda _: nullcontext(), {"clock": FAILED}, "ahead", now=lambda: datetime.now(UTC) + timedelta(minutes=10)
    ),
    "Route 53 throttled": Case(
        lambda stage: _planned(stage, "GET /2013-04-01/hostedzone", "throttled"), ROUTE53, "Throttling"
    ),
    "IAM denied": Case(lambda stage: _planned(stage, "ListServerCertificates", "access-denied"), IAM, "AccessDenied"),
    "Route 53 down": Case(lambda stage: stopped(stage, "route53"), {**ROUTE53, "health check quota": UNKNOWN}),
    "CloudFront's API down": Case(lambda stage: stopped(stage, "cloudfront"), CLOUDFRONT),
    "IAM down": Case(lambda stage: stopped(stage, "iam"), IAM),
    "CloudFormation down": Case(lambda stage: stopped(stage, "cloudformation"), {"stacks": UNKNOWN}),
    "Scheduler down": Case(lambda stage: stopped(stage, "scheduler"), {"windows": UNKNOWN}),
    "STS down": Case(lambda stage: stopped(stage, "sts"), {"clock": UNKNOWN, "switches": UNKNOWN, "windows": UNKNOWN}),
    "S3 down": Case(
        lambda stage: stopped(stage, "s3"),
        {
            "page objects": UNKNOWN,
            "page access": UNKNOWN,
            "switches": UNKNOWN,
            "answers": FAILED,
            "plain HTTP": FAILED,
        },
    ),
    "edge cut off": Case(
        _edge_cut,
        {"TLS": UNKNOWN, "answers": FAILED, "plain HTTP": FAILED, "page verdicts": FAILED},
        "cannot be reached",
    ),
    "every control plane down": Case(
        _control_planes_stopped,
        {**CLOUDFRONT, **ROUTE53, **IAM, "stacks": UNKNOWN, "windows": UNKNOWN, "health check quota": UNKNOWN},
    ),
}
