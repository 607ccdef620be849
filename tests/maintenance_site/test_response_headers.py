"""Headers that CloudFront puts on answers by itself: right whether they or a function's have the last word."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.maintenance_site.clients import BROWSER, CLIENTS, Client
from tests.maintenance_site.deployment import Answer, Deployment
from understudy_failover.operations.switch import Switches
from understudy_failover.page import ERROR_KEY, response_headers
from understudy_failover.rehearsal.bed import ACCOUNT

SCRIPT = b"<!doctype html><script>alert(document.domain)</script>"
SANDBOX = "default-src 'none'; sandbox"


@pytest.fixture(params=[False, True], ids=["function wins", "policy wins"])
def either(deployed: Deployment, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """The deployment, as CloudFront may decide either way."""
    control = deployed.bed.aws.control
    control.let_headers_policies_win(request.param)
    yield deployed
    control.let_headers_policies_win(False)


def _complaints(deployed: Deployment, answer: Answer) -> dict[str, tuple[str | None, str]]:
    """What every answer of the page must say, where it does not."""
    ours = response_headers(deployed.settings)
    wanted = {name: ours[name] for name in ("x-maintenance", "cache-control", "content-security-policy")}
    wanted |= {"retry-after": "120", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    return {
        name: (answer.headers.get(name), value) for name, value in wanted.items() if answer.headers.get(name) != value
    }


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.who)
def test_every_client_gets_the_right_headers_either_way(either: Deployment, client: Client) -> None:
    answer = either.ask("www.example.com", client.method, client.path, client.sends)
    assert answer.status == client.status
    assert _complaints(either, answer) == {}


def test_the_page_that_s3_s_errors_are_answered_with_says_when_to_come_back(either: Deployment) -> None:
    s3 = either.bed.aws.client("s3")
    page = s3.get_object(Bucket=either.bucket, Key="web/en.html")
    body = page["Body"].read()
    s3.delete_object(Bucket=either.bucket, Key="web/en.html")
    try:
        answer = either.ask(headers={"Accept": BROWSER})
    finally:
        s3.put_object(Bucket=either.bucket, Key="web/en.html", Body=body, ContentType="text/html; charset=utf-8")
    expected = s3.get_object(Bucket=either.bucket, Key=ERROR_KEY)["Body"].read()
    assert (answer.status, answer.body) == (503, expected)
    assert _complaints(either, answer) == {}


@pytest.mark.parametrize("event", ["viewer-request", "viewer-response"])
def test_a_function_that_the_engine_cannot_run_still_says_when_to_come_back(either: Deployment, event: str) -> None:
    cloudfront, name = either.bed.aws.client("cloudfront"), f"{either.settings.app}-{event}"
    code = cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()

    def publish(code: bytes) -> None:
        described = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
        config = described["FunctionSummary"]["FunctionConfig"]
        cloudfront.update_function(Name=name, IfMatch=described["ETag"], FunctionConfig=config, FunctionCode=code)
        etag = cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
        cloudfront.publish_function(Name=name, IfMatch=etag)

    publish(b"function handler(event) { return event.nothing.here; }")
    try:
        answer = either.ask(headers={"Accept": BROWSER})
    finally:
        publish(code)
    assert answer.status == 503
    assert _complaints(either, answer) == {}


DOWNLOAD = {"ContentType": "application/octet-stream", "ContentDisposition": 'attachment; filename="setup.exe"'}


@contextmanager
def _object(deployed: Deployment, name: str, **headers: str) -> Iterator[None]:
    s3 = deployed.bed.aws.client("s3")
    switches = Switches(s3, deployed.settings.app, ACCOUNT)
    where = {"Bucket": switches.bucket, "Key": f".understudy/switch/{name}"}
    s3.put_object(**where, Body=SCRIPT, **(headers or {"ContentType": "text/html"}))
    try:
        yield
    finally:
        s3.delete_object(**where)


@pytest.mark.parametrize("name", ["web", "api", "_all"])
def test_no_browser_runs_what_a_switch_object_holds(either: Deployment, name: str) -> None:
    with _object(either, name):
        answer = either.ask(path=f"/.understudy/switch/{name}")
    assert (answer.status, answer.body) == (200, SCRIPT), "the checkers must see it"
    assert answer.headers["content-security-policy"] == SANDBOX
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_no_browser_saves_what_a_switch_object_holds(either: Deployment) -> None:
    with _object(either, "web", **DOWNLOAD):
        answer = either.ask(path="/.understudy/switch/web")
    assert answer.status == 200
    assert answer.headers["content-disposition"] == "inline"


@pytest.mark.parametrize("key", ["web/en.html", ERROR_KEY])
def test_no_browser_saves_a_page(either: Deployment, key: str) -> None:
    s3 = either.bed.aws.client("s3")
    error = s3.get_object(Bucket=either.bucket, Key=ERROR_KEY)["Body"].read()
    page = s3.get_object(Bucket=either.bucket, Key="web/en.html")["Body"].read()
    s3.put_object(Bucket=either.bucket, Key=key, Body=SCRIPT, **DOWNLOAD)
    if key == ERROR_KEY:
        s3.delete_object(Bucket=either.bucket, Key="web/en.html")
    try:
        answer = either.ask(headers={"Accept": BROWSER})
    finally:
        kind = {"Bucket": either.bucket, "ContentType": "text/html; charset=utf-8"}
        s3.put_object(**kind, Key=ERROR_KEY, Body=error)
        s3.put_object(**kind, Key="web/en.html", Body=page)
    assert (answer.status, answer.body) == (503, SCRIPT)
    assert answer.headers.get("content-disposition", "inline") == "inline"


@pytest.mark.parametrize("name", ["evil.html", "web/", "web/index.html", "webs", "", "WEB"])
def test_an_object_that_is_no_switch_goes_out_to_nobody(either: Deployment, name: str) -> None:
    with _object(either, name):
        answer = either.ask(path=f"/.understudy/switch/{name}")
    assert answer.status == 503
    assert SCRIPT not in answer.body


def test_no_script_of_whoever_writes_pages_runs_either(either: Deployment) -> None:
    s3 = either.bed.aws.client("s3")
    page = s3.get_object(Bucket=either.bucket, Key="web/en.html")["Body"].read()
    where = {"Bucket": either.bucket, "Key": "web/en.html", "ContentType": "text/html; charset=utf-8"}
    s3.put_object(**where, Body=SCRIPT)
    try:
        answer = either.ask(headers={"Accept": BROWSER})
    finally:
        s3.put_object(**where, Body=page)
    assert (answer.status, answer.body) == (503, SCRIPT)
    assert _complaints(either, answer) == {}, "its policy allows scripts by digest, and this is none of them"
